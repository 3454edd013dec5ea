// SPDX-License-Identifier: MIT
#include "hooks/runner/take_results.hpp"

#include "hooks/runner/chosen_channels.hpp"
#include "hooks/runner/pulse.hpp"
#include "hooks/runner/results.hpp"
#include "hooks/runner/text.hpp"

#include <algorithm>
#include <array>

namespace asiowire::hooks {

namespace {

constexpr std::size_t most_bytes = std::size_t{16} << 20;    // of what waits for its place
constexpr std::uint64_t second_ns = 1'000'000'000;
constexpr std::uint64_t news_may_take_ns = 2 * second_ns;    // from a recorder to us
constexpr std::uint64_t hooks_may_lag_ns = 2 * second_ns;    // behind the end of a take

} // namespace

TakeResults::~TakeResults()
{
    end_stream("the hook was removed, or its runner ended");
}

void TakeResults::hear(const Message& message)
{
    if (!news_) return;
    Entry entry;
    entry.position = message.position;
    if (message.said == Said::event) {
        constexpr std::array levels = {"info", "warning", "error"};
        entry.kind = "event";
        entry.name = levels[static_cast<std::size_t>(std::clamp(message.level, 0, 2))];
        entry.text = message.text;
    } else {
        entry.kind = "result";
        entry.name = message.name;
        entry.is_array = message.said == Said::array;
        entry.value = message.value;
        entry.values.assign(message.values.begin(), message.values.end());
    }
    keep(std::move(entry));
}

void TakeResults::hear(const std::string& kind, const std::string& text)
{
    if (!news_) return;
    Entry entry;
    entry.position = std::max(latest_, news_->decided);
    entry.kind = kind;
    entry.text = text;
    keep(std::move(entry));
}

void TakeResults::keep(Entry entry)
{
    latest_ = entry.position;
    entry.heard_ns = now_ns();
    bytes_ += entry.bytes();
    entries_.push_back(std::move(entry));
    while (bytes_ > most_bytes) {
        drop_front();
        missed_++;
    }
}

void TakeResults::drop_front()
{
    bytes_ -= entries_.front().bytes();
    entries_.pop_front();
}

void TakeResults::turn(const Feed* feed, bool silent)
{
    const bool same = feed != nullptr && feed->number == stream_;
    if (!same && news_) {
        open_pages(); // with what the recorder said last
        place_entries();
        if (gone_ns_ == 0) gone_ns_ = now_ns();
        if (feed == nullptr && !silent && now_ns() - gone_ns_ < hooks_may_lag_ns) return;
        end_stream("its recorder ended without a word");
    }
    if (feed == nullptr) return;
    stream_ = feed->number;
    const bool first_look = !news_;
    news_ = feed->takes;
    if (!news_) return;
    if (first_look)
        for (const auto& [number, take] : news_->takes) // before our time
            if (take.end != FedTake::open) closed_ = number;
    open_pages();
    place_entries();
    close_pages();
}

void TakeResults::open_pages()
{
    for (const auto& [number, take] : news_->takes) {
        if (number <= closed_ || take.folder.empty()) continue;
        Page& page = pages_[number];
        if (page.file == 0) page.file = scribe_.open(take.folder, spec_.name, first_line(take));
        page.take = take;
    }
}

/// Each entry goes to its take, or waits for one, or is forgotten when none can come any more.
void TakeResults::place_entries()
{
    const std::uint64_t kept_ns = news_->preroll_s * second_ns + news_may_take_ns;
    while (!entries_.empty()) {
        const Entry& entry = entries_.front();
        bool waits = now_ns() - entry.heard_ns < kept_ns;
        for (auto& [number, page] : pages_) {
            const FedTake& take = page.take;
            if (entry.position >= take.end) {
                page.passed = true;
                continue;
            }
            const auto frame = take.frame_at(entry.position);
            const bool is_open = take.end == FedTake::open;
            if (frame && is_open && entry.position >= news_->decided) return;
            waits = false;
            if (frame) write(number, entry, *frame);
            break;
        }
        if (waits) return;
        drop_front();
    }
}

void TakeResults::write(std::uint64_t number, const Entry& entry, std::uint64_t frame)
{
    Page& page = pages_.at(number);
    if (missed_ > 0 &&
        scribe_.write(page.file, JsonObject()
                                     .text("kind", "missed")
                                     .count("frame", frame)
                                     .count("lines", missed_)
                                     .done())) {
        page.missed += missed_;
        missed_ = 0;
    }
    if (scribe_.write(page.file, entry.line(frame)))
        page.results += entry.kind == "result" || entry.kind == "event";
    else
        missed_++;
}

/// A take that is over is closed when the hook has heard to its end.
void TakeResults::close_pages()
{
    for (auto page = pages_.begin(); page != pages_.end();) {
        const std::uint64_t number = page->first;
        Page& one = page->second;
        const bool over = one.take.end != FedTake::open;
        if (over && one.over_ns == 0) one.over_ns = now_ns();
        page++;
        if (over && (one.passed || now_ns() - one.over_ns > hooks_may_lag_ns)) close(number, "");
    }
}

void TakeResults::close(std::uint64_t number, const std::string& why)
{
    const Page& page = pages_.at(number);
    const FedTake& take = page.take;
    JsonObject line;
    line.text("kind", "end");
    if (take.end != FedTake::open)
        line.count("frames", take.frame_at(take.end).value_or(0));
    line.count("lines", page.results).count("missed", page.missed + missed_);
    if (!why.empty()) line.text("why", why);
    missed_ = 0;
    scribe_.close(page.file, line.done());
    closed_ = number;
    pages_.erase(number);
}

void TakeResults::end_stream(const std::string& why)
{
    while (!pages_.empty()) {
        const std::uint64_t number = pages_.begin()->first;
        close(number, pages_.at(number).take.end == FedTake::open ? why : "");
    }
    entries_.clear();
    bytes_ = 0;
    latest_ = 0;
    closed_ = 0;
    gone_ns_ = 0;
    missed_ = 0;
    news_.reset();
}

std::string TakeResults::first_line(const FedTake& take) const
{
    std::string channels;
    if (const auto chosen = chosen_channels(spec_.channels, news_->channels))
        for (const std::size_t channel : *chosen)
            channels += (channels.empty() ? "" : ", ") + JsonObject()
                                                             .text("name", news_->channels[channel])
                                                             .count("track", channel + 1)
                                                             .done();
    JsonObject settings;
    for (const GivenSetting& setting : spec_.settings) settings.text(setting.key, setting.value);
    return JsonObject()
        .text("kind", "begin")
        .count("version", 1)
        .text("hook", spec_.name)
        .text("file", spec_.file)
        .raw("settings", settings.done())
        .raw("channels", "[" + channels + "]")
        .count("rate", take.rate)
        .count("position", take.places.empty() ? 0 : take.places.begin()->first)
        .done();
}

std::size_t TakeResults::Entry::bytes() const
{
    return sizeof *this + text.size() + values.size() * sizeof(float);
}

std::string TakeResults::Entry::line(std::uint64_t frame) const
{
    JsonObject line;
    line.text("kind", kind).count("frame", frame);
    if (kind == "event") return line.text("level", name).text("text", text).done();
    if (kind != "result") return line.text("text", text).done();
    Message message;
    message.said = is_array ? Said::array : Said::number;
    message.value = value;
    message.values = values;
    return line.text("name", name).raw("value", Results::json_value(message)).done();
}

} // namespace asiowire::hooks
