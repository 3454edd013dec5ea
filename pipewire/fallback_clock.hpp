// SPDX-License-Identifier: MIT
#pragma once

#include "pipewire/rt_state.hpp"

#include <atomic>
#include <cstdint>
#include <pipewire/pipewire.h>

namespace asiowire {

/// Paces the host when the graph does not: a timer in the audio thread's own loop that turns cycles of
/// one block each, with silence on every input and nobody at the outputs.
///
/// On the same thread as the graph's cycles, so that the host is never called from two; and
/// RtState::unclocked says which of the two calls it, so that it is never called twice for one time.
class FallbackClock {
public:
    /// [any-thread, `loop` not running]
    explicit FallbackClock(pw_loop* loop);
    ~FallbackClock();
    FallbackClock(const FallbackClock&) = delete;
    FallbackClock& operator=(const FallbackClock&) = delete;

    /// Takes the host over from the graph, at once.
    /// [main-loop or loop locked]  rate: Hz
    /// Ownership  the state stays until end() and until the loop has stopped after it
    void begin(RtState& state, std::uint32_t rate);

    /// Gives the host back to the graph's next cycle. Does nothing when it has not begun.
    /// [main-loop or loop locked]
    void end();

private:
    /// [audio-thread]  `expirations`: of the timer since the last call
    static void on_tick(void* self, std::uint64_t expirations) ASIOWIRE_RT;
    void tick(std::uint64_t expirations) ASIOWIRE_RT;
    void set_timer(std::uint64_t first_ns, std::uint64_t interval_ns);

    pw_loop* const loop_;
    spa_source* timer_ = nullptr;

    // Written by begin() and end(), read by tick(): a late tick of an earlier time is harmless.
    std::atomic<RtState*> state_{nullptr};
    std::atomic<std::uint64_t> first_ns_{0}; // of the first tick, CLOCK_MONOTONIC
    std::atomic<std::uint64_t> interval_ns_{0};
    std::atomic<std::uint32_t> rate_{0};       // Hz
    std::atomic<std::uint32_t> generation_{0}; // begin()s so far

    // The audio thread's own.
    std::uint32_t generation_seen_ = 0;
    std::uint64_t ticks_ = 0; // since begin(), missed ones too
};

} // namespace asiowire
