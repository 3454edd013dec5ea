// SPDX-License-Identifier: MIT
#pragma once

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

/// Wine's performance counter, and with it timeGetTime, is CLOCK_MONOTONIC_RAW; the graph counts
/// CLOCK_MONOTONIC, which is steered. What to add to the graph's time to get Wine's.
///
/// Source   Wine 8.0 and 10.0, dlls/ntdll/unix/sync.c: monotonic_counter(); dlls/winmm/time.c
inline std::int64_t performance_counter_offset_ns()
{
    const std::uint64_t before = monotonic_ns();
    const std::uint64_t raw = clock_ns(CLOCK_MONOTONIC_RAW);
    const std::uint64_t after = monotonic_ns();
    return static_cast<std::int64_t>(raw - (before + (after - before) / 2));
}

} // namespace asiowire
