// SPDX-License-Identifier: MIT
// init, and what a host may ask: channels, sizes, rates, latencies, position.

#include "asio/opened.hpp"

#include "asio/program_name.hpp"
#include "asio/rates.hpp"
#include "asio/sample_types.hpp"
#include "asio/wide.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace asiowire {

namespace {

constexpr char null_pointer[] = "a pointer is null";

std::string hertz(double rate)
{
    char text[40];
    std::snprintf(text, sizeof text, "%.10g Hz", rate);
    return text;
}

} // namespace

std::expected<std::shared_ptr<Opened>, Outcome> Opened::open(const Entry& entry,
                                                             std::string& remark)
{
    if (unix_half::load() != Status::ok)
        return std::unexpected<Outcome>({Status::no_unix_half, unix_half::why()});
    auto params = abi::make<abi::OpenParams>();
    params.version = abi::version;
    copy_program_name(params.program);
    std::snprintf(params.device, sizeof params.device, "%s", entry.device.c_str());
    std::snprintf(params.capture, sizeof params.capture, "%s", entry.capture.c_str());
    const Status status = unix_half::ask(abi::Call::open, params);
    if (status != Status::ok) return std::unexpected<Outcome>({status, params.message});
    auto engine = std::make_shared<EngineToken>(params.engine);
    if (params.sample_type >= sample_types) return std::unexpected<Outcome>(Status::wrong_version);
    remark = params.message;
    return std::shared_ptr<Opened>(
        new Opened(std::move(engine), {.inputs = params.inputs,
                                       .outputs = params.outputs,
                                       .preferred_block = params.preferred_block,
                                       .sample_type = static_cast<SampleType>(params.sample_type),
                                       .fixed_block = params.fixed_block != 0}));
}

std::expected<abi::StatusParams, Status> Opened::status(std::uint32_t block) const
{
    auto params = abi::make<abi::StatusParams>();
    params.engine = engine_->value();
    params.block = block;
    const Status status = unix_half::ask(abi::Call::status, params);
    if (status != Status::ok) return std::unexpected(status);
    return params;
}

std::uint32_t Opened::preferred_block() const
{
    if (device_.fixed_block) return device_.preferred_block;
    const auto now = status(0);
    const std::uint32_t wanted = now ? now->preferred_block : 0;
    return wanted == 0 ? device_.preferred_block
                       : std::clamp<std::uint32_t>(wanted, min_block, max_block);
}

std::uint32_t Opened::block() const
{
    const auto prepared = prepared_.get();
    return prepared ? prepared->block() : preferred_block();
}

Outcome Opened::channels(std::int32_t* inputs, std::int32_t* outputs) const
{
    if (inputs == nullptr || outputs == nullptr) return {Status::bad_argument, null_pointer};
    *inputs = static_cast<std::int32_t>(device_.inputs);
    *outputs = static_cast<std::int32_t>(device_.outputs);
    return Status::ok;
}

Outcome Opened::channel_info(asio::ChannelInfo* info) const
{
    if (info == nullptr) return {Status::bad_argument, null_pointer};
    const bool is_input = info->is_input != 0;
    const auto channel = static_cast<std::uint32_t>(info->channel);
    const std::uint32_t channels = is_input ? device_.inputs : device_.outputs;
    if (info->channel < 0 || channel >= channels)
        return {Status::bad_argument, "channel " + std::to_string(info->channel) +
                                          " does not exist; there are " + std::to_string(channels)};
    const auto prepared = prepared_.get();
    info->is_active = prepared && prepared->active(is_input, channel) ? 1 : 0;
    info->group = 0;
    info->type = asio_type(device_.sample_type);
    static_assert(sizeof info->name == abi::channel_bytes);
    auto params = abi::make<abi::ChannelParams>();
    params.engine = engine_->value();
    params.channel = channel;
    params.is_input = is_input ? 1 : 0;
    const Status status = unix_half::ask(abi::Call::channel, params);
    if (status != Status::ok) return status;
    std::memcpy(info->name, params.name, sizeof info->name);
    return Status::ok;
}

Outcome Opened::latencies(std::int32_t* input, std::int32_t* output) const
{
    if (input == nullptr || output == nullptr) return {Status::bad_argument, null_pointer};
    const auto now = status(block());
    if (!now) return now.error();
    *input = static_cast<std::int32_t>(now->input_latency);
    *output = static_cast<std::int32_t>(now->output_latency);
    return Status::ok;
}

Outcome Opened::buffer_size(std::int32_t* min, std::int32_t* max, std::int32_t* preferred,
                            std::int32_t* granularity) const
{
    if (min == nullptr || max == nullptr || preferred == nullptr || granularity == nullptr)
        return {Status::bad_argument, null_pointer};
    const auto wanted = static_cast<std::int32_t>(preferred_block());
    *preferred = wanted;
    *min = device_.fixed_block ? wanted : std::int32_t{min_block};
    *max = device_.fixed_block ? wanted : std::int32_t{max_block};
    *granularity = device_.fixed_block ? 0 : 1;
    return Status::ok;
}

Outcome Opened::internal_buffers(asio::InternalBufferInfo* info) const
{
    if (info == nullptr) return {Status::bad_argument, null_pointer};
    const auto now = status(block());
    if (!now) return now.error();
    info->input_samples = 0; // input goes straight into the host's half
    info->output_samples = static_cast<std::int32_t>(now->fifo_delay + now->budget);
    return Status::ok;
}

Outcome Opened::ask_rate(double rate, bool only_ask) const
{
    const std::uint32_t whole = whole_rate(rate);
    if (whole == 0) return {Status::no_clock, hertz(rate) + " is no sample rate"};
    auto params = abi::make<abi::RateParams>();
    params.engine = engine_->value();
    params.rate = whole;
    params.only_ask = only_ask ? 1 : 0;
    const Status status = unix_half::ask(abi::Call::rate, params);
    return {status, params.message};
}

Outcome Opened::can_sample_rate(double rate) const
{
    Outcome outcome = ask_rate(rate, true);
    if (outcome.status == Status::ok) return Status::ok;
    return Outcome::answer(cannot_run_at(outcome.status), std::move(outcome.text));
}

Outcome Opened::sample_rate(double* rate) const
{
    if (rate == nullptr) return {Status::bad_argument, null_pointer};
    *rate = 0;
    const auto now = status(0);
    if (!now) return now.error();
    if (now->rate == 0) return {Status::no_clock, "the graph's rate is not known yet"};
    *rate = now->rate;
    return Status::ok;
}

Outcome Opened::set_sample_rate(double rate)
{
    Outcome outcome = ask_rate(rate, false);
    outcome.status = did_not_set_rate(outcome.status);
    if (rate == 0) outcome.text = "there is no external clock; the graph has its own";
    return outcome;
}

Outcome Opened::sample_position(asio::Wide* position, asio::Wide* time) const
{
    if (position == nullptr || time == nullptr) return {Status::bad_argument, null_pointer};
    const auto prepared = prepared_.get();
    const auto now = prepared ? prepared->position() : std::nullopt;
    // Hosts ask from their display's timer, too: no log line for each.
    if (!now) return Outcome::answer(Status::position_unknown, "no block has come yet");
    *position = wide(now->frames);
    *time = wide(now->time_ns);
    return Status::ok;
}

std::string Opened::describe() const
{
    constexpr const char* types[sample_types] = {"32-bit float", "64-bit float", "16-bit", "24-bit",
                                                 "32-bit"};
    const auto prepared = prepared_.get();
    const std::uint32_t frames = block();
    const auto now = status(frames);
    if (!now) return sentence(now.error());
    const auto ms = [&](std::uint32_t n) { return now->rate > 0 ? 1e3 * n / now->rate : 0.0; };
    char text[1024];
    std::snprintf(
        text, sizeof text,
        "Channels:\t%u in, %u out, %s\n"
        "Sample rate:\t%u Hz\n"
        "Graph quantum:\t%u frames (%.1f ms)\n"
        "Block:\t\t%u frames (%.1f ms)%s\n"
        "Latency in:\t%u frames (%.1f ms)\n"
        "Latency out:\t%u frames (%.1f ms)\n"
        "  of it, ours:\t%u frames\n"
        "State:\t\t%s\n"
        "Since start:\t%llu blocks, %llu gaps, %llu overruns, %llu late, %llu hangs",
        device_.inputs, device_.outputs, types[static_cast<std::uint32_t>(device_.sample_type)],
        now->rate, now->quantum, ms(now->quantum), frames, ms(frames),
        device_.fixed_block ? ", fixed" : "", now->input_latency, ms(now->input_latency),
        now->output_latency, ms(now->output_latency), now->fifo_delay + now->budget,
        !prepared ? "open" : !prepared->running() ? "prepared" : "running",
        static_cast<unsigned long long>(now->blocks), static_cast<unsigned long long>(now->gaps),
        static_cast<unsigned long long>(now->overruns), static_cast<unsigned long long>(now->late),
        static_cast<unsigned long long>(now->hangs));
    return text;
}

} // namespace asiowire
