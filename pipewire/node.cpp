// SPDX-License-Identifier: MIT

#include "pipewire/node.hpp"

#include <spa/utils/result.h>

namespace asiowire {

namespace {

pw_properties* node_properties(const Node::Shape& shape)
{
    pw_properties* properties = pw_properties_new(
        PW_KEY_NODE_NAME, shape.name.c_str(), PW_KEY_NODE_DESCRIPTION, shape.name.c_str(),
        PW_KEY_MEDIA_TYPE, "Audio", PW_KEY_MEDIA_CATEGORY, "Duplex", PW_KEY_MEDIA_ROLE,
        "Production", PW_KEY_NODE_ALWAYS_PROCESS, "true", PW_KEY_NODE_GROUP, "group.dsp.0", nullptr);
    // Both: the first asks where nothing is forced from outside, the second decides.
    pw_properties_setf(properties, PW_KEY_NODE_LATENCY, "%u/%u", shape.block, shape.rate);
    pw_properties_setf(properties, PW_KEY_NODE_FORCE_QUANTUM, "%u", shape.block);
    if (shape.forced_rate != 0)
        pw_properties_setf(properties, PW_KEY_NODE_FORCE_RATE, "%u", shape.forced_rate);
    return properties;
}

} // namespace

Node::Port* Node::add_port(pw_filter* filter, spa_direction direction, const char* prefix,
                           std::uint32_t channel, const std::string& alias)
{
    pw_properties* properties =
        pw_properties_new(PW_KEY_FORMAT_DSP, "32 bit float mono audio", nullptr);
    pw_properties_setf(properties, PW_KEY_PORT_NAME, "%s_%u", prefix, channel + 1);
    pw_properties_set(properties, PW_KEY_PORT_ALIAS, alias.c_str());
    auto* const port = static_cast<Port*>(
        pw_filter_add_port(filter, direction, PW_FILTER_PORT_FLAG_MAP_BUFFERS, sizeof(Port),
                           properties, nullptr, 0));
    if (port != nullptr) port->plays = direction == PW_DIRECTION_OUTPUT;
    return port;
}

bool Node::add_ports(const Shape& shape)
{
    state_.port_buffer = &Node::port_buffer;
    bool complete = true;
    const auto alias = [&](const std::vector<std::string>& names, std::uint32_t channel) {
        return shape.name + ":" + names.at(channel);
    };
    for (std::size_t i = 0; i < state_.n_inputs; i++) {
        const std::uint32_t channel = shape.input_channels[i];
        state_.input_ports[i] = add_port(filter_.get(), PW_DIRECTION_INPUT, "in", channel,
                                         alias(shape.input_names, channel));
        complete &= state_.input_ports[i] != nullptr;
    }
    for (std::size_t i = 0; i < state_.n_outputs; i++) {
        const std::uint32_t channel = shape.output_channels[i];
        state_.output_ports[i] = add_port(filter_.get(), PW_DIRECTION_OUTPUT, "out", channel,
                                          alias(shape.output_names, channel));
        complete &= state_.output_ports[i] != nullptr;
    }
    return complete;
}

Result<std::unique_ptr<Node>> Node::create(Connection& connection, const Shape& shape,
                                           RtState& state, Latencies& latencies,
                                           std::string& why)
{
    static const pw_filter_events events = [] {
        pw_filter_events table{};
        table.version = PW_VERSION_FILTER_EVENTS;
        table.process = &Node::on_process;
        // From where PipeWire sets its own pointer, which its process reads as ours does.
        table.io_changed = [](void*, void* port, std::uint32_t id, void* area, std::uint32_t) {
            if (id != SPA_IO_Buffers || port == nullptr) return;
            __atomic_store_n(&static_cast<Port*>(port)->exchange,
                             static_cast<const spa_io_buffers*>(area), __ATOMIC_RELEASE);
        };
        table.param_changed = [](void* self, void* port, std::uint32_t id, const spa_pod* param) {
            if (id == SPA_PARAM_Latency && port != nullptr)
                static_cast<Node*>(self)->take_latency(port, param);
        };
        return table;
    }();

    std::unique_ptr<Node> node(new Node(state, latencies));
    node->filter_.reset(
        pw_filter_new(connection.core(), shape.name.c_str(), node_properties(shape)));
    if (!node->filter_) {
        why = "PipeWire made no node";
        return std::unexpected(Status::system_error);
    }
    pw_filter_add_listener(node->filter_.get(), node->hook_.get(), &events, node.get());
    if (!node->add_ports(shape)) {
        why = "PipeWire made too few ports";
        return std::unexpected(Status::system_error);
    }
    // RT_PROCESS is what keeps the node synchronous: without it PipeWire makes it async and every
    // link one period longer.
    // CUSTOM_LATENCY is what brings the ports' Latency params here.
    const auto flags =
        static_cast<pw_filter_flags>(PW_FILTER_FLAG_RT_PROCESS | PW_FILTER_FLAG_CUSTOM_LATENCY);
    if (const int result = pw_filter_connect(node->filter_.get(), flags, nullptr, 0); result < 0) {
        why = std::string("PipeWire refused the node (") + spa_strerror(result) + ")";
        return std::unexpected(Status::system_error);
    }
    return node;
}

void Node::force_rate(std::uint32_t rate)
{
    const std::string text = std::to_string(rate);
    const spa_dict_item item = SPA_DICT_ITEM_INIT(PW_KEY_NODE_FORCE_RATE, text.c_str());
    const spa_dict properties = SPA_DICT_INIT(&item, 1);
    pw_filter_update_properties(filter_.get(), nullptr, &properties);
}

void Node::take_latency(const void* port, const spa_pod* param)
{
    const auto take = [&](spa_direction side, const auto& ports, std::size_t n) {
        for (std::size_t i = 0; i < n; i++)
            if (ports[i] == port && latencies_.set(side, i, param)) pass_latency_on(side);
    };
    take(SPA_DIRECTION_INPUT, state_.input_ports, state_.n_inputs);
    take(SPA_DIRECTION_OUTPUT, state_.output_ports, state_.n_outputs);
}

/// What lies before our inputs lies before whoever listens to our outputs, and the other way round.
/// The delay of re-blocking is not added: in a graph that loops back to us the sum would come round
/// and grow for ever.
void Node::pass_latency_on(spa_direction from)
{
    const bool to_outputs = from == SPA_DIRECTION_INPUT;
    const spa_direction side = to_outputs ? SPA_DIRECTION_OUTPUT : SPA_DIRECTION_INPUT;
    const spa_latency_info passed = latencies_.combined(from);
    spa_latency_info& last = passed_on_[side];
    if (spa_latency_info_compare(&passed, &last) == 0) return;
    last = passed;
    const auto& ports = to_outputs ? state_.output_ports : state_.input_ports;
    for (std::size_t i = 0; i < (to_outputs ? state_.n_outputs : state_.n_inputs); i++) {
        const spa_latency_info own = latencies_.of(side, i);
        std::byte memory[1024];
        spa_pod_builder builder = SPA_POD_BUILDER_INIT(memory, sizeof memory);
        const spa_pod* params[] = {spa_latency_build(&builder, SPA_PARAM_Latency, &passed),
                                   spa_latency_build(&builder, SPA_PARAM_Latency, &own)};
        pw_filter_update_params(filter_.get(), ports[i], params, 2);
    }
}

} // namespace asiowire
