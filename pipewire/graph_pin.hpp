// SPDX-License-Identifier: MIT
#pragma once

#include "pipewire/connection.hpp"
#include "pipewire/graph.hpp"
#include "pipewire/pin_ledger.hpp"

#include <memory>
#include <mutex>

namespace asiowire {

/// Pins the whole graph to one quantum and rate, in the daemon's settings metadata, and gives back
/// what stood there. The metadata outlives its writer: hence the ledger, by which the next driver
/// gives back what a killed one could not.
class GraphPin {
public:
    /// Gives back, if need be, what the dead have left.
    /// [any-thread but the main loop, loop not locked]; so are all that follow
    GraphPin(Connection& connection, const std::unique_ptr<Graph>& graph);
    ~GraphPin();
    GraphPin(const GraphPin&) = delete;
    GraphPin& operator=(const GraphPin&) = delete;

    /// Forces this on the whole graph until release(); asking the same daemon again does nothing.
    /// Errors   told in the log; the graph runs as it does without
    void hold(const Forced& wish);

    /// Gives back what stood there, or what another driver holds.
    void release();

    /// What is held; {} = nothing.
    Forced held() const;

private:
    bool set(const Forced& wish);
    Forced forced_now();

    Connection& connection_;
    const std::unique_ptr<Graph>& graph_; // another one, or none, after a daemon was lost; loop locked
    const PinOwner self_;
    mutable std::mutex mutex_;
    Forced asked_; // also when it was refused
    Forced held_;
    std::uint32_t daemon_ = 0; // that was asked
};

} // namespace asiowire
