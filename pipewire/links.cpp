// SPDX-License-Identifier: MIT

#include "pipewire/links.hpp"

#include <algorithm>
#include <pipewire/link.h>
#include <utility>

namespace asiowire {

Links::Links(Connection& connection, const Graph& graph, std::uint32_t node, const Devices& devices,
             Channels channels, LinkStore& store)
    : connection_(connection), graph_(graph), node_(node), devices_(devices),
      channels_(std::move(channels)), store_(store)
{
    static const pw_core_events events = {
        .version = PW_VERSION_CORE_EVENTS,
        .done =
            [](void* self, std::uint32_t id, int sequence) {
                if (id == PW_ID_CORE) static_cast<Links*>(self)->judge(sequence);
            },
    };
    pw_core_add_listener(connection_.core(), core_hook_.get(), &events, this);
    update();
}

/// Of the rule's: what the user has linked us to may never answer.
bool Links::all_active() const
{
    return std::ranges::all_of(made_,
                               [](const Made& link) { return link.active || !link.by_rule; });
}

void Links::update()
{
    note_edits();
    inputs_made_ = false;
    forget_gone();
    leave_other_devices();
    make_all(Direction::out);
    if (!all_active()) return; // their news brings us back here
    make_all(Direction::in);
    inputs_made_ = true;
}

/// Numbers are given anew: a device that was unplugged may come back with those it had, or others
/// with them.
void Links::forget_gone()
{
    const auto gone = [this](const Pair& ports) {
        return !graph_.has_port(ports.first) || !graph_.has_port(ports.second);
    };
    made_.remove_if([&](const Made& link) { return gone(link.ports); });
    std::erase_if(tried_, gone);
}

std::uint32_t Links::device(Direction ours) const
{
    return ours == Direction::out ? devices_.sink(graph_) : devices_.source(graph_);
}

/// When the device is another one, what the rule made goes over to it with us. A device that is not
/// there keeps what it has: there is nothing to go over to.
void Links::leave_other_devices()
{
    const std::uint32_t sink = device(Direction::out);
    const std::uint32_t source = device(Direction::in);
    made_.remove_if([&](const Made& link) {
        const Graph::Port* const from = graph_.port(link.ports.first);
        const std::uint32_t wanted = from->node == node_ ? sink : source;
        if (!link.by_rule || wanted == SPA_ID_INVALID || wanted == link.device) return false;
        tried_.erase(link.ports);
        return true;
    });
}

/// Channel for channel, in the order of the device's ports; channels beyond the device's have none.
std::vector<Links::Pair> Links::by_rule(Direction ours) const
{
    std::vector<Pair> pairs;
    const bool plays = ours == Direction::out;
    const auto ports = graph_.ports_of(node_, ours);
    const auto theirs = graph_.ports_of(device(ours), plays ? Direction::in : Direction::out);
    const auto& channels = plays ? channels_.outputs : channels_.inputs;
    for (std::size_t i = 0; i < std::min(ports.size(), channels.size()); i++) {
        if (channels[i] >= theirs.size()) continue;
        const std::uint32_t there = theirs[channels[i]];
        pairs.push_back(plays ? Pair{ports[i], there} : Pair{there, ports[i]});
    }
    return pairs;
}

void Links::make_all(Direction ours)
{
    const auto& left = store_.list().left;
    for (const Pair& ports : by_rule(ours)) {
        LinkName named;
        if (left.empty() || (name(ports, named) && !left.contains(named))) make(ports, true);
    }
    for (const LinkName& wanted : store_.list().wanted)
        if (const Pair ports = find(wanted, ours); ports.first != SPA_ID_INVALID)
            make(ports, false);
}

void Links::make(const Pair& ports, bool by_rule)
{
    const auto [out_port, in_port] = ports;
    if (tried_.contains(ports) || graph_.linked(out_port, in_port)) return;
    tried_.insert(ports);
    const std::uint32_t out_node = graph_.port(out_port)->node;
    const std::uint32_t in_node = graph_.port(in_port)->node;
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
                link->failed |= info->state == PW_LINK_STATE_ERROR;
                const bool was_active =
                    std::exchange(link->active, info->state == PW_LINK_STATE_ACTIVE ||
                                                    info->state == PW_LINK_STATE_ERROR);
                if (was_active || !link->active) return;
                Links& owner = *link->owner; // the link itself may go in the update
                owner.update();
                pw_thread_loop_signal(owner.connection_.loop(), false);
            },
    };
    Made& made = made_.emplace_back();
    made.ports = ports;
    made.by_rule = by_rule;
    made.device = out_node == node_ ? in_node : out_node;
    made.proxy = std::move(proxy);
    made.owner = this;
    pw_proxy_add_object_listener(made.proxy.get(), made.hook.get(), &events, &made);
}

bool Links::settled() const
{
    return graph_.ports_of(node_, Direction::in).size() == channels_.inputs.size() &&
           graph_.ports_of(node_, Direction::out).size() == channels_.outputs.size() &&
           inputs_made_ && all_active();
}

} // namespace asiowire
