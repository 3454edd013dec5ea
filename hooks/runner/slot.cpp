// SPDX-License-Identifier: MIT
#include "hooks/runner/slot.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace asiowire::hooks {

namespace {

/// A driver that is there is found within this time; without one a hook cannot be looked at.
constexpr std::uint64_t longest_search_ns = 1'500'000'000;

} // namespace

Slot::Slot(HookSpec spec, Workshop workshop, LogBook& book)
    : spec_(std::move(spec)), workshop_(std::move(workshop)), book_(book), files_({spec_.file})
{
    ears_.result = [this](const Message& message) { take(message); };
    ears_.line = [this](const std::string& line) { book_.write(spec_.name, "printed", line); };
    if (spec_.compiled)
        begin_compiling();
    else
        object_ = spec_.file;
}

void Slot::turn(const Feed* feed)
{
    look_at_files();
    finish_compiling();
    turn_next(feed);
    turn_current(feed);
    turn_leaving();
    if (along_) along_->turn(feed, !current_ && leaving_.empty());
}

void Slot::retire()
{
    if (next_) dismiss(next_);
    if (current_) dismiss(current_);
}

bool Slot::has_gone()
{
    turn_leaving();
    finish_compiling();
    return leaving_.empty() && !compiling_.valid();
}

void Slot::wait_for(std::vector<pollfd>& polls) const
{
    if (current_) current_->wait_for(polls);
    if (next_) next_->wait_for(polls);
    for (const auto& life : leaving_) life->wait_for(polls);
}

void Slot::look_at_files()
{
    constexpr std::uint64_t pause = 250'000'000; // ns
    if (now_ns() - files_seen_ns_ < pause || compiling_.valid()) return;
    files_seen_ns_ = now_ns();
    if (!files_.has_changed()) return;
    if (spec_.compiled)
        begin_compiling();
    else
        take_object(spec_.file);
}

void Slot::begin_compiling()
{
    compiling_ = std::async(std::launch::async, compile_hook, spec_.file, workshop_);
}

void Slot::finish_compiling()
{
    if (!compiling_.valid() ||
        compiling_.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
        return;
    auto compiled = compiling_.get();
    if (!compiled) {
        message_ = compiled.error();
        book_.write(spec_.name, "compiler",
                    (object_.empty() ? "" : "the old version goes on: ") + message_);
        return;
    }
    message_ = compiled->remarks;
    files_ = FileWatch(std::move(compiled->sources));
    if (compiled->object != object_) take_object(std::move(compiled->object));
}

/// A version that runs goes on until the next one has begun; in place of one that does not, the next
/// is simply started.
void Slot::take_object(std::string object)
{
    if (next_) dismiss(next_);
    if (current_ && current_->has_begun()) {
        next_object_ = std::move(object);
        return;
    }
    if (current_) dismiss(current_);
    object_ = std::move(object);
    backoff_.forgive();
}

void Slot::turn_next(const Feed* feed)
{
    if (next_object_.empty()) return;
    if (!current_ || feed == nullptr || current_->feed() != feed->number) {
        if (next_) dismiss(next_);
        object_ = std::exchange(next_object_, {}); // nobody to take over from
        backoff_.forgive();
        return;
    }
    std::string failure;
    if (!next_) {
        auto life = HookLife::begin(spec_, next_object_, *feed, output_);
        if (life)
            next_ = std::move(*life);
        else
            failure = life.error();
    } else {
        next_->turn(ears_);
        if (next_->has_ended()) failure = next_->failure();
    }
    if (next_ && next_->has_begun() && failure.empty()) {
        dismiss(current_);
        current_ = std::move(next_);
        object_ = std::exchange(next_object_, {});
        backoff_.forgive();
        backoff_.began(now_ns());
        book_.write(spec_.name, "exchanged", "the new version runs");
        if (along_) along_->hear("exchanged", "the new version runs");
    } else if (!failure.empty()) {
        next_.reset();
        next_object_.clear();
        message_ = "the new version does not run, the old one goes on: " + failure;
        book_.write(spec_.name, "refused", message_);
    }
}

void Slot::turn_current(const Feed* feed)
{
    if (current_) {
        current_->turn(ears_);
        ever_loaded_ |= current_->has_loaded();
        if (current_->has_ended()) {
            const std::string why = current_->failure();
            if (current_->is_over()) heard_ = current_->feed();
            current_.reset();
            if (!why.empty()) fault(why);
        } else if (feed == nullptr || feed->number != current_->feed()) {
            dismiss(current_);
        }
    }
    if (current_ || feed == nullptr || feed->number == heard_ || object_.empty() ||
        backoff_.left(now_ns()) > 0)
        return;
    auto life = HookLife::begin(spec_, object_, *feed, output_);
    if (life)
        current_ = std::move(*life);
    else
        fault(life.error());
    backoff_.began(now_ns());
}

void Slot::turn_leaving()
{
    for (const auto& life : leaving_) life->turn(ears_);
    std::erase_if(leaving_, [](const auto& life) { return life->has_ended(); });
}

void Slot::dismiss(std::unique_ptr<HookLife>& life)
{
    life->dismiss();
    leaving_.push_back(std::move(life));
}

void Slot::take(const Message& message)
{
    if (along_) along_->hear(message);
    if (message.said == Said::event) {
        constexpr std::array levels = {"info", "warning", "error"};
        const auto level = static_cast<std::size_t>(std::clamp(message.level, 0, 2));
        book_.write(spec_.name, "event", message.text,
                    JsonObject().text("level", levels[level]).count("position", message.position));
    } else if (results_.take(message)) {
        if (book_.has_listeners())
            book_.write_result(spec_.name, message.name, message.position,
                               Results::json_value(message));
    } else if (!told_of_names_) {
        told_of_names_ = true;
        book_.write(spec_.name, "refused",
                    "more than " + std::to_string(ASIOWIRE_HOOK_RESULTS) +
                        " results: further names are left out");
    }
}

void Slot::fault(const std::string& why)
{
    faults_++;
    last_fault_ = why;
    if (along_) along_->hear("fault", why);
    if (!ever_loaded_) message_ = why;
    const std::uint64_t wait = backoff_.failed(now_ns());
    const double seconds = static_cast<double>(wait) / 1e9;
    book_.write(spec_.name, "fault", why + "; tried again in " + json_number(seconds) + " s",
                JsonObject().number("restart_in_s", seconds).count("faults", faults_));
}

std::optional<bool> Slot::settled(const Feed* feed) const
{
    if (ever_loaded_) return true;
    if (compiling_.valid()) return std::nullopt;
    if (object_.empty() || faults_ > 0) return false;
    const bool in_vain = feed == nullptr && now_ns() - born_ns_ > longest_search_ns;
    return in_vain ? std::optional(true) : std::nullopt;
}

} // namespace asiowire::hooks
