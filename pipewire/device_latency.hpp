// SPDX-License-Identifier: MIT
#pragma once

#include "pipewire/graph.hpp"
#include "pipewire/latency.hpp"

namespace asiowire {

/// The latency of the devices we shall be linked to, for hosts that ask before they start and keep
/// the answer: that of each device's first channel.
class DeviceLatency {
public:
    explicit DeviceLatency(Latencies& latencies) : latencies_(latencies) {}

    /// Looks at these nodes from now on; SPA_ID_INVALID: at none. Does nothing when it does already.
    /// [main-loop or loop locked]
    void watch(const Graph& graph, std::uint32_t capture, std::uint32_t playback);

    /// Looks at no node any more; before the graph goes.
    /// [main-loop or loop locked]
    void forget();

private:
    struct Watched {
        std::uint32_t port = SPA_ID_INVALID;
        spa_direction side = SPA_DIRECTION_INPUT; // ours: capture devices are heard at our inputs
        Latencies* latencies = nullptr;
        Proxy proxy;
        Hook hook;
    };
    void watch(Watched& watched, const Graph& graph, std::uint32_t port);
    void forget(Watched& watched);

    Latencies& latencies_;
    Watched capture_;
    Watched playback_;
};

} // namespace asiowire
