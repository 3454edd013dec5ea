// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/mojo_audio.h"

#include <cstddef>

namespace asiowire {

/// What a log-mel spectrogram is made with: both structs of the C interface, valid together.
struct MelSettings {
    MojoMelConfig config;
    MojoMelOptions options;

    /// Samples by which the signal is continued on either side.
    std::size_t padding() const
    {
        if (options.padding == MOJO_MEL_PADDING_NONE) return 0;
        return static_cast<std::size_t>(config.n_fft) / 2;
    }
    std::size_t n_fft() const { return static_cast<std::size_t>(config.n_fft); }
    std::size_t hop() const { return static_cast<std::size_t>(config.hop_length); }
    std::size_t n_mels() const { return static_cast<std::size_t>(config.n_mels); }
    bool drops_last() const { return options.last_frame == MOJO_MEL_LAST_FRAME_DROP; }
    double f_max() const
    {
        return options.f_max > 0 ? static_cast<double>(options.f_max) : config.sample_rate / 2.0;
    }
};

/// Frames of a signal of this many samples, the dropped one not counted.
/// [any-thread]
std::size_t frame_count(const MelSettings& settings, std::size_t samples);

/// What is wrong with settings, as a sentence with the value; nullptr when they are valid.
/// [any-thread]
/// Ownership  the text lies in `text`, which has room for `size` bytes
const char* complaint(const MelSettings& settings, char* text, std::size_t size);

} // namespace asiowire
