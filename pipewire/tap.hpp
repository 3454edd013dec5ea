// SPDX-License-Identifier: MIT
#pragma once

#include "pipewire/rt_state.hpp"
#include "taps/ring.hpp"

#include <atomic>
#include <cstdint>
#include <vector>

namespace asiowire {

/// Where a run's audio is tapped: at the end of each cycle the inputs as the host got them and the
/// outputs as it played them go into a recording ring, float32 as the graph has them.
class Tap {
public:
    /// The ring's channels are found among the run's ports; one that the host does not use is
    /// silence.
    ///
    /// [any-thread but the audio thread]  inputs, outputs: device channel of each port
    /// Ownership  the ring stays the caller's and outlives this
    Tap(Ring& ring, const std::vector<std::uint32_t>& inputs,
        const std::vector<std::uint32_t>& outputs);

    /// The audio thread begins or ends to push, at the next cycle. [any-thread]
    void turn(bool on) { on_ = on; }

    /// What this cycle is recorded by; null: nothing.
    /// [audio-thread, at the beginning of a cycle]
    static Tap* now(const RtState& state) ASIOWIRE_RT
    {
        Tap* const tap = state.tap.load(std::memory_order_acquire);
        if (tap == nullptr || tap->on_.load(std::memory_order_acquire)) return tap;
        tap->known_ = false;
        return nullptr;
    }

    /// Room for an output that no port takes, or null when it is not recorded.
    /// [audio-thread]  port: index of the run's output
    float* spare(std::size_t port, Frames quantum) ASIOWIRE_RT
    {
        const bool recorded = port < spare_at_.size() && spare_at_[port] != not_recorded;
        return recorded && quantum <= max_block ? spare_.data() + spare_at_[port] : nullptr;
    }

    /// [audio-thread, at the end of a cycle]  wait-free, no system call
    void push(const RtState& state, const Cycle& cycle) ASIOWIRE_RT;

private:
    static constexpr std::size_t not_recorded = ~std::size_t{0};
    struct Source {
        bool output = false;
        std::size_t port = not_recorded;
    };

    Ring& ring_;
    std::atomic<bool> on_{false};
    std::vector<Source> sources_;       // of each of the ring's channels
    std::vector<std::size_t> spare_at_; // of each output port
    std::vector<float> spare_;

    // The audio thread's own.
    std::vector<const float*> planes_;
    bool known_ = false; // what follows is the latest cycle's
    std::uint64_t missed_ = 0;
    std::uint64_t xruns_ = 0;
    std::uint64_t late_ = 0;
};

} // namespace asiowire
