// SPDX-License-Identifier: MIT

#include "pipewire/device_latency.hpp"

namespace asiowire {

void DeviceLatency::watch(const Graph& graph, std::uint32_t capture, std::uint32_t playback)
{
    const auto first = [&](std::uint32_t node, Direction direction) {
        const auto ports = graph.ports_of(node, direction);
        return ports.empty() ? SPA_ID_INVALID : ports.front();
    };
    capture_.side = SPA_DIRECTION_INPUT;
    playback_.side = SPA_DIRECTION_OUTPUT;
    watch(capture_, graph, first(capture, Direction::out));
    watch(playback_, graph, first(playback, Direction::in));
}

void DeviceLatency::watch(Watched& watched, const Graph& graph, std::uint32_t port)
{
    if (watched.port == port) return;
    forget(watched);
    watched.port = port;
    watched.latencies = &latencies_;
    if (port == SPA_ID_INVALID) return;

    static const pw_port_events events = {
        .version = PW_VERSION_PORT_EVENTS,
        .info = nullptr,
        .param =
            [](void* data, int, std::uint32_t id, std::uint32_t, std::uint32_t,
               const spa_pod* param) {
                auto& self = *static_cast<Watched*>(data);
                if (id == SPA_PARAM_Latency) self.latencies->set(self.side, 0, param);
            },
    };
    watched.proxy = graph.bind(port, PW_TYPE_INTERFACE_Port, PW_VERSION_PORT);
    if (!watched.proxy) return;
    auto* proxy = reinterpret_cast<pw_port*>(watched.proxy.get());
    pw_port_add_listener(proxy, watched.hook.get(), &events, &watched);
    std::uint32_t params[] = {SPA_PARAM_Latency};
    pw_port_subscribe_params(proxy, params, 1);
}

void DeviceLatency::forget()
{
    forget(capture_);
    forget(playback_);
}

void DeviceLatency::forget(Watched& watched)
{
    watched.port = SPA_ID_INVALID;
    watched.hook.remove();
    watched.proxy.reset();
    latencies_.set(watched.side, 0, nullptr);
}

} // namespace asiowire
