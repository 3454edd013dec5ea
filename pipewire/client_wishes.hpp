// SPDX-License-Identifier: MIT
#pragma once

#include "core/reblock.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace asiowire {

/// What PipeWire's own variables ask of every client: for a filter they are preferences, nothing is
/// forced. libpipewire itself lays them over our node's properties.
/// Source   PipeWire, src/pipewire/filter.c, pw_filter_connect: of a later variable what it says
struct ClientWishes {
    Frames latency_frames = 0;      // PIPEWIRE_QUANTUM, over that PIPEWIRE_LATENCY; 0 = not asked
    std::uint32_t latency_rate = 0; // Hz that these frames are counted at
    std::uint32_t rate = 0;         // Hz: PIPEWIRE_QUANTUM, over that PIPEWIRE_RATE; 0 = not asked

    /// The block that suits the wish at a rate; 0 = not asked.
    /// [any-thread]
    Frames block_at(std::uint32_t graph_rate) const;

    /// [any-thread]
    /// Errors   an unusable value leaves a sentence in `remarks`; libpipewire ignores it, too
    static ClientWishes from_environment(std::vector<std::string>& remarks);
};

} // namespace asiowire
