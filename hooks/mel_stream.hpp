// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/mel_plan.hpp"

#include <span>
#include <vector>

namespace asiowire {

/// The frames of a signal that arrives in pieces: those of compute_batch, bit by bit.
///
/// A frame is computed as soon as its samples are there and it cannot be the dropped last one.
///
/// [one thread at a time]
/// Errors   what takes samples throws std::bad_alloc
class MelStream {
public:
    explicit MelStream(const MelSettings& settings);

    void push(std::span<const float> samples);
    void finish();
    bool finished() const { return finished_; }
    void reset();

    std::size_t available() const { return ready_.size() / n_mels() - pulled_; }
    std::size_t n_mels() const { return plan_.settings().n_mels(); }
    /// Moves the oldest `frames` (at most available()) to [frame][mel].
    void pull(float* to, std::size_t frames);

private:
    void take(std::span<const float> samples);
    void begin_padding();
    void end_padding();
    void compute_until(std::size_t end);
    void forget_samples();

    MelPlan plan_;
    Workspace workspace_;
    std::vector<float> block_;   ///< [mel][frame], as a kernel writes it
    std::vector<float> samples_; ///< of the padded signal, from base_ on
    std::size_t base_ = 0;
    std::size_t received_ = 0; ///< samples of the signal itself
    std::size_t computed_ = 0; ///< frames
    bool begun_ = false;       ///< samples_ begins with the mirrored start
    bool finished_ = false;
    std::vector<float> ready_; ///< [frame][mel]
    std::size_t pulled_ = 0;   ///< frames of ready_ that are gone
};

} // namespace asiowire
