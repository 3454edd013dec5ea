// SPDX-License-Identifier: MIT
#pragma once

#include "pipewire/connection.hpp"

#include <memory>
#include <string>

namespace engine_test {

/// A sink that can be plugged in and out while the graph runs, as a USB card is. With monitor ports; it
/// drives the graph.
class HotSink {
public:
    /// `more`: properties of the node, as in PipeWire's configuration files
    HotSink(std::string name, int channels, std::string more = "")
        : name_(std::move(name)), channels_(channels), more_(std::move(more))
    {
        std::string why;
        auto connection = asiowire::Connection::open("hot sink", why);
        if (connection) connection_ = std::move(*connection);
    }
    ~HotSink() { unplug(); }
    HotSink(const HotSink&) = delete;
    HotSink& operator=(const HotSink&) = delete;

    void plug()
    {
        if (!connection_ || proxy_) return;
        const std::string format = "{ mediaType = audio mediaSubtype = raw format = F32 rate = 48000 "
                                   "channels = " + std::to_string(channels_) +
                                   " position = [ " + positions() + " ] }";
        const std::string properties =
            "factory.name = support.null-audio-sink node.name = \"" + name_ +
            "\" media.class = Audio/Sink priority.driver = 40000 audio.channels = " +
            std::to_string(channels_) + " audio.position = [ " + positions() +
            " ] node.param.PortConfig = { direction = Input mode = dsp monitor = true format = " +
            format + " } " + more_;
        const asiowire::LoopLock lock(connection_->loop());
        pw_properties* const all = pw_properties_new_string(properties.c_str());
        proxy_.reset(static_cast<pw_proxy*>(
            pw_core_create_object(connection_->core(), "adapter", PW_TYPE_INTERFACE_Node,
                                  PW_VERSION_NODE, &all->dict, 0)));
        pw_properties_free(all);
        connection_->round_trip();
    }

    void unplug()
    {
        if (!connection_ || !proxy_) return;
        const asiowire::LoopLock lock(connection_->loop());
        proxy_.reset();
        connection_->round_trip();
    }

private:
    std::string positions() const
    {
        if (channels_ == 2) return "FL FR";
        std::string all;
        for (int i = 0; i < channels_; i++) all += "AUX" + std::to_string(i) + " ";
        return all;
    }

    const std::string name_;
    const int channels_;
    const std::string more_;
    std::unique_ptr<asiowire::Connection> connection_;
    asiowire::Proxy proxy_;
};

} // namespace engine_test
