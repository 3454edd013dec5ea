// SPDX-License-Identifier: MIT
#pragma once

#include "pipewire/graph.hpp"

#include <cstdint>
#include <list>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace asiowire {

/// Links our ports to a device's, channel for channel, as soon as both sides are in the graph. What
/// the user links or unlinks by hand stays as it is: a pair is made once and never again, unless the
/// device goes and comes back.
class Links {
public:
    /// Device names; an empty one stands for the graph's default device, which may be none.
    struct Wanted {
        std::string playback;
        std::string capture;
        std::vector<std::uint32_t> input_channels;  // device channel of each of our input ports
        std::vector<std::uint32_t> output_channels; // the same for our output ports
    };

    /// [any-thread, loop locked]  node: our own node's id
    Links(Connection& connection, const Graph& graph, std::uint32_t node, Wanted wanted);

    /// Makes what is wanted, possible and not made yet: first our outputs' links, and once these are
    /// active our inputs'. In a graph that loops back to us the daemon decides by the order of birth
    /// which links close the circle and are one cycle late; mixed up, channels would differ by one.
    /// [main-loop or loop locked]
    void update();

    /// Whether our ports are all in the graph and every link made so far carries sound.
    /// [main-loop or loop locked]
    bool settled() const;

private:
    using Pair = std::pair<std::uint32_t, std::uint32_t>; // (out port, in port)
    struct Made {
        Pair ports;
        std::uint32_t out_node = SPA_ID_INVALID;
        std::uint32_t in_node = SPA_ID_INVALID;
        Proxy proxy;
        Hook hook;
        Links* owner = nullptr;
        bool active = false; // carries sound, or never will
    };

    void forget_gone();
    void leave_other_devices(std::uint32_t sink, std::uint32_t source);
    std::uint32_t device(const std::string& named, const std::string& by_default) const;
    bool all_active() const;
    void make_outputs();
    void make_inputs();
    void make(std::uint32_t out_node, std::uint32_t out_port, std::uint32_t in_node,
              std::uint32_t in_port);

    Connection& connection_;
    const Graph& graph_;
    const std::uint32_t node_;
    const Wanted wanted_;
    std::set<Pair> tried_;
    std::list<Made> made_;
    bool inputs_made_ = false; // since the last change of outputs
};

} // namespace asiowire
