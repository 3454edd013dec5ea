// SPDX-License-Identifier: MIT
#pragma once

#include "core/sample_type.hpp"
#include "pipewire/rt_state.hpp"
#include "wine/unix/semaphore.hpp"

#include <atomic>
#include <vector>

namespace asiowire {

/// The buffered schedule: the host computes on a thread of its own, and what it played of a block is
/// taken when a fixed number of later ones has passed: buffered_budget(). When it is not ready then,
/// the graph plays silence; a host that has as many blocks before it misses the next one. Either is
/// counted as a late block.
///
/// Stands where the host stands in the synchronous schedule: the cycle fills halves that are ours,
/// exchange() keeps blocks in a ring between the two threads, and await() converts from the ring and
/// to it. It costs a second pair of copies and one futex wake per block.
class BufferedHost {
public:
    /// Puts itself between the cycle and the host.
    /// [any-thread & stopped]  `host`: where the host's own halves lie
    /// Ownership  the state stays the caller's and outlives this
    BufferedHost(RtState& state, std::size_t n_inputs, std::size_t n_outputs,
                 const HostBuffers& host, SampleType type);
    BufferedHost(const BufferedHost&) = delete;
    BufferedHost& operator=(const BufferedHost&) = delete;

    /// finish(), and waits for the next block. False: there will be none.
    /// [host's thread]
    bool await(Block& next);

    /// The host is done with the block it has, if any.
    /// [host's thread]
    void finish();

    /// Makes every await() return false.
    /// [any-thread]
    void close();

private:
    /// A block between the threads. The audio thread's until it is given and from when it is finished
    /// on, the host's in between. Its samples lie in `memory_`.
    struct Slot {
        Block block{};
        std::uint64_t call = 0; // of exchange(), that gave it
    };

    /// A HostCall: takes what the host has played of the block that is due, and gives it this one.
    /// [audio-thread & running]  bounded; wakes the host's thread, which is one system call
    static bool exchange(void* self, const Block& block, HostSpan& span) ASIOWIRE_RT;
    void follow_quantum() ASIOWIRE_RT;
    bool take_outputs(std::uint64_t due, std::uint32_t half) ASIOWIRE_RT;
    void give(const Block& block) ASIOWIRE_RT;

    std::size_t index(std::uint64_t number) const ASIOWIRE_RT { return number % slots_.size(); }
    float* input(std::uint64_t number, std::size_t channel) ASIOWIRE_RT;
    float* output(std::uint64_t number, std::size_t channel) ASIOWIRE_RT;

    RtState& state_;
    const std::size_t n_inputs_;
    const std::size_t n_outputs_;
    const HostBuffers host_;
    const Converter convert_;
    const std::size_t stride_; // floats, of a channel
    std::vector<Slot> slots_;
    std::vector<float> memory_; // [two halves, then slots][inputs, then outputs][frame]
    HostBuffers halves_;        // that the cycle fills and plays, float32

    // Blocks are numbered from 0. Who may write a slot follows from these two.
    alignas(64) std::atomic<std::uint64_t> given_{0};    // by the audio thread
    alignas(64) std::atomic<std::uint64_t> finished_{0}; // by the host's
    std::atomic<bool> closed_{false};
    Semaphore ready_;

    // The audio thread's own.
    alignas(64) std::uint64_t calls_ = 0;
    std::uint64_t taken_ = 0;  // number of the block that is taken next
    std::uint64_t budget_ = 0; // blocks between giving and taking

    // The host's thread's own.
    alignas(64) std::uint32_t host_half_ = 1;
    bool holding_ = false; // it has a block
};

} // namespace asiowire
