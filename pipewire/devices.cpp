// SPDX-License-Identifier: MIT

#include "pipewire/devices.hpp"

#include <algorithm>

namespace asiowire {

Devices Devices::source_alone(const std::string& name)
{
    Devices one;
    one.capture_.named = name;
    one.follow_ = false;
    return one;
}

void Devices::choose(const Settings& settings, const Graph& graph, LinkStore& store)
{
    follow_ = settings.follow_default;
    card_ = settings.card;
    playback_.named = settings.playback;
    capture_.named = settings.capture;
    if (follow_) return;
    const auto hold = [&](Choice& choice, std::string LinkList::*kept, const std::string& now) {
        if (choice.held.empty()) choice.held = now;
        if (!choice.named.empty() || !card_.empty()) return;
        if ((store.list().*kept).empty() && !now.empty())
            store.change([kept, now](LinkList& list) { list.*kept = now; });
        choice.named = store.list().*kept;
    };
    hold(playback_, &LinkList::playback, graph.default_sink());
    hold(capture_, &LinkList::capture, graph.default_source());
}

/// The node itself, or another one of its card, that plays or records; "" when there is none.
std::string Devices::of_card(const Graph& graph, bool plays) const
{
    const auto fits = [&](std::uint32_t id) {
        const std::string& kind = graph.node(id)->media_class;
        if (kind.starts_with(plays ? "Audio/Source" : "Audio/Sink")) return false;
        const auto ports = graph.ports_of(id, plays ? Direction::in : Direction::out);
        // A virtual source's are monitors of what is played into it.
        const bool source = kind.starts_with("Audio/Source");
        return std::ranges::any_of(ports,
                                   [&](auto port) { return source || !graph.port(port)->monitor; });
    };
    const std::uint32_t node = graph.node_named(card_);
    if (node == SPA_ID_INVALID) return {};
    if (fits(node)) return card_;
    for (const std::uint32_t other : graph.same_device(node))
        if (fits(other)) return graph.node(other)->name;
    return {};
}

std::string Devices::name(const Choice& choice, const Graph& graph, bool plays) const
{
    if (graph.node_named(choice.named) != SPA_ID_INVALID) return choice.named;
    if (std::string found = of_card(graph, plays); !found.empty()) return found;
    if (!follow_) return choice.held;
    return plays ? graph.default_sink() : graph.default_source();
}

std::string Devices::sink_name(const Graph& graph) const
{
    return name(playback_, graph, true);
}

std::string Devices::source_name(const Graph& graph) const
{
    return name(capture_, graph, false);
}

} // namespace asiowire
