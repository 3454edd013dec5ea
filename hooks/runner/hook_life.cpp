// SPDX-License-Identifier: MIT
#include "hooks/runner/hook_life.hpp"

#include "hooks/runner/trusted_path.hpp"

namespace asiowire::hooks {

namespace {

/// A hook may print faster than it is read: this often in a turn, 64 KiB each.
constexpr int reads_per_turn = 8;

} // namespace

std::expected<std::unique_ptr<HookLife>, std::string>
HookLife::begin(const HookSpec& spec, const std::string& object, const Feed& feed,
                OutputTail& output)
{
    if (std::string who = who_else_can_write(object); !who.empty())
        return std::unexpected("not loaded: " + who);
    std::vector<std::string> words = {"/proc/self/exe",
                                      "hear",
                                      object,
                                      spec.channels,
                                      std::to_string(spec.memory_bytes),
                                      feed.patient ? "patient" : "live",
                                      feed.source};
    for (const GivenSetting& setting : spec.settings)
        words.push_back(setting.key + "=" + setting.value);
    auto child = Child::start(std::move(words), feed.fd.get());
    if (!child) return std::unexpected(child.error());
    std::unique_ptr<HookLife> life(new HookLife(spec, output));
    life->child_ = std::move(*child);
    life->feed_ = feed.number;
    output.begin_anew();
    return life;
}

void HookLife::turn(const Ears& ears)
{
    if (ended_) return;
    const bool ended = child_->has_ended(); // asked first: then its last words are all there
    const auto hear = [&] { return child_->hear([&](const Message& m) { take(m, ears); }); };
    while (hear() && ended) continue; // what it can have left behind is bounded by the kernel
    for (int i = 0; i < reads_per_turn; i++)
        child_->read_output([&](std::string_view bytes) {
            for (const std::string& line : output_.take(bytes, now_ns())) ears.line(line);
        });
    if (ended) {
        epitaph_ = child_->epitaph(spec_.memory_bytes);
        ended_ = true;
        return;
    }
    if (output_.floods()) end_for("printed more than 1 MiB within a second");
    if (child_->inside_ns() > spec_.limit_ms * 1'000'000)
        end_for("did not return within " + std::to_string(spec_.limit_ms) + " ms");
    if (dismissed_ns_ != 0 && now_ns() - dismissed_ns_ > spec_.limit_ms * 1'000'000)
        child_->kill();
}

void HookLife::wait_for(std::vector<pollfd>& polls) const
{
    if (ended_) return;
    for (const int fd : {child_->socket(), child_->output(), child_->end()})
        polls.push_back({fd, POLLIN, 0});
}

std::string HookLife::failure() const
{
    if (!failure_.empty()) return failure_;
    if (!epitaph_.empty()) return epitaph_;
    return ended_ && !over_ && dismissed_ns_ == 0 ? "ended in the middle of the stream" : "";
}

void HookLife::dismiss()
{
    dismissed_ns_ = now_ns();
    child_->dismiss();
}

void HookLife::take(const Message& message, const Ears& ears)
{
    switch (message.said) {
    case Said::loaded: loaded_ = true; return;
    case Said::begun: begun_ = true; return;
    case Said::over: over_ = true; return;
    case Said::failed: failure_ = message.text; return;
    case Said::number:
    case Said::array:
    case Said::event: ears.result(message); return;
    }
}

void HookLife::end_for(std::string why)
{
    if (failure_.empty()) failure_ = std::move(why);
    child_->kill();
}

} // namespace asiowire::hooks
