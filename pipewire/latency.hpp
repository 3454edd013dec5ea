// SPDX-License-Identifier: MIT
#pragma once

#include "core/reblock.hpp"

#include <array>
#include <mutex>
#include <spa/param/latency-utils.h>

namespace asiowire {

/// How far the world beyond a set of ports is away, as PipeWire's Latency params say: of input ports
/// what lies before them, of output ports what lies behind them. An ALSA port counts its one quantum
/// itself, so nothing is added here.
class Latencies {
public:
    static constexpr std::size_t max_ports = 64;

    /// Forgets every port.
    /// [any-thread]
    void clear();

    /// Takes what a port was told; null: nothing any more. False when it changes nothing.
    /// [main-loop]
    bool set(spa_direction side, std::size_t port, const spa_pod* param);

    /// All ports of a side in one, for those on the other side.
    /// [any-thread]
    spa_latency_info combined(spa_direction side) const;

    /// What one port was told.
    /// [any-thread]
    spa_latency_info of(spa_direction side, std::size_t port) const;

    /// The longest way on a side.
    /// [any-thread]  a mutex held for a moment
    /// Units    frames; quantum: frames per cycle, rate: Hz
    Frames longest(spa_direction side, Frames quantum, std::uint32_t rate) const;

private:
    mutable std::mutex mutex_;
    std::array<std::array<spa_latency_info, max_ports>, 2> told_{}; // [side][port]
};

} // namespace asiowire
