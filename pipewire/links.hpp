// SPDX-License-Identifier: MIT
#pragma once

#include "pipewire/devices.hpp"
#include "pipewire/graph.hpp"
#include "pipewire/link_store.hpp"

#include <cstdint>
#include <list>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace asiowire {

/// Links our ports as soon as both sides are in the graph: to the devices' by the rule, channel for
/// channel, and to whatever the user has linked them to. What the user links or unlinks by hand
/// stays as it is and goes into the store, for the next run. Otherwise a pair is made once and
/// never again, unless one of its ports goes and comes back.
class Links {
public:
    struct Channels {
        std::vector<std::uint32_t> inputs;  // device channel of each of our input ports
        std::vector<std::uint32_t> outputs; // the same for our output ports
    };

    /// [any-thread, loop locked]  node: our own node's id
    Links(Connection& connection, const Graph& graph, std::uint32_t node, const Devices& devices,
          Channels channels, LinkStore& store);

    /// Makes what is wanted, possible and not made yet: first our outputs' links, and once these
    /// are active our inputs'. In a graph that loops back to us the daemon decides by the order of
    /// birth which links close the circle and are one cycle late; mixed up, channels would differ
    /// by one.
    /// [main-loop or loop locked]
    void update();

    /// Whether our ports are all in the graph and every link made so far carries sound.
    /// [main-loop or loop locked]
    bool settled() const;

private:
    using Pair = std::pair<std::uint32_t, std::uint32_t>; // (out port, in port)
    struct Made {
        Pair ports;
        bool by_rule = false;
        std::uint32_t device = SPA_ID_INVALID; // the other node
        Proxy proxy;
        Hook hook;
        Links* owner = nullptr;
        bool active = false; // carries sound, or never will
        bool failed = false; // never will
    };

    void forget_gone();
    void leave_other_devices();
    bool all_active() const;
    std::uint32_t device(Direction ours) const;
    std::vector<Pair> by_rule(Direction ours) const;
    void make_all(Direction ours);
    void make(const Pair& ports, bool by_rule);

    // links_edits.cpp
    struct Seen {
        Pair ports;
        LinkName name;
        bool foreign = false; // and made to stay, as a user's are
    };
    struct Doubt {
        LinkName name;
        std::pair<std::uint64_t, std::uint64_t> serials; // of its ports
        Pair ports;
        bool by_rule = false;
        int question = 0; // to the daemon
    };
    void note_edits();
    void note_loss(std::uint32_t id, const Seen& link);
    void note_find(std::uint32_t id, const Graph::Link& link);
    void judge(int answer);
    bool is_by_rule(const Pair& ports) const;
    Pair find(const LinkName& name, Direction ours) const;
    bool name(const Pair& ports, LinkName& into) const;

    Connection& connection_;
    const Graph& graph_;
    const std::uint32_t node_;
    const Devices& devices_;
    const Channels channels_;
    LinkStore& store_;
    std::set<Pair> tried_;
    std::list<Made> made_;
    std::map<std::uint32_t, Seen> seen_; // links on our ports, by their ids
    std::list<Doubt> doubts_;
    Hook core_hook_;
    bool inputs_made_ = false; // since the last change of outputs
};

} // namespace asiowire
