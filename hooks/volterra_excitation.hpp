// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <vector>

namespace asiowire {

/// What a synchronized swept sine is made of. Units: Hz, seconds, frames.
struct VolterraSweepConfig {
    double rate = 48000;
    double first = 20;
    double last = 20000;
    double seconds = 5; ///< about: whole periods of the first frequency decide
    double amplitude = 0.5;
    std::size_t harmonics = 5;
    std::size_t taps = 4096; ///< of each response
    std::size_t lead =
        1024; ///< taps before time 0, over which a response fades in; as many fade out
};

/// The excitation alone, without a transform: what plays a sweep needs no FFTW.
///
/// x(t) = a · sin(2π f L e^(t/L)) with whole f·L, faded in and out.
/// [any-thread]  const and without state
/// Source   A. Novak, P. Lotton, L. Simon: Synchronized swept-sine, J. Audio Eng. Soc. 63 (2015)
class VolterraExcitation {
public:
    explicit VolterraExcitation(const VolterraSweepConfig& config);

    double length() const { return length_; }   ///< L. Units: seconds
    double periods() const { return periods_; } ///< f·L: how many periods e^(t/L) - 1 = 1 takes
    std::size_t frames() const { return frames_; }
    /// The sample of a frame below frames().
    double at(std::size_t frame) const;
    std::vector<double> samples() const;

private:
    double rate_;
    double amplitude_;
    double length_;
    double seconds_;
    double periods_;
    std::size_t frames_;
};

/// From 0 to 1 while `place` goes from 0 to 1; held before and after.
double half_cosine(double place);

} // namespace asiowire
