// SPDX-License-Identifier: MIT
#include "hooks/mel_batch.hpp"

#include <algorithm>
#include <limits>

namespace asiowire {

std::size_t mirrored(std::ptrdiff_t index, std::size_t length)
{
    if (index >= 0 && static_cast<std::size_t>(index) < length)
        return static_cast<std::size_t>(index);
    if (length == 1) return 0;
    const auto period = static_cast<std::ptrdiff_t>(2 * (length - 1)); // there and back
    const auto place = static_cast<std::size_t>((index % period + period) % period);
    return std::min(place, static_cast<std::size_t>(period) - place);
}

void compute_batch(const MelPlan& plan, const float* samples, std::size_t length, float* out)
{
    const MelSettings& settings = plan.settings();
    const std::size_t hop = settings.hop();
    const std::size_t padding = settings.padding();
    const std::size_t frames = frame_count(settings, length);
    if (frames == 0) return;
    const Workspace workspace = plan.new_workspace();
    std::vector<float> edge; // a block that reaches beyond the signal

    for (std::size_t first = 0; first < frames;) {
        const std::size_t n = std::min(plan.block(), frames - first);
        const std::size_t wanted = (n - 1) * hop + settings.n_fft();
        const std::size_t begin = first * hop; // in the padded signal
        const float* from;
        if (begin >= padding && begin - padding + wanted <= length) {
            from = samples + (begin - padding);
        } else {
            edge.resize(wanted);
            for (std::size_t i = 0; i < wanted; i++) {
                const auto index =
                    static_cast<std::ptrdiff_t>(begin + i) - static_cast<std::ptrdiff_t>(padding);
                edge[i] = samples[mirrored(index, length)];
            }
            from = edge.data();
        }
        plan.compute(workspace.get(), from, n, out + first, frames);
        first += n;
    }
}

void normalize_whisper(float* values, std::size_t count)
{
    float highest = -std::numeric_limits<float>::infinity();
    for (std::size_t i = 0; i < count; i++)
        highest = values[i] > highest ? values[i] : highest;
    const float lowest = highest - 8.0F;
    for (std::size_t i = 0; i < count; i++) {
        const float kept = values[i] < lowest ? lowest : values[i];
        values[i] = (kept + 4.0F) / 4.0F;
    }
}

} // namespace asiowire
