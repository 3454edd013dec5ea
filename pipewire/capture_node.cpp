// SPDX-License-Identifier: MIT

#include "pipewire/capture_node.hpp"

#include <spa/utils/result.h>

namespace asiowire {

namespace {

void* add_port(pw_filter* filter, std::uint32_t channel)
{
    pw_properties* const properties =
        pw_properties_new(PW_KEY_FORMAT_DSP, "32 bit float mono audio", nullptr);
    pw_properties_setf(properties, PW_KEY_PORT_NAME, "in_%u", channel + 1);
    pw_properties_setf(properties, PW_KEY_AUDIO_CHANNEL, "AUX%u", channel);
    return pw_filter_add_port(filter, PW_DIRECTION_INPUT, PW_FILTER_PORT_FLAG_MAP_BUFFERS, 0,
                              properties, nullptr, 0);
}

} // namespace

Result<std::unique_ptr<CaptureNode>>
CaptureNode::create(Connection& connection, const std::string& name, Ring& ring, std::string& why)
{
    static const pw_filter_events events = [] {
        pw_filter_events table{};
        table.version = PW_VERSION_FILTER_EVENTS;
        table.process = &CaptureNode::on_process;
        return table;
    }();
    std::unique_ptr<CaptureNode> node(new CaptureNode(ring));
    // ALWAYS_PROCESS: time goes on, in silence, when what is recorded is unplugged.
    node->filter_.reset(pw_filter_new(
        connection.core(), name.c_str(),
        pw_properties_new(PW_KEY_NODE_NAME, name.c_str(), PW_KEY_NODE_DESCRIPTION, name.c_str(),
                          PW_KEY_MEDIA_TYPE, "Audio", PW_KEY_MEDIA_CATEGORY, "Capture",
                          PW_KEY_MEDIA_ROLE, "Production", PW_KEY_NODE_ALWAYS_PROCESS, "true",
                          nullptr)));
    if (!node->filter_) {
        why = "PipeWire made no node";
        return std::unexpected(Status::system_error);
    }
    pw_filter_add_listener(node->filter_.get(), node->hook_.get(), &events, node.get());
    node->planes_.resize(ring.channels());
    for (std::uint32_t c = 0; c < ring.channels(); c++) {
        node->ports_.push_back(add_port(node->filter_.get(), ring.header().map[c].number));
        if (node->ports_.back() == nullptr) {
            why = "PipeWire made too few ports";
            return std::unexpected(Status::system_error);
        }
    }
    const int result =
        pw_filter_connect(node->filter_.get(), PW_FILTER_FLAG_RT_PROCESS, nullptr, 0);
    if (result < 0) {
        why = std::string("PipeWire refused the node (") + spa_strerror(result) + ")";
        return std::unexpected(Status::system_error);
    }
    return node;
}

} // namespace asiowire
