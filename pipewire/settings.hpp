// SPDX-License-Identifier: MIT
#pragma once

#include "core/reblock.hpp"
#include "core/sample_type.hpp"
#include "pipewire/client_wishes.hpp"
#include "pipewire/realtime.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace asiowire {

inline constexpr std::uint32_t min_channels = 2;
inline constexpr std::uint32_t max_channels = 64;

/// When the host computes: inside the graph's cycle, or on a thread of its own with one block's time.
enum class Schedule { synchronous, buffered };

/// What the user asked for through the environment; 0 and "" mean "not asked".
struct Settings {
    std::string playback;      // ASIOWIRE_PLAYBACK: node whose input ports we play into
    std::string capture;       // ASIOWIRE_CAPTURE: node whose output or monitor ports we record from
    std::uint32_t inputs = 0;  // ASIOWIRE_INPUTS
    std::uint32_t outputs = 0; // ASIOWIRE_OUTPUTS
    Frames block = 0;          // ASIOWIRE_BLOCK: the preferred buffer size
    RealtimeWish realtime;     // ASIOWIRE_RT, ASIOWIRE_RT_PRIORITY, ASIOWIRE_AFFINITY
    SampleType sample_type = SampleType::float32; // ASIOWIRE_SAMPLE_TYPE: float32, int24, …
    bool fixed_block = false;  // ASIOWIRE_FIXED_BLOCK=1: offer the preferred buffer size alone
    Schedule schedule = Schedule::synchronous; // ASIOWIRE_SCHEDULE: synchronous or buffered
    int watchdog_ms = 100;     // ASIOWIRE_WATCHDOG_MS: a callback longer than this hangs; 0 = never
    bool pin = false;          // ASIOWIRE_PIN=1: force our block and rate on the whole graph
    ClientWishes wishes;       // PIPEWIRE_QUANTUM, PIPEWIRE_LATENCY, PIPEWIRE_RATE
    bool hand_off = false;     // ASIOWIRE_HAND_OFF=1: force the fallback of the door
    std::vector<std::string> remarks; // one sentence per value that was not usable

    /// [any-thread]
    /// Errors   an unusable value leaves the default in place and a sentence in `remarks`
    static Settings from_environment();
};

} // namespace asiowire
