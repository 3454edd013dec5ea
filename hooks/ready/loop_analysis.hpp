// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/ready/loop_watch.hpp"
#include "hooks/volterra_sweep.hpp"

#include <string>
#include <vector>

namespace asiowire {

/// What a loop does to a sine of the sweep's level, per frequency of the sine.
struct LoopFigures {
    std::string input;
    std::vector<std::string> warnings; ///< what the figures suffer from
    std::string failure;               ///< why there are none; "" = there are
    double sweep_db = 0;               ///< peak of what was played
    long delay = 0;                    ///< frames from output to input
    double gain_db = 0;                ///< of the fundamental at the reference frequency
    double thd_percent = 0;            ///< there, of the orders whose frequency exists
    double noise_db = 0;               ///< RMS before the sweep over that of the response
    bool noise_known = false;
    std::size_t clipped = 0;         ///< runs of samples at full scale
    std::vector<float> harmonics_db; ///< [order - 2], there, relative to the fundamental
    std::vector<std::vector<float>> responses_db; ///< [order - 1][grid], NaN where nothing is known
};

/// The sine's frequencies that responses are told for: twelve an octave. Units: Hz
///
/// From twice the sweep's first frequency, where the responses' windows hold a whole period, to 0.9
/// of its last.
std::vector<float> loop_grid(const LoopPlan& plan);

/// Looks at takes of one plan.
///
/// [any-thread, one at a time]  allocates some 100 bytes per frame of a take; bounded
/// Errors   std::bad_alloc
class LoopAnalysis {
public:
    explicit LoopAnalysis(const LoopPlan& plan);

    LoopFigures look(const LoopTake& take, const LoopRecord& input) const;

private:
    struct Place {
        std::size_t start = 0; ///< of the sweep in the take
        double gain = 0;
        double rest = 0; ///< what is not the sweep, of its energy
        long delay = 0;
        double crest = 0; ///< of the loop's response: peak over RMS of everything
    };

    Place locate(const LoopTake& take, const LoopRecord& input) const;
    void measure(LoopFigures& figures, const LoopRecord& input, const Place& place) const;
    double amplitude(const std::vector<double>& responses, std::size_t order, double hz) const;

    const LoopPlan& plan_;
    VolterraSweep sweep_;
    std::vector<float> grid_;
};

} // namespace asiowire
