// SPDX-License-Identifier: MIT
#pragma once

#include "pipewire/connection.hpp"
#include "taps/ring.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace asiowire {

/// A node that only listens: one port per channel, and every cycle goes into a recording ring. It
/// asks the graph for nothing, neither quantum nor rate.
class CaptureNode {
public:
    /// Connects the node; from here on the audio thread pushes into the ring.
    /// [any-thread, loop locked, audio thread iterating]
    /// Ownership  the ring stays the caller's and outlives this
    /// Errors   system_error, with the reason in `why`
    static Result<std::unique_ptr<CaptureNode>>
    create(Connection& connection, const std::string& name, Ring& ring, std::string& why);

    /// As Node::id(). [main-loop or loop locked]
    std::uint32_t id() const { return pw_filter_get_node_id(filter_.get()); }

    /// Cycles so far, and what the latest one ran at. [any-thread]
    std::uint64_t cycles() const { return cycles_; }
    std::uint32_t rate() const { return rate_; }

private:
    explicit CaptureNode(Ring& ring) : ring_(ring) {}

    // capture_node_rt.cpp
    static void on_process(void* self, spa_io_position* position) ASIOWIRE_RT;

    Ring& ring_;
    std::atomic<std::uint64_t> cycles_{0};
    std::atomic<std::uint32_t> rate_{0};

    // The audio thread's own.
    std::vector<void*> ports_;
    std::vector<const float*> planes_;
    std::uint64_t next_position_ = 0;
    std::uint64_t quantum_ = 0;
    std::uint32_t clock_id_ = 0;

    Filter filter_;
    Hook hook_; // after the filter: unhooked while it still exists
};

} // namespace asiowire
