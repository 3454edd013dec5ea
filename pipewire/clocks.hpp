// SPDX-License-Identifier: MIT
#pragma once

#include "core/ticks.hpp"

#include <atomic>
#include <cstdint>
#include <ctime>

namespace asiowire {

/// [any-thread]  no system call (vDSO)
inline std::uint64_t clock_ns(clockid_t clock)
{
    timespec now{};
    clock_gettime(clock, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000u +
           static_cast<std::uint64_t>(now.tv_nsec);
}

/// The graph's time base.
inline std::uint64_t monotonic_ns()
{
    return clock_ns(CLOCK_MONOTONIC);
}

/// One look at both clocks.
struct ClockPair {
    std::int64_t offset_ns;   // CLOCK_MONOTONIC_RAW − CLOCK_MONOTONIC
    std::uint64_t bracket_ns; // how long the look took: the offset is off by half of it at most
};

/// [any-thread]  no system call (vDSO)
inline ClockPair look_at_clocks()
{
    const std::uint64_t before = monotonic_ns();
    const std::uint64_t raw = clock_ns(CLOCK_MONOTONIC_RAW);
    const std::uint64_t after = monotonic_ns();
    return {static_cast<std::int64_t>(raw - (before + (after - before) / 2)), after - before};
}

/// What to add to the graph's time to get Wine's: the performance counter, and with it timeGetTime,
/// is CLOCK_MONOTONIC_RAW, while the graph counts CLOCK_MONOTONIC, which is steered.
///
/// Source   Wine 8.0 and 10.0, dlls/ntdll/unix/sync.c: monotonic_counter(); dlls/winmm/time.c
class ClockOffset {
public:
    /// Measures anew. A thread that is preempted between two clocks would measure its own pause: the
    /// shortest of a few looks counts, and when all are long the offset stays, if there is one.
    /// [one thread at a time]
    template <class Look> std::int64_t track(Look look)
    {
        ClockPair best = look();
        for (int i = 1; i < looks && best.bracket_ns > good_bracket_ns; i++)
            if (const ClockPair next = look(); next.bracket_ns < best.bracket_ns) best = next;
        if (!known_ || best.bracket_ns <= bearable_bracket_ns) offset_ns_ = best.offset_ns;
        known_ = true;
        return offset_ns_;
    }
    std::int64_t track() { return track(look_at_clocks); }

private:
    static constexpr int looks = 8;
    static constexpr std::uint64_t good_bracket_ns = 500;
    static constexpr std::uint64_t bearable_bracket_ns = 20'000;

    std::int64_t offset_ns_ = 0;
    bool known_ = false;
};

/// Two clocks that were read one after the other may seem to run backwards: that is 0.
/// [any-thread]  pure
inline std::uint64_t whole_ns(double ns) ASIOWIRE_RT
{
    return ns > 0 ? static_cast<std::uint64_t>(static_cast<std::int64_t>(ns)) : 0;
}

/// The time stamp counter read as the graph's time, for the audio thread.
class TickClock {
public:
    /// [any-thread]  the rate is measured from here to set()
    TickClock() = default;

    /// Fixes the rate; the longer after construction, the better.
    /// [any-thread & stopped]
    void set();

    /// Keeps the time true: at the rate of set() it is off by microseconds after a second.
    /// [one thread at a time, after set()]
    void track();

    /// [any-thread]  of what ticks() gave. Units: ns; 0 before set()
    double ns(std::uint64_t at) const ASIOWIRE_RT
    {
        return static_cast<double>(static_cast<std::int64_t>(at - first_ticks_)) * ns_per_tick_ +
               first_ns_.load(std::memory_order_relaxed);
    }

    /// [any-thread]  of a difference of ticks. Units: ns; 0 before set()
    double span_ns(std::uint64_t span) const ASIOWIRE_RT
    {
        return static_cast<double>(static_cast<std::int64_t>(span)) * ns_per_tick_;
    }

    /// [any-thread]  the best there is by now
    double ns_per_tick() const;

private:
    std::uint64_t first_ticks_ = ticks();
    std::uint64_t opened_ns_ = monotonic_ns();
    double ns_per_tick_ = 0;
    std::atomic<double> first_ns_{0}; // the graph's time when the counter was at first_ticks_
};

} // namespace asiowire
