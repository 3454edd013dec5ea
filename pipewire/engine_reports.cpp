// SPDX-License-Identifier: MIT
// What the engine tells: status, latencies, events, the summary in the log. Never on the audio
// thread.

#include "pipewire/clocks.hpp"
#include "pipewire/engine.hpp"
#include "pipewire/log.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstdio>
#include <utility>

namespace asiowire {

namespace {

/// PipeWire before 0.3.82 rounds a forced quantum down to a power of two.
bool library_keeps_odd_quanta()
{
    int major = 0;
    int minor = 0;
    int micro = 0;
    if (std::sscanf(pw_get_library_version(), "%d.%d.%d", &major, &minor, &micro) != 3)
        return false;
    return major > 0 || minor > 3 || micro >= 82;
}

} // namespace

Frames Engine::predicted_quantum(Frames block) const
{
    if (const Frames forced = forced_quantum_; forced != 0 && !settings_.pin) return forced;
    return library_keeps_odd_quanta() ? block : std::bit_floor(block);
}

std::shared_ptr<RtState> Engine::state() const
{
    const std::lock_guard guard(events_mutex_);
    return state_;
}

Engine::Status Engine::status(Frames block) const
{
    const std::shared_ptr<RtState> state = this->state();
    Status status{.rate = wanted_rate_ != 0 ? wanted_rate_ : graph_rate_,
                  .preferred_block = preferred_block_,
                  .hangs = hangs_};
    const bool running = state && state->armed && state->blocks > 0;
    const Frames asked = block != 0 || !state ? block : state->block;
    if (running) {
        status.rate = state->graph_rate;
        status.quantum = state->graph_quantum;
        status.fifo_delay = state->fifo_delay;
        status.budget = state->budget;
    } else if (asked != 0) {
        status.quantum = predicted_quantum(asked);
        status.fifo_delay = fifo_delay(asked, status.quantum);
        if (settings_.schedule == Schedule::buffered)
            status.budget = buffered_budget(asked, status.quantum);
    }
    const Latencies& beyond = running ? node_latencies_ : device_latencies_;
    status.input_latency = beyond.longest(SPA_DIRECTION_INPUT, status.quantum, status.rate);
    status.output_latency = beyond.longest(SPA_DIRECTION_OUTPUT, status.quantum, status.rate) +
                            status.fifo_delay + status.budget;
    if (!state) return status;
    status.cycles = state->cycles;
    status.blocks = state->blocks;
    status.gaps = state->gaps;
    status.overruns = state->overruns;
    status.late = state->late;
    status.overhead_p50_ns = status_file_->page().own.percentile(0.5);
    status.overhead_p99_ns = status_file_->page().own.percentile(0.99);
    return status;
}

void Engine::log_summary() const
{
    const Status s = status(0);
    char line[320];
    std::snprintf(line, sizeof line,
                  "stopped: block=%u quantum=%u fifo_delay=%u cycles=%llu blocks=%llu gaps=%llu "
                  "overruns=%llu late=%llu hangs=%llu overhead_p50_ns=%llu overhead_p99_ns=%llu",
                  shape_.block, state_->graph_quantum.load(), state_->fifo_delay.load(),
                  static_cast<unsigned long long>(s.cycles),
                  static_cast<unsigned long long>(s.blocks),
                  static_cast<unsigned long long>(s.gaps),
                  static_cast<unsigned long long>(s.overruns),
                  static_cast<unsigned long long>(s.late),
                  static_cast<unsigned long long>(s.hangs),
                  static_cast<unsigned long long>(s.overhead_p50_ns),
                  static_cast<unsigned long long>(s.overhead_p99_ns));
    log(LogLevel::info, line);
}

Engine::Notice Engine::next_event()
{
    for (;;) {
        {
            const std::lock_guard guard(events_mutex_);
            if (events_closed_) return {Event::closed};
            if (std::exchange(device_changed_, false)) return {Event::device_changed};
        }
        if (const Notice notice = look_for_news(); notice.event != Event::closed) return notice;
        static_cast<void>(events_wake_.try_acquire_for(std::chrono::milliseconds(100)));
    }
}

/// The audio thread wakes nobody, that would be a system call: what it counts is looked at. `closed`
/// stands for no news.
Engine::Notice Engine::look_for_news()
{
    constexpr std::uint64_t overload_pause_ns = 1'000'000'000;
    const Status now = status(0);
    const std::lock_guard guard(events_mutex_);
    if (!state_ || !state_->armed || state_->blocks == 0) return {};
    if (std::exchange(reset_wanted_, false)) return {Event::reset};
    if (std::exchange(resynced_, false)) return {Event::resync};
    if (now.rate != told_.rate) {
        told_.rate = now.rate;
        return {Event::rate_changed, now.rate};
    }
    if (now.input_latency != told_.input_latency || now.output_latency != told_.output_latency) {
        told_.input_latency = now.input_latency;
        told_.output_latency = now.output_latency;
        return {Event::latencies_changed};
    }
    if (!settings_.fixed_block && now.preferred_block != told_.preferred_block) {
        told_.preferred_block = now.preferred_block;
        return {Event::block_changed, now.preferred_block};
    }
    const std::uint64_t troubles = now.gaps + now.overruns + now.late;
    if (troubles != told_.troubles && monotonic_ns() > told_.overload_ns + overload_pause_ns) {
        told_.troubles = troubles;
        told_.overload_ns = monotonic_ns();
        return {Event::overload};
    }
    return {};
}

void Engine::close_events()
{
    const std::lock_guard guard(events_mutex_);
    events_closed_ = true;
    events_wake_.release();
}

} // namespace asiowire
