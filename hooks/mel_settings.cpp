// SPDX-License-Identifier: MIT
#include "hooks/mel_settings.hpp"

#include <cstdint>
#include <cstdio>

namespace asiowire {

namespace {

struct Range {
    const char* name;
    std::int32_t value;
    std::int32_t least;
    std::int32_t most;
};

} // namespace

std::size_t frame_count(const MelSettings& settings, std::size_t samples)
{
    const std::size_t padded = samples + 2 * settings.padding();
    if (samples == 0 || padded < settings.n_fft()) return 0;
    const std::size_t all = 1 + (padded - settings.n_fft()) / settings.hop();
    return settings.drops_last() ? all - 1 : all;
}

const char* complaint(const MelSettings& settings, char* text, std::size_t size)
{
    const MojoMelConfig& config = settings.config;
    const MojoMelOptions& options = settings.options;
    const Range ranges[] = {
        {"sample_rate", config.sample_rate, 1, 10'000'000},
        // Bluestein's transform of the longest prime needs 60 MB; nobody's frame is longer.
        {"n_fft", config.n_fft, 1, 131'072},
        {"hop_length", config.hop_length, 1, 16'777'216},
        {"n_mels", config.n_mels, 1, 8192},
        {"scale", options.scale, MOJO_MEL_SCALE_SLANEY, MOJO_MEL_SCALE_HTK},
        {"norm", options.norm, MOJO_MEL_NORM_SLANEY, MOJO_MEL_NORM_NONE},
        {"padding", options.padding, MOJO_MEL_PADDING_REFLECT, MOJO_MEL_PADDING_NONE},
        {"last_frame", options.last_frame, MOJO_MEL_LAST_FRAME_DROP, MOJO_MEL_LAST_FRAME_KEEP},
        {"output", options.output, MOJO_MEL_OUTPUT_LOG10, MOJO_MEL_OUTPUT_WHISPER},
    };
    for (const Range& range : ranges) {
        if (range.value >= range.least && range.value <= range.most) continue;
        std::snprintf(text, size, "%s is %d; it must be between %d and %d", range.name, range.value,
                      range.least, range.most);
        return text;
    }
    // Written so that NaN fails.
    const double f_max = settings.f_max();
    if (!(options.f_max >= 0) || !(f_max <= config.sample_rate / 2.0)) {
        std::snprintf(text, size, "f_max is %g; it must be 0 or at most half the rate, %g",
                      static_cast<double>(options.f_max), config.sample_rate / 2.0);
        return text;
    }
    if (!(options.f_min >= 0) || !(static_cast<double>(options.f_min) < f_max)) {
        std::snprintf(text, size, "f_min is %g; it must be at least 0 and below f_max, %g",
                      static_cast<double>(options.f_min), f_max);
        return text;
    }
    return nullptr;
}

} // namespace asiowire
