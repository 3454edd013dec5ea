// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/volterra_excitation.hpp"

#include <cstddef>
#include <vector>

namespace asiowire {

/// A sweep whose harmonics are shifted copies of itself, and what a response to it says.
///
/// x(t) = a · sin(2π f L e^(t/L)) with whole f·L: its m-th harmonic is x(t + L ln m). Divided by
/// the sweep's spectrum, a response falls apart into one impulse response per harmonic, each L ln m
/// before the linear one. [control-thread]  allocates Source   A. Novak, P. Lotton, L. Simon:
/// Synchronized swept-sine, J. Audio Eng. Soc. 63 (2015)
class VolterraSweep {
public:
    explicit VolterraSweep(const VolterraSweepConfig& config);

    /// The shortest duration that keeps the harmonics' responses apart.
    static double least_seconds(const VolterraSweepConfig& config);

    std::size_t frames() const { return excitation_.size(); }
    const std::vector<double>& excitation() const { return excitation_; }

    /// Shapes   response: any number of frames, the sweep's first at 0; out: [harmonic][taps],
    /// whose
    ///          tap `lead` is the time 0
    void analyse(const double* response, std::size_t count, double* out) const;

private:
    VolterraSweepConfig config_;
    double length_; ///< L, in seconds
    std::vector<double> excitation_;
};

} // namespace asiowire
