// SPDX-License-Identifier: MIT
#pragma once

#include "pipewire/rt_state.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

namespace fake {

using asiowire::Frames;

/// What frame `frame` of channel `channel` carries: never 0, exact in float32, different for every
/// channel and every frame of a test.
inline float sample(std::uint64_t frame, std::size_t channel)
{
    return static_cast<float>(frame % 100'000 * 128 + channel + 1);
}

/// A channel's half as what it holds in these tests.
inline float* floats(std::byte* half)
{
    return reinterpret_cast<float*>(half);
}

/// A port as the driver sees it, with guards behind its buffer.
struct Port {
    static constexpr float guard = -12345.0f;
    static constexpr std::size_t margin = 8;

    std::vector<float> buffer;
    Frames quantum = 0;
    bool linked = true;
    int asked = 0; // times in this cycle

    void fill(Frames frames)
    {
        quantum = frames;
        asked = 0;
        buffer.assign(frames + margin, guard);
    }
    /// Whether the driver asked for it once and kept within it.
    bool treated_well() const
    {
        const auto end = buffer.begin() + (linked ? quantum : 0);
        return asked == 1 && std::all_of(end, buffer.end(), [](float v) { return v == guard; });
    }
    static float* take(void* self, Frames frames) ASIOWIRE_RT
    {
        auto& port = *static_cast<Port*>(self);
        port.asked += frames == port.quantum ? 1 : 1000;
        return port.linked ? port.buffer.data() : nullptr;
    }
};

/// A graph without PipeWire: makes port buffers, turns cycles and keeps what was heard and played.
/// The driver's state is the real one; the host is a function that the test names.
class Graph {
public:
    struct Call {
        asiowire::Block block;
        Frames at_cycle;                    // number of the cycle that called
        std::vector<std::vector<float>> in; // [channel][frame]; types of four bytes only
    };
    static constexpr std::uint64_t begin_ns = 1'000'000'000'000;

    Graph(Frames block, std::size_t n_inputs, std::size_t n_outputs,
          asiowire::SampleType type = asiowire::SampleType::float32)
        : in(n_inputs), out(n_outputs), heard(n_inputs), played(n_outputs),
          stride_((block * asiowire::bytes_per_sample(type) + 3) / 4 + Port::margin),
          half_stride_(Port::margin + (n_inputs + n_outputs) * stride_),
          halves_(2 * half_stride_ + Port::margin, Port::guard)
    {
        asiowire::RtState& s = *state;
        s.block = block;
        s.convert = asiowire::converter(type);
        s.sample_bytes = asiowire::bytes_per_sample(type);
        s.n_inputs = n_inputs;
        s.n_outputs = n_outputs;
        for (std::size_t c = 0; c < n_inputs; c++) s.input_ports[c] = &in[c];
        for (std::size_t c = 0; c < n_outputs; c++) s.output_ports[c] = &out[c];
        auto* const base = reinterpret_cast<std::byte*>(halves_.data() + Port::margin);
        s.buffers = {.inputs = base,
                     .outputs = base + n_inputs * stride_ * sizeof(float),
                     .channel_stride = static_cast<std::uint32_t>(stride_ * sizeof(float)),
                     .half_stride = static_cast<std::uint32_t>(half_stride_ * sizeof(float))};
        s.port_buffer = &Port::take;
        s.host = &Graph::host;
        s.host_context = this;
        s.armed = true;
    }

    /// One cycle; time and position of the next one follow by themselves.
    asiowire::HostTime turn(Frames quantum)
    {
        for (std::size_t c = 0; c < in.size(); c++) {
            in[c].fill(quantum);
            for (Frames i = 0; i < quantum; i++) {
                in[c].buffer[i] = in[c].linked ? source(frame_ + i, c) : Port::guard;
                heard[c].push_back(in[c].linked ? in[c].buffer[i] : 0.0f);
            }
        }
        for (Port& port : out) port.fill(quantum);
        const asiowire::Cycle now = {.quantum = quantum,
                                     .rate = rate,
                                     .time_ns = time_ns,
                                     .position = position,
                                     .clock_id = clock_id,
                                     .discontinuous = discontinuous};
        const asiowire::HostTime time = asiowire::cycle(*state, now);
        for (std::size_t c = 0; c < out.size(); c++)
            if (const auto& buffer = out[c].buffer; out[c].linked)
                played[c].insert(played[c].end(), buffer.begin(), buffer.begin() + quantum);
        for (const Port& port : in) ports_mistreated += !port.treated_well();
        for (const Port& port : out) ports_mistreated += !port.treated_well();
        frame_ += quantum;
        position += quantum;
        time_ns = begin_ns + frame_ * 1'000'000'000u / rate;
        cycles++;
        return time;
    }

    /// Frames that the graph has turned so far.
    std::uint64_t frames() const { return frame_; }

    /// Ports not asked for once per cycle, and writes outside of ports and of the host's halves.
    int faults() const
    {
        int found = ports_mistreated;
        for (std::size_t half = 0; half < 2; half++)
            for (std::size_t c = 0; c <= in.size(); c++) // before the first and behind each input
                found += guard_broken(half * half_stride_ + c * stride_);
        found += guard_broken(2 * half_stride_); // behind the last output
        return found;
    }

    /// What the inputs carry.
    float (*source)(std::uint64_t frame, std::size_t channel) = sample;
    const std::unique_ptr<asiowire::RtState> state = std::make_unique<asiowire::RtState>();
    /// What the host does with a block; false: it is gone.
    bool (*on_block)(Graph& graph, const asiowire::Block& block) = nullptr;
    asiowire::HostSpan span{.enter = 1000, .leave = 1010}; // what the host says it took
    std::vector<Call> calls;
    std::vector<Port> in;
    std::vector<Port> out;
    std::vector<std::vector<float>> heard;  // [channel][frame]: what the graph gave
    std::vector<std::vector<float>> played; // [channel][frame]: what it got
    int ports_mistreated = 0;
    Frames cycles = 0;

    // What the graph's clock says of the coming cycle.
    std::uint32_t rate = 48000;
    std::uint64_t time_ns = begin_ns;
    std::uint64_t position = 777;
    std::uint32_t clock_id = 30;
    bool discontinuous = false;

private:
    bool guard_broken(std::size_t at) const
    {
        return std::any_of(halves_.begin() + at, halves_.begin() + at + Port::margin,
                           [](float value) { return value != Port::guard; });
    }

    static bool host(void* self, const asiowire::Block& block, asiowire::HostSpan& span) ASIOWIRE_RT
    {
        auto& graph = *static_cast<Graph*>(self);
        span = graph.span;
        return graph.take(block);
    }

    bool take(const asiowire::Block& block)
    {
        const asiowire::RtState& s = *state;
        Call call{.block = block, .at_cycle = cycles, .in = {}};
        for (std::size_t c = 0; c < s.n_inputs && s.sample_bytes == sizeof(float); c++) {
            const float* const from = floats(s.buffers.input(c, block.half));
            call.in.emplace_back(from, from + s.block);
        }
        calls.push_back(std::move(call));
        return on_block == nullptr || on_block(*this, block);
    }

    // [half][inputs, then outputs][frame], a margin before each half and behind each channel; the
    // outputs' own may be silenced along with them.
    const std::size_t stride_;
    const std::size_t half_stride_;
    std::vector<float> halves_;
    std::uint64_t frame_ = 0;
};

/// A new graph, alive until the next one: not the test's own, because a failed assertion jumps
/// past destructors.
inline Graph& new_graph(Frames block, std::size_t n_inputs, std::size_t n_outputs,
                        asiowire::SampleType type = asiowire::SampleType::float32)
{
    static std::unique_ptr<Graph> current;
    current = std::make_unique<Graph>(block, n_inputs, n_outputs, type);
    return *current;
}

/// A host that plays sample(frame, channel), its own frames counted from 0.
inline bool counting_host(Graph& graph, const asiowire::Block& block)
{
    const asiowire::RtState& s = *graph.state;
    const std::uint64_t first = (graph.calls.size() - 1) * s.block;
    for (std::size_t c = 0; c < s.n_outputs; c++)
        for (Frames i = 0; i < s.block; i++)
            floats(s.buffers.output(c, block.half))[i] = sample(first + i, c);
    return true;
}

} // namespace fake
