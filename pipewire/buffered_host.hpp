// SPDX-License-Identifier: MIT
#pragma once

#include "core/sample_type.hpp"
#include "pipewire/rt_state.hpp"
#include "wine/unix/semaphore.hpp"

#include <atomic>
#include <vector>

namespace asiowire {

/// The buffered schedule: the host computes on a thread of its own and has one block's time for it.
/// What it played of one block is taken when the next one is complete; when it is not ready then, the
/// graph plays silence, that next block passes the host by, and both are counted as one late block.
///
/// Stands where the host stands in the synchronous schedule: the cycle fills halves that are ours,
/// and exchange() passes blocks on. It costs a second pair of copies and one futex wake per block.
class BufferedHost {
public:
    /// Puts itself between the cycle and the host.
    /// [any-thread & stopped]  `host`: where the host's own halves lie
    /// Ownership  the state stays the caller's and outlives this
    BufferedHost(RtState& state, std::size_t n_inputs, std::size_t n_outputs,
                 const HostBuffers& host, SampleType type);
    BufferedHost(const BufferedHost&) = delete;
    BufferedHost& operator=(const BufferedHost&) = delete;

    /// The host is done with the block it has, if any; waits for the next one. False: there will be
    /// none.
    /// [host's thread]
    bool await(Block& next);

    /// Makes every await() return false.
    /// [any-thread]
    void close();

private:
    /// A HostCall: takes what the host has played of the block before, and gives it this one.
    /// [audio-thread & running]  bounded; wakes the host's thread, which is one system call
    static bool exchange(void* self, const Block& block, HostSpan& span) ASIOWIRE_RT;
    void take_outputs(std::uint32_t half) ASIOWIRE_RT;
    void give(const Block& block) ASIOWIRE_RT;

    RtState& state_;
    const std::size_t n_inputs_;
    const std::size_t n_outputs_;
    const HostBuffers host_;
    const Converter convert_;
    std::vector<float> memory_;
    HostBuffers halves_; // that the cycle fills and plays, float32

    Block given_block_{};                  // the audio thread's while nothing is outstanding, else
    std::atomic<std::uint64_t> given_{0};  // the host's; these two say which
    std::atomic<std::uint64_t> finished_{0};
    std::atomic<bool> closed_{false};
    Semaphore ready_;

    // The audio thread's own.
    std::uint64_t calls_ = 0;
    std::uint64_t last_given_call_ = 0;
    std::uint32_t host_half_ = 1;

    bool holding_ = false; // the host's thread's own: it has a block
};

} // namespace asiowire
