// SPDX-License-Identifier: MIT
#pragma once

#include "pipewire/connection.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <spa/param/latency-utils.h>
#include <string>

namespace engine_test {

/// A device in the graph that says how far it is: two channels each way, no sound.
class FarDevice {
public:
    /// As PipeWire counts it: quanta, frames and nanoseconds together.
    struct Distance {
        float quanta = 0;
        std::uint32_t frames = 0;
        std::uint64_t ns = 0;
    };

    explicit FarDevice(const char* name)
    {
        std::string why;
        auto connection = asiowire::Connection::open("far device", why);
        if (!connection) return;
        connection_ = std::move(*connection);
        const asiowire::LoopLock lock(connection_->loop());
        filter_.reset(pw_filter_new(
            connection_->core(), name,
            pw_properties_new(PW_KEY_NODE_NAME, name, PW_KEY_NODE_ALWAYS_PROCESS, "true", nullptr)));
        for (std::size_t i = 0; i < 2; i++) {
            playback_[i] = port(PW_DIRECTION_INPUT, i);
            capture_[i] = port(PW_DIRECTION_OUTPUT, i);
        }
        // Without RT_PROCESS PipeWire 1.2 and later takes it for asynchronous and adds a quantum.
        pw_filter_connect(filter_.get(),
                          static_cast<pw_filter_flags>(PW_FILTER_FLAG_RT_PROCESS |
                                                       PW_FILTER_FLAG_CUSTOM_LATENCY),
                          nullptr, 0);
    }
    ~FarDevice()
    {
        if (!connection_) return;
        const asiowire::LoopLock lock(connection_->loop());
        filter_.reset();
    }
    FarDevice(const FarDevice&) = delete;
    FarDevice& operator=(const FarDevice&) = delete;

    /// Says it for one channel, so that the longest can be told from the others.
    void capture_is(std::size_t channel, Distance distance)
    {
        say(capture_[channel], SPA_DIRECTION_OUTPUT, distance);
    }
    void playback_is(std::size_t channel, Distance distance)
    {
        say(playback_[channel], SPA_DIRECTION_INPUT, distance);
    }

private:
    void* port(spa_direction direction, std::size_t channel)
    {
        return pw_filter_add_port(
            filter_.get(), direction, PW_FILTER_PORT_FLAG_MAP_BUFFERS, 0,
            pw_properties_new(PW_KEY_FORMAT_DSP, "32 bit float mono audio", PW_KEY_PORT_NAME,
                              std::to_string(channel).c_str(), nullptr),
            nullptr, 0);
    }

    void say(void* port, spa_direction direction, Distance distance)
    {
        const asiowire::LoopLock lock(connection_->loop());
        spa_latency_info info{};
        info.direction = direction;
        info.min_quantum = info.max_quantum = distance.quanta;
        info.min_rate = info.max_rate = distance.frames;
        info.min_ns = info.max_ns = distance.ns;
        std::byte memory[512];
        spa_pod_builder builder = SPA_POD_BUILDER_INIT(memory, sizeof memory);
        const spa_pod* params[] = {spa_latency_build(&builder, SPA_PARAM_Latency, &info)};
        pw_filter_update_params(filter_.get(), port, params, 1);
        connection_->round_trip();
    }

    std::unique_ptr<asiowire::Connection> connection_;
    asiowire::Filter filter_;
    std::array<void*, 2> playback_{};
    std::array<void*, 2> capture_{};
};

} // namespace engine_test
