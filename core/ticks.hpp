// SPDX-License-Identifier: MIT
#pragma once

#include "core/rt.hpp"

#include <cstdint>

namespace asiowire {

/// The processor's time stamp counter: the cheapest clock both halves share.
/// [any-thread]  wait-free, about 10 ns, no system call
inline std::uint64_t ticks() ASIOWIRE_RT
{
    std::uint32_t low = 0;
    std::uint32_t high = 0;
    asm volatile("rdtsc" : "=a"(low), "=d"(high));
    return static_cast<std::uint64_t>(high) << 32 | low;
}

} // namespace asiowire
