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
    return properties;
}

void* add_port(pw_filter* filter, spa_direction direction, const char* prefix,
               std::uint32_t channel)
{
    pw_properties* properties =
        pw_properties_new(PW_KEY_FORMAT_DSP, "32 bit float mono audio", nullptr);
    pw_properties_setf(properties, PW_KEY_PORT_NAME, "%s_%u", prefix, channel + 1);
    return pw_filter_add_port(filter, direction, PW_FILTER_PORT_FLAG_MAP_BUFFERS, 0, properties,
                              nullptr, 0);
}

} // namespace

bool Node::add_ports(const Shape& shape)
{
    state_.n_inputs = shape.input_channels.size();
    state_.n_outputs = shape.output_channels.size();
    state_.port_buffer = &Node::port_buffer;
    bool complete = true;
    for (std::size_t i = 0; i < state_.n_inputs; i++)
        complete &= (state_.input_ports[i] = add_port(filter_.get(), PW_DIRECTION_INPUT, "in",
                                                      shape.input_channels[i])) != nullptr;
    for (std::size_t i = 0; i < state_.n_outputs; i++)
        complete &= (state_.output_ports[i] = add_port(filter_.get(), PW_DIRECTION_OUTPUT, "out",
                                                       shape.output_channels[i])) != nullptr;
    return complete;
}

Result<std::unique_ptr<Node>> Node::create(Connection& connection, const Shape& shape,
                                           RtState& state, std::string& why)
{
    static const pw_filter_events events = [] {
        pw_filter_events table{};
        table.version = PW_VERSION_FILTER_EVENTS;
        table.process = &Node::on_process;
        return table;
    }();

    std::unique_ptr<Node> node(new Node(state));
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
    const auto flags = static_cast<pw_filter_flags>(PW_FILTER_FLAG_RT_PROCESS);
    if (const int result = pw_filter_connect(node->filter_.get(), flags, nullptr, 0); result < 0) {
        why = std::string("PipeWire refused the node (") + spa_strerror(result) + ")";
        return std::unexpected(Status::system_error);
    }
    return node;
}

} // namespace asiowire
