// SPDX-License-Identifier: MIT
#pragma once

#include "core/reblock.hpp"
#include "core/rt.hpp"

#include <cstring>

namespace asiowire {

/// Moves frames out: copies them and leaves silence behind, in one pass, because a second pass over
/// lines that are in the cache only now would cost as much again.
///
/// [audio-thread]  O(frames)
/// Shapes   to, from: [frame] float32, not overlapping, any alignment
inline void play(float* to, float* from, Frames frames) ASIOWIRE_RT
{
    // The compiler keeps `part` in registers, as wide as every x86-64 has them; the pass is bound by
    // memory, not by width.
    constexpr Frames step = 16;
    Frames i = 0;
    for (; i + step <= frames; i += step) {
        float part[step];
        std::memcpy(part, from + i, sizeof part);
        std::memset(from + i, 0, sizeof part);
        std::memcpy(to + i, part, sizeof part);
    }
    for (; i < frames; i++) {
        to[i] = from[i];
        from[i] = 0.0f;
    }
}

} // namespace asiowire
