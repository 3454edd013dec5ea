// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/mel_settings.hpp"
#include "hooks/mel_tables.hpp"

#include <vector>

namespace asiowire {

/// All filters of a spectrogram; nine weights in ten of the full matrix are zero and left out.
struct MelFilterbank {
    std::vector<MelBand> bands;
    std::vector<double> weights;
};

/// Triangles at equal distances on the mel scale, each as high as its norm says.
/// [any-thread]
/// Errors   std::bad_alloc
/// Source   Slaney, Auditory Toolbox (1998): linear to 1 kHz, then 27 steps per factor 6.4; HTK
/// book
MelFilterbank make_filterbank(const MelSettings& settings);

} // namespace asiowire
