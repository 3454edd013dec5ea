// SPDX-License-Identifier: MIT
#pragma once

#include "core/rt.hpp"

#include <cstdint>
#include <numeric>

namespace asiowire {

using Frames = std::uint32_t;

/// The host's block sizes that the driver offers.
inline constexpr Frames min_block = 16;
inline constexpr Frames max_block = 8192;

/// The smallest constant FIFO, in frames, that lets a host with blocks of `block` frames live in a
/// graph with `quantum` frames per cycle and be called inside the cycle as soon as a block is there.
///
/// [any-thread]  pure
/// Units    frames; block and quantum at least 1; pending = input frames already waiting (< block)
/// Source   with p pending frames the input fill after k cycles is (p + k·quantum) mod block; its
///          largest value, block − g + (p mod g) with g = gcd(block, quantum), is what the output
///          side must hold back. With p = 0 this is block − gcd(block, quantum). A brute-force
///          simulation agrees in tests/unit/test_reblock.cpp.
constexpr Frames fifo_delay(Frames block, Frames quantum, Frames pending = 0) ASIOWIRE_RT
{
    const Frames common = std::gcd(block, quantum);
    return block - common + pending % common;
}

/// How much later a host that computes on a thread of its own is heard: the fewest whole blocks, at
/// least one, that give it a cycle's time for every block, also when several fall into one cycle.
///
/// [any-thread]  pure
/// Units    frames, a multiple of `block`; block and quantum at least 1
constexpr Frames buffered_budget(Frames block, Frames quantum) ASIOWIRE_RT
{
    return quantum <= block ? block : (quantum + block - 1) / block * block;
}

} // namespace asiowire
