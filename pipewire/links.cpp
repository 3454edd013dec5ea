// SPDX-License-Identifier: MIT

#include "pipewire/links.hpp"

#include <algorithm>
#include <pipewire/link.h>
#include <utility>

namespace asiowire {

Links::Links(Connection& connection, const Graph& graph, std::uint32_t node, Wanted wanted)
    : connection_(connection), graph_(graph), node_(node), wanted_(std::move(wanted))
{
    update();
}

std::uint32_t Links::device(const std::string& named, const std::string& by_default) const
{
    const std::uint32_t node = graph_.node_named(named);
    return node != SPA_ID_INVALID ? node : graph_.node_named(by_default);
}

bool Links::all_active() const
{
    return std::ranges::all_of(made_, &Made::active);
}

void Links::update()
{
    inputs_made_ = false;
    make_outputs();
    if (!all_active()) return; // their news brings us back here
    make_inputs();
    inputs_made_ = true;
}

void Links::make_outputs()
{
    const auto ours = graph_.ports_of(node_, Direction::out);
    const std::uint32_t sink = device(wanted_.playback, graph_.default_sink());
    const auto theirs = graph_.ports_of(sink, Direction::in);
    for (std::size_t i = 0; i < std::min(ours.size(), wanted_.output_channels.size()); i++)
        if (const std::uint32_t channel = wanted_.output_channels[i]; channel < theirs.size())
            make(node_, ours[i], sink, theirs[channel]);
}

void Links::make_inputs()
{
    const auto ours = graph_.ports_of(node_, Direction::in);
    const std::uint32_t source = device(wanted_.capture, graph_.default_source());
    const auto theirs = graph_.ports_of(source, Direction::out);
    for (std::size_t i = 0; i < std::min(ours.size(), wanted_.input_channels.size()); i++)
        if (const std::uint32_t channel = wanted_.input_channels[i]; channel < theirs.size())
            make(source, theirs[channel], node_, ours[i]);
}

void Links::make(std::uint32_t out_node, std::uint32_t out_port, std::uint32_t in_node,
                 std::uint32_t in_port)
{
    if (graph_.linked(out_port, in_port) || !tried_.emplace(out_port, in_port).second) return;
    pw_properties* properties = pw_properties_new(PW_KEY_OBJECT_LINGER, "false", nullptr);
    pw_properties_setf(properties, PW_KEY_LINK_OUTPUT_NODE, "%u", out_node);
    pw_properties_setf(properties, PW_KEY_LINK_OUTPUT_PORT, "%u", out_port);
    pw_properties_setf(properties, PW_KEY_LINK_INPUT_NODE, "%u", in_node);
    pw_properties_setf(properties, PW_KEY_LINK_INPUT_PORT, "%u", in_port);
    Proxy proxy(static_cast<pw_proxy*>(
        pw_core_create_object(connection_.core(), "link-factory", PW_TYPE_INTERFACE_Link,
                              PW_VERSION_LINK, &properties->dict, 0)));
    pw_properties_free(properties);
    if (!proxy) return;

    static const pw_link_events events = {
        .version = PW_VERSION_LINK_EVENTS,
        .info =
            [](void* data, const pw_link_info* info) {
                auto* link = static_cast<Made*>(data);
                const bool was_active = std::exchange(
                    link->active, info->state == PW_LINK_STATE_ACTIVE ||
                                      info->state == PW_LINK_STATE_ERROR);
                if (was_active || !link->active) return;
                link->owner->update();
                pw_thread_loop_signal(link->owner->connection_.loop(), false);
            },
    };
    Made& made = made_.emplace_back();
    made.proxy = std::move(proxy);
    made.owner = this;
    pw_proxy_add_object_listener(made.proxy.get(), made.hook.get(), &events, &made);
}

bool Links::settled() const
{
    return graph_.ports_of(node_, Direction::in).size() == wanted_.input_channels.size() &&
           graph_.ports_of(node_, Direction::out).size() == wanted_.output_channels.size() &&
           inputs_made_ && all_active();
}

} // namespace asiowire
