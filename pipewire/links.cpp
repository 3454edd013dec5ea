// SPDX-License-Identifier: MIT

#include "pipewire/links.hpp"

#include <algorithm>
#include <pipewire/link.h>

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

void Links::update()
{
    const auto ours_in = graph_.ports_of(node_, Direction::in);
    const auto ours_out = graph_.ports_of(node_, Direction::out);
    const std::uint32_t playback = device(wanted_.playback, graph_.default_sink());
    const std::uint32_t capture = device(wanted_.capture, graph_.default_source());
    const auto theirs_in = graph_.ports_of(playback, Direction::in);
    const auto theirs_out = graph_.ports_of(capture, Direction::out);

    for (std::size_t i = 0; i < std::min(ours_out.size(), wanted_.output_channels.size()); i++)
        if (const std::uint32_t channel = wanted_.output_channels[i]; channel < theirs_in.size())
            make(node_, ours_out[i], playback, theirs_in[channel]);
    for (std::size_t i = 0; i < std::min(ours_in.size(), wanted_.input_channels.size()); i++)
        if (const std::uint32_t channel = wanted_.input_channels[i]; channel < theirs_out.size())
            make(capture, theirs_out[channel], node_, ours_in[i]);
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
                link->active = info->state == PW_LINK_STATE_ACTIVE ||
                               info->state == PW_LINK_STATE_ERROR; // an error settles it, too
                pw_thread_loop_signal(link->loop, false);
            },
    };
    Made& made = made_.emplace_back();
    made.proxy = std::move(proxy);
    made.loop = connection_.loop();
    pw_proxy_add_object_listener(made.proxy.get(), made.hook.get(), &events, &made);
}

bool Links::settled() const
{
    return graph_.ports_of(node_, Direction::in).size() == wanted_.input_channels.size() &&
           graph_.ports_of(node_, Direction::out).size() == wanted_.output_channels.size() &&
           std::ranges::all_of(made_, &Made::active);
}

} // namespace asiowire
