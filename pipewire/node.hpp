// SPDX-License-Identifier: MIT
#pragma once

#include "pipewire/connection.hpp"
#include "pipewire/latency.hpp"
#include "pipewire/rt_state.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace asiowire {

/// Our node in the graph: one synchronous pw_filter with a mono DSP port per active channel.
class Node {
public:
    struct Shape {
        std::string name;
        Frames block = 0;
        std::uint32_t rate = 0;                     // Hz, for the node.latency hint
        std::uint32_t forced_rate = 0;              // Hz; 0 = whatever the graph runs at
        std::vector<std::uint32_t> input_channels;  // device channel of each port
        std::vector<std::uint32_t> output_channels;
        std::vector<std::string> input_names; // by device channel
        std::vector<std::string> output_names;
    };

    /// Connects the node; from here on process() runs on the audio thread.
    /// [any-thread, loop locked, audio thread iterating]
    /// Errors   system_error, with the reason in `why`
    static Result<std::unique_ptr<Node>> create(Connection& connection, const Shape& shape,
                                                RtState& state, Latencies& latencies,
                                                std::string& why);

    /// Has the whole graph run at a rate, as long as nobody with more rights says otherwise; 0 gives
    /// it back.
    /// [main-loop or loop locked]
    void force_rate(std::uint32_t rate);

    /// The node's id in the daemon's registry; SPA_ID_INVALID until the daemon has made it.
    /// [main-loop or loop locked]
    std::uint32_t id() const { return pw_filter_get_node_id(filter_.get()); }

    /// pw_filter_get_dsp_buffer, as what it is: a dequeue and a queue on ring indices.
    /// [audio-thread, inside process()]
    /// Source   PipeWire, src/pipewire/filter.c: no lock, no allocation, no system call
    static float* dsp_buffer(void* port, Frames frames) ASIOWIRE_RT;

    /// Withdraws the wish for a quantum and takes the node out of the graph.
    /// [main-loop or loop locked, audio thread iterating]
    ~Node() = default;

private:
    /// What lies with a port of ours in PipeWire's own memory, which begins as zeros.
    struct Port {
        bool plays;
        const spa_io_buffers* exchange; // where a buffer is handed over; null while there is no link
    };

    Node(RtState& state, Latencies& latencies) : state_(state), latencies_(latencies) {}
    static Port* add_port(pw_filter* filter, spa_direction direction, const char* prefix,
                          std::uint32_t channel, const std::string& alias);
    void take_latency(const void* port, const spa_pod* param);
    void pass_latency_on(spa_direction from);
    bool add_ports(const Shape& shape);

    // node_rt.cpp
    static void on_process(void* self, spa_io_position* position) ASIOWIRE_RT;
    /// dsp_buffer() of a port of this node. Null, too, for an output that has no place yet to hand a buffer
    /// over, or whose latest one nobody has taken: a second one would queue up behind it, where the port has
    /// two (PipeWire 1.x), and all that follows on this channel would be a quantum late.
    static float* port_buffer(void* port, Frames frames) ASIOWIRE_RT;

    RtState& state_;
    Latencies& latencies_;
    std::array<spa_latency_info, 2> passed_on_{}; // [side that was told]
    Filter filter_;
    Hook hook_; // after the filter: unhooked while it still exists
};

} // namespace asiowire
