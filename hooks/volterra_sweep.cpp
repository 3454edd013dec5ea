// SPDX-License-Identifier: MIT
#include "hooks/volterra_sweep.hpp"

#include "hooks/volterra_buffer.hpp"
#include "hooks/volterra_fft.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <complex>

namespace asiowire {

VolterraSweep::VolterraSweep(const VolterraSweepConfig& config) : config_(config)
{
    const VolterraExcitation excitation(config);
    length_ = excitation.length();
    excitation_ = excitation.samples();
}

double VolterraSweep::least_seconds(const VolterraSweepConfig& config)
{
    const double harmonics = static_cast<double>(config.harmonics);
    const double gap = std::log((harmonics + 1) / harmonics);
    const double response = static_cast<double>(config.taps + config.lead) / config.rate;
    return response / gap * std::log(config.last / config.first) + 1 / config.first;
}

void VolterraSweep::analyse(const double* response, std::size_t count, double* out) const
{
    const std::size_t used = std::min(count, frames() + config_.taps + config_.lead);
    // The earliest response lies L ln(harmonics) before the time 0, in a circle.
    const std::size_t n = std::bit_ceil(2 * (frames() + config_.taps + config_.lead));
    const VolterraFft<double> fft(n, VolterraFft<double>::Planning::quick);
    const std::size_t row = fft.stride(n);
    VolterraBuffer<double> time(2 * row);
    VolterraBuffer<double> spectrum(2 * row);
    std::copy_n(response, used, time.data());
    fft.forward(time.data(), spectrum.data());

    std::vector<std::complex<double>> divided(n / 2 + 1);
    const double step = config_.rate / static_cast<double>(n);
    const double scale = 2 / (config_.rate * config_.amplitude * static_cast<double>(n));
    for (std::size_t k = 1; k <= n / 2; k++) {
        const double f = static_cast<double>(k) * step;
        // Below the first frequency and above the highest harmonic there is nothing to divide by.
        const double edge = half_cosine((f / config_.first - 0.5) * 2);
        const double phase = -2 * M_PI * f * length_ * (1 - std::log(f / config_.first)) + M_PI / 4;
        divided[k] = std::complex(spectrum[k], spectrum[row + k]) *
                     std::polar(scale * edge * std::sqrt(f / length_), phase);
    }
    for (std::size_t m = 1; m <= config_.harmonics; m++) {
        const double shift = length_ * std::log(static_cast<double>(m)) +
                             static_cast<double>(config_.lead) / config_.rate;
        const double top = std::min(static_cast<double>(m) * config_.last, config_.rate / 2);
        for (std::size_t k = 0; k <= n / 2; k++) {
            const double f = static_cast<double>(k) * step;
            const double edge = half_cosine((1.1 * top - f) / (0.1 * top));
            const std::complex<double> turned =
                divided[k] * std::polar(edge, -2 * M_PI * f * shift);
            spectrum[2 * k] = turned.real();
            spectrum[2 * k + 1] = turned.imag();
        }
        fft.inverse(spectrum.data(), time.data());
        // What has no low frequencies rings for long. Cut off, that would be noise in every other
        // frequency, a thousand times what is left after softening.
        const double soft = static_cast<double>(config_.lead - config_.lead / 16);
        for (std::size_t k = 0; k < config_.taps; k++) {
            const double from_begin = static_cast<double>(k) + 0.5;
            const double from_end = static_cast<double>(config_.taps) - from_begin;
            out[(m - 1) * config_.taps + k] =
                time[k] * (soft > 0 ? half_cosine(std::min(from_begin, from_end) / soft) : 1);
        }
    }
}

} // namespace asiowire
