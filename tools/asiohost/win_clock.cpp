// SPDX-License-Identifier: MIT
#include "win_clock.hpp"

#include "windows_api.hpp"

#include <mmsystem.h>

namespace asiohost {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kWrap = (std::int64_t{1} << 32) * kMillisecond;

} // namespace

std::int64_t now_ticks() noexcept
{
    LARGE_INTEGER ticks;
    QueryPerformanceCounter(&ticks);
    return ticks.QuadPart;
}

std::int64_t ticks_per_second() noexcept
{
    static const std::int64_t frequency = [] {
        LARGE_INTEGER value;
        QueryPerformanceFrequency(&value);
        return static_cast<std::int64_t>(value.QuadPart);
    }();
    return frequency;
}

std::int64_t ticks_to_ns(std::int64_t ticks) noexcept
{
    const std::int64_t frequency = ticks_per_second();
    if (kSecond % frequency == 0) return ticks * (kSecond / frequency);
    return ticks / frequency * kSecond + ticks % frequency * kSecond / frequency;
}

std::int64_t system_time_offset_ns()
{
    const DWORD before = timeGetTime();
    DWORD edge;
    while ((edge = timeGetTime()) == before) {
    }
    const std::int64_t offset =
        system_time_difference_ns(edge * kMillisecond, ticks_to_ns(now_ticks()));
    // The edge was seen a little late at most; anything below a step of the clock is no offset.
    return offset > -2 * kMillisecond && offset < 2 * kMillisecond ? 0 : offset;
}

std::int64_t system_time_difference_ns(std::int64_t a, std::int64_t b) noexcept
{
    std::int64_t distance = (a - b) % kWrap;
    if (distance > kWrap / 2) distance -= kWrap;
    if (distance < -kWrap / 2) distance += kWrap;
    return distance;
}

} // namespace asiohost
