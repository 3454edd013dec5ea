// SPDX-License-Identifier: MIT
#pragma once

#include "pipewire/connection.hpp"
#include "tests/engine/patchbay.hpp"

#include <memory>
#include <string>

namespace engine_test {

/// A card in the Pro Audio profile, as an X32's: a sink and a source of 32 AUX channels in one
/// group, with one clock.
class ProAudioCard {
public:
    static constexpr int channels = 32;
    static constexpr const char* sink = "x32.pro-output-0";
    static constexpr const char* source = "x32.pro-input-0";

    ProAudioCard()
    {
        std::string why;
        auto connection = asiowire::Connection::open("pro audio card", why);
        if (!connection) return;
        connection_ = std::move(*connection);
        {
            const asiowire::LoopLock lock(connection_->loop());
            sink_ = make(sink, "Audio/Sink", "priority.driver = 40000");
            source_ = make(source, "Audio/Source/Virtual", "");
            connection_->round_trip();
        }
        const std::string has_ports = "pw-link -i | grep -q " + std::string(source) +
                                      ":input_AUX31 && pw-link -o | grep -q " + std::string(sink) +
                                      ":monitor_AUX31";
        complete = comes_true([&] { return std::system(has_ports.c_str()) == 0; });
    }

    /// Cables from its outputs to its inputs; where they close a circle through a host, the host
    /// comes first: the daemon takes whichever link comes last for the one that is a cycle late,
    /// and from the monitor of the clock's own node that costs nothing.
    bool connect() const
    {
        bool all = true;
        for (int i = 0; i < channels; i++)
            all &= link_by_hand(std::string(sink) + ":monitor_AUX" + std::to_string(i),
                                std::string(source) + ":input_AUX" + std::to_string(i));
        return all;
    }
    ~ProAudioCard()
    {
        if (!connection_) return;
        const asiowire::LoopLock lock(connection_->loop());
        sink_.reset();
        source_.reset();
        connection_->round_trip();
    }
    ProAudioCard(const ProAudioCard&) = delete;
    ProAudioCard& operator=(const ProAudioCard&) = delete;

    bool complete = false; // all its ports are there

private:
    asiowire::Proxy make(const char* name, const char* kind, const char* more) const
    {
        std::string positions;
        for (int i = 0; i < channels; i++)
            positions += "AUX" + std::to_string(i) + " ";
        const std::string properties =
            std::string("factory.name = support.null-audio-sink node.name = \"") + name +
            "\" media.class = " + kind + " node.group = x32 device.id = 4711 audio.channels = 32 " +
            "audio.position = [ " + positions + " ] node.param.PortConfig = { direction = Input " +
            "mode = dsp monitor = true format = { mediaType = audio mediaSubtype = raw " +
            "format = F32 rate = 48000 channels = 32 position = [ " + positions + " ] } } " + more;
        pw_properties* const all = pw_properties_new_string(properties.c_str());
        asiowire::Proxy proxy(static_cast<pw_proxy*>(
            pw_core_create_object(connection_->core(), "adapter", PW_TYPE_INTERFACE_Node,
                                  PW_VERSION_NODE, &all->dict, 0)));
        pw_properties_free(all);
        return proxy;
    }

    std::unique_ptr<asiowire::Connection> connection_;
    asiowire::Proxy sink_;
    asiowire::Proxy source_;
};

} // namespace engine_test
