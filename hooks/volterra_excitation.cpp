// SPDX-License-Identifier: MIT
#include "hooks/volterra_excitation.hpp"

#include <algorithm>
#include <cmath>

namespace asiowire {

namespace {

/// The sweep's beginning and end, softened so that its spectrum has no ripple there.
constexpr double fade_seconds = 0.01;

} // namespace

double half_cosine(double place)
{
    return place >= 1 ? 1 : 0.5 - 0.5 * std::cos(M_PI * std::max(place, 0.0));
}

VolterraExcitation::VolterraExcitation(const VolterraSweepConfig& config)
    : rate_(config.rate), amplitude_(config.amplitude)
{
    const double octaves = std::log(config.last / config.first);
    length_ = std::max(1.0, std::round(config.first * config.seconds / octaves)) / config.first;
    seconds_ = length_ * octaves;
    periods_ = config.first * length_; // a whole number
    frames_ = static_cast<std::size_t>(seconds_ * rate_) + 1;
}

double VolterraExcitation::at(std::size_t frame) const
{
    const double t = static_cast<double>(frame) / rate_;
    const double fade = half_cosine(t / fade_seconds) * half_cosine((seconds_ - t) / fade_seconds);
    // e^x - 1 for its digits: the whole periods left out do not count.
    return amplitude_ * fade * std::sin(2 * M_PI * periods_ * std::expm1(t / length_));
}

std::vector<double> VolterraExcitation::samples() const
{
    std::vector<double> all(frames_);
    for (std::size_t n = 0; n < frames_; n++)
        all[n] = at(n);
    return all;
}

} // namespace asiowire
