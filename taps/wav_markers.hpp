// SPDX-License-Identifier: MIT
#pragma once

#include "taps/riff_bytes.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace asiowire {

/// A place in a take that has a name.
struct TakeMarker {
    std::uint64_t frame = 0;  ///< of the take
    std::uint64_t frames = 0; ///< how long; 0 = a point
    std::string text;
};

/// The chunks that follow the samples of a file: cue, LIST/adtl. Empty where no marker lies.
///
/// `first` and `frames`: what of the take the file holds. Markers outside stand at its nearer end:
/// they are late or early by a block, not wrong. cue counts in 32 bits: what lies beyond the first
/// 2^32 - 1 frames of a file is in the log alone.
RiffBytes marker_chunks(std::vector<TakeMarker> markers, std::uint64_t first,
                        std::uint64_t frames);

} // namespace asiowire
