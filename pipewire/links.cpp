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
    forget_gone();
    leave_other_devices(device(wanted_.playback, graph_.default_sink()),
                        device(wanted_.capture, graph_.default_source()));
    make_outputs();
    if (!all_active()) return; // their news brings us back here
    make_inputs();
    inputs_made_ = true;
}

/// Numbers are given anew: a device that was unplugged may come back with those it had, or others with
/// them.
void Links::forget_gone()
{
    const auto gone = [this](const Pair& ports) {
        return !graph_.has_port(ports.first) || !graph_.has_port(ports.second);
    };
    made_.remove_if([&](const Made& link) { return gone(link.ports); });
    std::erase_if(tried_, gone);
}

/// When the default device is another one, what we made goes over to it with us. A device that is
/// not there keeps what it has: there is nothing to go over to.
void Links::leave_other_devices(std::uint32_t sink, std::uint32_t source)
{
    made_.remove_if([&](const Made& link) {
        const bool ours_plays = link.out_node == node_;
        const std::uint32_t wanted = ours_plays ? sink : source;
        const std::uint32_t there = ours_plays ? link.in_node : link.out_node;
        if (wanted == SPA_ID_INVALID || wanted == there) return false;
        tried_.erase(link.ports);
        return true;
    });
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
                Links& owner = *link->owner; // the link itself may go in the update
                owner.update();
                pw_thread_loop_signal(owner.connection_.loop(), false);
            },
    };
    Made& made = made_.emplace_back();
    made.ports = {out_port, in_port};
    made.out_node = out_node;
    made.in_node = in_node;
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
