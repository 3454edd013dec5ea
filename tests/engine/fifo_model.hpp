// SPDX-License-Identifier: MIT
#pragma once

#include "tests/engine/stepped_driver.hpp"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace engine_test {

/// What the driver should do, told by cycles alone: single frames by their numbers in plain queues,
/// the delay found by trying, the counters by what their description says. It shares no code with
/// the engine.
class FifoModel {
public:
    /// A frame that is played: the host's number of it, or silence.
    using Played = std::optional<std::uint64_t>;

    struct Counters {
        std::uint64_t gaps = 0;
        std::uint64_t missed = 0; // frames
        std::uint64_t device = 0; // xruns
    };

    FifoModel(Frames block, bool buffered) : block_(block), buffered_(buffered) {}

    /// One cycle; its frames are appended to `played`.
    void turn(const SteppedDriver::Turned& cycle)
    {
        follow_clock(cycle);
        const Frames quantum = cycle.step.quantum;
        if (quantum != quantum_) {
            const Frames needed = largest_fill(quantum);
            if (needed > delay) queue_.insert(queue_.begin(), needed - delay, Played{});
            delay = std::max(delay, needed);
        }
        quantum_ = quantum;
        for (Frames i = 0; i < quantum; i++)
            if (++fill_ == block_) call_host();
        for (Frames i = 0; i < quantum; i++) {
            dry |= queue_.empty();
            played.push_back(queue_.empty() ? Played{} : queue_.front());
            if (!queue_.empty()) queue_.pop_front();
        }
    }

    Counters counters;
    Frames delay = 0;                     // frames, of re-blocking
    Frames budget = 0;                    // frames, of the buffered schedule
    std::vector<Played> played;           // [frame since the first cycle]
    std::vector<std::uint64_t> positions; // [block]
    bool dry = false;                     // the model itself ran out of frames: the test is wrong

private:
    /// What is not to be compared with the cycle before: another clock; for gaps, a discontinuity
    /// and another quantum; for the device's xruns, another rate.
    void follow_clock(const SteppedDriver::Turned& cycle)
    {
        const Step& now = cycle.step;
        if (before_ && before_->step.other_clock == now.other_clock) {
            const std::uint64_t expected = before_->position + before_->step.quantum;
            const bool same_quantum = before_->step.quantum == now.quantum;
            const bool off = same_quantum && cycle.position != expected;
            if (off && !now.discontinuous && cycle.position > expected) {
                counters.gaps++;
                counters.missed += cycle.position - expected;
            }
            if (before_->step.rate == now.rate && (off || now.discontinuous || now.xrun != 0))
                counters.device++;
        }
        before_ = {now, cycle.position};
    }

    /// The most frames that wait for their block, over all cycles to come.
    Frames largest_fill(Frames quantum) const
    {
        Frames fill = fill_;
        Frames largest = 0;
        for (Frames k = 0; k < block_; k++) {
            fill = (fill + quantum) % block_;
            largest = std::max(largest, fill);
        }
        return largest;
    }

    void call_host()
    {
        fill_ = 0;
        positions.push_back(counters.missed + blocks_ * block_);
        ready_.push_back(blocks_++);
        if (buffered_) budget = std::max(budget, (quantum_ + block_ - 1) / block_ * block_);
        const bool due = ready_.size() > budget / block_;
        for (Frames i = 0; i < block_; i++)
            queue_.push_back(due ? Played{ready_.front() * block_ + i} : Played{});
        if (due) ready_.pop_front();
    }

    struct Before {
        Step step;
        std::uint64_t position;
    };

    const Frames block_;
    const bool buffered_;
    std::optional<Before> before_;
    Frames quantum_ = 0;
    Frames fill_ = 0;
    std::uint64_t blocks_ = 0;
    std::deque<std::uint64_t> ready_; // blocks the host has played, waiting for their budget
    std::deque<Played> queue_;
};

} // namespace engine_test
