// SPDX-License-Identifier: MIT
// What a host may ask: channels, sizes, rates, latencies, position.

#include "asio/asio_error.hpp"
#include "asio/driver.hpp"
#include "asio/wide.hpp"
#include "wine/pe/unix_half.hpp"

#include <cmath>
#include <cstdio>

namespace asiowire {

namespace {

constexpr char not_open[] = "init was not called or failed";
constexpr char null_pointer[] = "a pointer is null";

} // namespace

std::int32_t ASIO_METHOD Driver::get_channels(std::int32_t* inputs, std::int32_t* outputs)
{
    return enter("getChannels", [&]() -> Outcome {
        if (inputs == nullptr || outputs == nullptr) return {Status::bad_argument, null_pointer};
        const auto device = opened();
        *inputs = device ? static_cast<std::int32_t>(device->inputs) : 0;
        *outputs = device ? static_cast<std::int32_t>(device->outputs) : 0;
        return device ? Outcome(Status::ok) : Outcome(Status::no_daemon, not_open);
    });
}

std::int32_t ASIO_METHOD Driver::get_latencies(std::int32_t* input, std::int32_t* output)
{
    return enter("getLatencies", [&]() -> Outcome {
        if (input == nullptr || output == nullptr) return {Status::bad_argument, null_pointer};
        const auto device = opened();
        if (!device) return {Status::no_daemon, not_open};
        const auto prepared = session();
        auto params = abi::make<abi::StatusParams>();
        params.engine = device->engine->value();
        params.block = prepared ? prepared->buffers().block() : device->preferred_block;
        const Status status = unix_half::ask(abi::Call::status, params);
        *input = static_cast<std::int32_t>(params.input_latency);
        *output = static_cast<std::int32_t>(params.output_latency);
        return status;
    });
}

std::int32_t ASIO_METHOD Driver::get_buffer_size(std::int32_t* min, std::int32_t* max,
                                                 std::int32_t* preferred,
                                                 std::int32_t* granularity)
{
    return enter("getBufferSize", [&]() -> Outcome {
        if (min == nullptr || max == nullptr || preferred == nullptr || granularity == nullptr)
            return {Status::bad_argument, null_pointer};
        const auto device = opened();
        if (!device) return {Status::no_daemon, not_open};
        *min = min_block;
        *max = max_block;
        *preferred = static_cast<std::int32_t>(device->preferred_block);
        *granularity = 16; // a step for hosts with a slider; any size in between works, too
        return Status::ok;
    });
}

Driver::Outcome Driver::offers(double rate) const
{
    const auto device = opened();
    if (!device) return {Status::no_daemon, not_open};
    if (std::lround(rate) == static_cast<long>(device->rate)) return Status::ok;
    return {Status::no_clock, "the graph runs at " + std::to_string(device->rate) + " Hz"};
}

std::int32_t ASIO_METHOD Driver::can_sample_rate(double rate)
{
    const Outcome answer = offers(rate);
    // Hosts try a dozen rates at every start: "no" is an answer here, not a failure to be logged.
    if (answer.status != Status::ok) keep("canSampleRate: " + answer.text);
    return asio_error(answer.status);
}

std::int32_t ASIO_METHOD Driver::get_sample_rate(double* rate)
{
    return enter("getSampleRate", [&]() -> Outcome {
        if (rate == nullptr) return {Status::bad_argument, null_pointer};
        const auto device = opened();
        if (!device) return {Status::no_daemon, not_open};
        *rate = device->rate;
        return Status::ok;
    });
}

std::int32_t ASIO_METHOD Driver::set_sample_rate(double rate)
{
    return enter("setSampleRate", [&] { return offers(rate); });
}

std::int32_t ASIO_METHOD Driver::get_clock_sources(asio::ClockSource* clocks, std::int32_t* count)
{
    return enter("getClockSources", [&]() -> Outcome {
        if (clocks == nullptr || count == nullptr) return {Status::bad_argument, null_pointer};
        if (*count < 1) return {Status::bad_argument, "there is no room for a clock source"};
        *count = 1;
        clocks[0] = {.index = 0, .associated_channel = -1, .associated_group = -1,
                     .is_current = 1, .name = "PipeWire graph"};
        return Status::ok;
    });
}

std::int32_t ASIO_METHOD Driver::set_clock_source(std::int32_t index)
{
    return enter("setClockSource", [&]() -> Outcome {
        if (index == 0) return Status::ok;
        return {Status::bad_argument, "there is one clock source, number 0"};
    });
}

std::int32_t ASIO_METHOD Driver::get_sample_position(asio::Wide* position, asio::Wide* time)
{
    return enter("getSamplePosition", [&]() -> Outcome {
        if (position == nullptr || time == nullptr) return {Status::bad_argument, null_pointer};
        const auto prepared = session();
        if (!prepared || !prepared->has_position())
            return {Status::position_unknown, "no block has come yet"};
        const Session::Position now = prepared->position();
        *position = wide(now.frames);
        *time = wide(now.time_ns);
        return Status::ok;
    });
}

std::int32_t ASIO_METHOD Driver::get_channel_info(asio::ChannelInfo* info)
{
    return enter("getChannelInfo", [&]() -> Outcome {
        if (info == nullptr) return {Status::bad_argument, null_pointer};
        const auto device = opened();
        if (!device) return {Status::no_daemon, not_open};
        const bool is_input = info->is_input != 0;
        const std::uint32_t channels = is_input ? device->inputs : device->outputs;
        if (info->channel < 0 || static_cast<std::uint32_t>(info->channel) >= channels)
            return {Status::bad_argument, "channel " + std::to_string(info->channel) +
                                              " does not exist; there are " +
                                              std::to_string(channels)};
        const auto prepared = session();
        info->is_active = prepared && prepared->buffers().active(
                                          is_input, static_cast<std::uint32_t>(info->channel))
                              ? 1
                              : 0;
        info->group = 0;
        info->type = asio::Float32LSB;
        std::snprintf(info->name, sizeof info->name, "%s %d", is_input ? "In" : "Out",
                      static_cast<int>(info->channel) + 1);
        return Status::ok;
    });
}

std::int32_t ASIO_METHOD Driver::control_panel()
{
    return enter("controlPanel", []() -> Outcome {
        return {Status::unsupported, "there is no control panel; see the README for settings"};
    });
}

std::int32_t ASIO_METHOD Driver::future(std::int32_t selector, void*)
{
    switch (selector) {
    case asio::kAsioCanTimeInfo:
    case asio::kAsioCanReportOverload: return asio::ASE_SUCCESS;
    default:
        return enter("future", [&]() -> Outcome {
            return {Status::unsupported, "selector " + std::to_string(selector) + " is not offered"};
        });
    }
}

std::int32_t ASIO_METHOD Driver::output_ready()
{
    // The host's block is played in the cycle it was computed in: there is nothing to gain.
    return asio::ASE_NotPresent;
}

} // namespace asiowire
