// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/ready/loop_ear.hpp"

#include <memory>
#include <string>
#include <vector>

namespace asiowire {

/// What is listened for. Units: frames, where nothing else is said
struct LoopPlan {
    VolterraSweepConfig sweep; ///< amplitude 1
    std::vector<LoopTemplate> templates;
    std::size_t sweep_frames = 0;
    std::size_t before = 0; ///< kept from before the sweep: room for its exact place, and the noise
    std::size_t most_delay = 0;
    std::size_t patience = 0; ///< of the ear
    double reference_hz = 1000;

    std::size_t after() const { return most_delay + sweep.taps + sweep.lead; }
    std::size_t take_frames() const { return before + sweep_frames + after(); }
};

/// What one input brought while a sweep was played.
struct LoopRecord {
    std::string name;
    std::size_t channel = 0;
    std::vector<float> samples; ///< [take_frames]
};

/// A sweep that was played to its end, and the inputs that were heard beside it.
struct LoopTake {
    std::string output;
    double gain = 0;           ///< of the sweep, as its beginning had it
    std::size_t known = 0;     ///< frames before the sweep that were heard; the others are zeros
    std::vector<float> played; ///< [take_frames], `before` of them before the sweep
    std::vector<LoopRecord> inputs;
};

/// Waits for sweeps in one output channel, and keeps what its inputs bring meanwhile.
///
/// [hook-thread]  allocates a take when a sweep begins
class LoopWatch {
public:
    struct Step {
        std::string said; ///< a sentence, "" = nothing
        bool warning = false;
        std::unique_ptr<LoopTake> take; ///< one that is complete
    };

    LoopWatch(const LoopPlan& plan, std::string output, std::size_t channel);

    void add_input(std::string name, std::size_t channel);
    const std::string& output() const { return output_; }

    /// Hears some of a block's frames, as many as `heard` says, and what came of it.
    Step hear(const float* const* audio, std::size_t first, std::size_t frames, std::size_t& heard);

    /// The stream is not continued where it was.
    /// Returns whether a measurement is lost by it.
    bool interrupt();

private:
    struct History {
        std::size_t channel = 0;
        std::vector<float> past; // a circle
    };

    Step begin(const LoopEar::Found& found);
    void keep(const float* const* audio, std::size_t first, std::size_t frames);
    void copy_history(const History& from, std::size_t frames, float* to) const;
    bool goes_on(std::size_t before, std::size_t now);

    const LoopPlan& plan_;
    std::string output_;
    LoopEar ear_;
    History played_;
    std::vector<History> inputs_;
    std::vector<std::string> names_;
    std::size_t past_frames_;
    std::uint64_t frame_ = 0; // heard since the last interruption
    std::unique_ptr<LoopTake> take_;
    std::size_t taken_ = 0; // frames of the take
    double piece_energy_ = 0;
    std::size_t piece_frames_ = 0;
    std::size_t deaf_ = 0; // frames to come in which nothing is looked for
};

} // namespace asiowire
