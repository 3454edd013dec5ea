// SPDX-License-Identifier: MIT
// What the engine tells: status, latencies, events, the summary in the log. Never on the audio
// thread.

#include "core/ticks.hpp"
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
    if (const Frames forced = forced_quantum_; forced != 0) return forced;
    return library_keeps_odd_quanta() ? block : std::bit_floor(block);
}

Engine::Status Engine::status(Frames block) const
{
    std::shared_ptr<RtState> state;
    {
        const std::lock_guard guard(events_mutex_);
        state = state_;
    }
    Status status{.rate = device_.rate};
    const bool running = state && state->armed && state->blocks > 0;
    if (running) {
        status.rate = state->rate;
        status.quantum = state->graph_quantum;
        status.fifo_delay = state->fifo_delay;
    } else if (const Frames asked = block != 0 ? block : state ? state->block : 0;
               asked != 0) {
        status.quantum = predicted_quantum(asked);
        status.fifo_delay = fifo_delay(asked, status.quantum);
    }
    status.output_latency = status.fifo_delay;
    if (!state) return status;
    status.cycles = state->cycles;
    status.blocks = state->blocks;
    status.gaps = state->gaps;
    const double ns_per_tick = static_cast<double>(monotonic_ns() - started_ns_) /
                               static_cast<double>(std::max<std::uint64_t>(ticks() - started_ticks_, 1));
    const auto overhead = [&](double share) {
        return static_cast<std::uint64_t>(
            static_cast<double>(state->overhead_ticks.percentile(share)) * ns_per_tick);
    };
    status.overhead_p50_ns = overhead(0.5);
    status.overhead_p99_ns = overhead(0.99);
    return status;
}

void Engine::log_summary() const
{
    const Status s = status(0);
    char line[256];
    std::snprintf(line, sizeof line,
                  "stopped: block=%u quantum=%u fifo_delay=%u cycles=%llu blocks=%llu gaps=%llu "
                  "overhead_p50_ns=%llu overhead_p99_ns=%llu",
                  shape_.block, state_->graph_quantum.load(), state_->fifo_delay.load(),
                  static_cast<unsigned long long>(s.cycles),
                  static_cast<unsigned long long>(s.blocks),
                  static_cast<unsigned long long>(s.gaps),
                  static_cast<unsigned long long>(s.overhead_p50_ns),
                  static_cast<unsigned long long>(s.overhead_p99_ns));
    log(LogLevel::info, line);
}

asiowire::Status Engine::offers_rate(std::uint32_t rate, std::string& message) const
{
    if (rate == device_.rate) return asiowire::Status::ok;
    message = "the graph runs at " + std::to_string(device_.rate) + " Hz";
    return asiowire::Status::no_clock;
}

asiowire::Status Engine::set_rate(std::uint32_t rate, std::string& message)
{
    return offers_rate(rate, message);
}

Engine::Event Engine::next_event()
{
    for (;;) {
        {
            const std::lock_guard guard(events_mutex_);
            if (events_closed_) return Event::closed;
            if (std::exchange(daemon_lost_, false)) return Event::daemon_lost;
            if (state_ && state_->armed) {
                state_->clock_offset_ns = performance_counter_offset_ns();
                // The audio thread wakes nobody, that would be a system call: its counters are read.
                if (const Frames delay = state_->fifo_delay;
                    delay != std::exchange(told_delay_, delay))
                    return Event::latencies_changed;
                if (const std::uint64_t gaps = state_->gaps; gaps != std::exchange(told_gaps_, gaps))
                    return Event::overload;
            }
        }
        static_cast<void>(events_wake_.try_acquire_for(std::chrono::milliseconds(100)));
    }
}

void Engine::close_events()
{
    const std::lock_guard guard(events_mutex_);
    events_closed_ = true;
    events_wake_.release();
}

} // namespace asiowire
