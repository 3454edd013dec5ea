// SPDX-License-Identifier: MIT
#pragma once

#include "pipewire/graph.hpp"
#include "pipewire/link_store.hpp"
#include "pipewire/settings.hpp"

#include <cstdint>
#include <string>

namespace asiowire {

/// Which nodes stand for the sound card: those that are named, as soon as they are in the graph, or
/// those of a card that is named, and else the default ones. The default ones are those of now, or,
/// when they are not to be followed, those that the application had at first.
class Devices {
public:
    /// One node to record from, and no other while it is away.
    /// [any-thread]
    static Devices source_alone(const std::string& name);

    /// Takes the settings' names, and, where default devices are not followed, keeps in the store
    /// those that there are.
    /// [main-loop or loop locked]; so are all that follow
    void choose(const Settings& settings, const Graph& graph, LinkStore& store);

    /// Names of the nodes; "" when there is none.
    std::string sink_name(const Graph& graph) const;
    std::string source_name(const Graph& graph) const;

    /// Their ids, or SPA_ID_INVALID.
    std::uint32_t sink(const Graph& graph) const { return graph.node_named(sink_name(graph)); }
    std::uint32_t source(const Graph& graph) const { return graph.node_named(source_name(graph)); }

private:
    struct Choice {
        std::string named;
        std::string held; // stands in for the default one that is not followed
    };
    std::string name(const Choice& choice, const Graph& graph, bool plays) const;
    std::string of_card(const Graph& graph, bool plays) const;

    Choice playback_;
    Choice capture_;
    std::string card_; // one of its nodes
    bool follow_ = true;
};

} // namespace asiowire
