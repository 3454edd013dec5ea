// SPDX-License-Identifier: MIT
#include "hooks/mel_filterbank.hpp"

#include <algorithm>
#include <cmath>

namespace asiowire {

namespace {

constexpr double slaney_step = 200.0 / 3.0; // Hz per mel below 1 kHz
constexpr double slaney_corner = 1000.0;
constexpr double slaney_corner_mel = slaney_corner / slaney_step;
const double slaney_log_step = std::log(6.4) / 27.0;

double to_mel(double hz, std::int32_t scale)
{
    if (scale == MOJO_MEL_SCALE_HTK) return 2595.0 * std::log10(1.0 + hz / 700.0);
    if (hz < slaney_corner) return hz / slaney_step;
    return slaney_corner_mel + std::log(hz / slaney_corner) / slaney_log_step;
}

double to_hz(double mel, std::int32_t scale)
{
    if (scale == MOJO_MEL_SCALE_HTK) return 700.0 * (std::pow(10.0, mel / 2595.0) - 1.0);
    if (mel < slaney_corner_mel) return mel * slaney_step;
    return slaney_corner * std::exp((mel - slaney_corner_mel) * slaney_log_step);
}

} // namespace

MelFilterbank make_filterbank(const MelSettings& settings)
{
    const MojoMelOptions& options = settings.options;
    const double lowest = to_mel(static_cast<double>(options.f_min), options.scale);
    const double highest = to_mel(settings.f_max(), options.scale);
    const double step = (highest - lowest) / static_cast<double>(settings.n_mels() + 1);
    const auto corner = [&](std::size_t index) {
        return to_hz(lowest + step * static_cast<double>(index), options.scale);
    };
    const double bin_hz = settings.config.sample_rate / static_cast<double>(settings.n_fft());
    const std::size_t n_bins = settings.n_fft() / 2 + 1;

    MelFilterbank bank;
    bank.bands.reserve(settings.n_mels());
    for (std::size_t m = 0; m < settings.n_mels(); m++) {
        const double low = corner(m);
        const double middle = corner(m + 1);
        const double high = corner(m + 2);
        const double height = options.norm == MOJO_MEL_NORM_SLANEY ? 2.0 / (high - low) : 1.0;
        MelBand band{0, 0, static_cast<std::uint32_t>(bank.weights.size())};
        for (auto k = static_cast<std::size_t>(std::max(low, 0.0) / bin_hz); k < n_bins; k++) {
            const double hz = static_cast<double>(k) * bin_hz;
            if (hz >= high) break;
            const double weight =
                std::min((hz - low) / (middle - low), (high - hz) / (high - middle));
            if (weight <= 0) continue;
            if (band.n_bins == 0) band.first_bin = static_cast<std::uint32_t>(k);
            bank.weights.push_back(weight * height);
            band.n_bins++;
        }
        bank.bands.push_back(band);
    }
    return bank;
}

} // namespace asiowire
