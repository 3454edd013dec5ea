// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace asiohost {

/// QueryPerformanceCounter.
///
/// [any thread]  wait-free
std::int64_t now_ticks() noexcept;

/// Ticks of now_ticks() in one second.
///
/// [any thread]
std::int64_t ticks_per_second() noexcept;

/// A point in time of now_ticks() in nanoseconds since the counter's own zero.
///
/// [any thread]  wait-free
std::int64_t ticks_to_ns(std::int64_t ticks) noexcept;

/// How far the timeGetTime base, in which drivers give systemTime, is from the counter's zero.
///
/// Under Wine both are one clock and the answer is 0; Windows keeps two.
/// [main-thread]  takes a few milliseconds
/// Units    nanoseconds to add to ticks_to_ns()
std::int64_t system_time_offset_ns();

/// The distance a - b of two systemTime values, of which either may have wrapped after 2^32 ms.
///
/// [any thread]  wait-free
std::int64_t system_time_difference_ns(std::int64_t a, std::int64_t b) noexcept;

} // namespace asiohost
