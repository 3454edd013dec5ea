// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/volterra_excitation.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace asiowire {

/// The beginning of a sweep as it is looked for: made for some rate, played at the stream's.
struct LoopTemplate {
    std::uint32_t made_for = 0; ///< Hz
    std::size_t decimation = 1; ///< frames of the stream per value
    std::vector<double> values; ///< means of `decimation` frames of the sweep of amplitude 1
    double energy = 0;          ///< sum of their squares

    std::size_t frames() const { return decimation * values.size(); }
};

/// The beginnings of one sweep: the first is that made for the stream's own rate.
///
/// Long enough that no steady tone is taken for it, and that half a period's shift is told apart.
/// [hook-thread]  allocates
std::vector<LoopTemplate> loop_templates(const VolterraSweepConfig& sweep);

/// Listens to one channel for the beginning of a sweep, at any level above -90 dB, either polarity.
///
/// A template and the same number of the latest values are correlated, both without the high
/// frequencies that a beginning does not have: thousands of multiplications per second, not
/// millions. [hook-thread]  allocates when made only
class LoopEar {
public:
    struct Found {
        std::size_t which = 0;  ///< of the templates
        std::int64_t start = 0; ///< frame of the sweep's first sample, give or take a decimation
        double gain = 0;        ///< amplitude, negative when the polarity is turned
    };

    /// `patience`: frames without a better match after which the best one is it.
    LoopEar(const std::vector<LoopTemplate>& templates, std::size_t patience);

    /// Hears frames up to the first find and says how many those were.
    std::optional<Found> hear(const float* samples, std::size_t frames, std::size_t& heard);

    /// Forgets what was heard; the next frame has this number.
    void reset(std::int64_t frame);

private:
    struct Scan {
        const LoopTemplate* from = nullptr;
        std::vector<double> past; // twice, so that the latest values lie in one piece
        std::size_t at = 0;
        std::size_t known = 0; // values since the reset
        double sum = 0;
        std::size_t summed = 0;
        double best = 0; // of the scores
        Found found;
        std::int64_t best_at = 0;
    };

    void look(Scan& scan, std::size_t which);

    std::vector<Scan> scans_;
    std::int64_t patience_;
    std::int64_t frame_ = 0;
};

} // namespace asiowire
