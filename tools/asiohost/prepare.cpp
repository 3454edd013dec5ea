// SPDX-License-Identifier: MIT
#include "session.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "play.hpp"
#include "win_clock.hpp"

// The first half of a session: from an opened driver to one with buffers.

namespace asiohost {

Result<void> Session::prepare(const Plan& plan)
{
    retire_state();
    plan_ = plan;
    rt_ = std::make_unique<RtState>();
    rt_->driver = driver_.object();
    if (auto done = settle_rate(); !done) return done;
    if (auto done = choose_block(); !done) return done;
    if (auto done = choose_channels(); !done) return done;
    if (auto done = create_buffers(); !done) return done;
    prepare_loop();
    return prepare_sound();
}

Result<void> Session::settle_rate()
{
    const double wanted = plan_.rate;
    if (wanted > 0) {
        Result<void> step = driver_.demand(
            "canSampleRate", [&](asio::IAsio& asio) { return asio.can_sample_rate(wanted); });
        if (step)
            step = driver_.demand("setSampleRate",
                                  [&](asio::IAsio& asio) { return asio.set_sample_rate(wanted); });
        if (!step) return step;
    }
    auto got = driver_.demand("getSampleRate",
                              [&](asio::IAsio& asio) { return asio.get_sample_rate(&rt_->rate); });
    if (!got) return got;
    if (!(rt_->rate > 0) || (wanted > 0 && rt_->rate != wanted))
        return failure(
            ExitCode::refused,
            format("The driver took %g Hz without an error and runs at %g Hz.", wanted, rt_->rate));
    return {};
}

Result<void> Session::choose_block()
{
    std::int32_t min = 0, max = 0, preferred = 0, granularity = 0;
    auto got = driver_.demand("getBufferSize", [&](asio::IAsio& asio) {
        return asio.get_buffer_size(&min, &max, &preferred, &granularity);
    });
    if (!got) return got;
    // What the driver says about its sizes is not enforced here: refusing is the driver's part.
    rt_->block = plan_.block > 0 ? plan_.block : preferred;
    return {};
}

Result<void> Session::choose_channels()
{
    std::int32_t inputs = 0, outputs = 0;
    auto got = driver_.demand(
        "getChannels", [&](asio::IAsio& asio) { return asio.get_channels(&inputs, &outputs); });
    if (!got) return got;
    const auto choose = [this](int wanted, int have) {
        return wanted < 0 ? have - plan_.first_channel : wanted;
    };
    const int in = choose(plan_.inputs, inputs);
    const int out = choose(plan_.outputs, outputs);
    if (plan_.first_channel + in > inputs || plan_.first_channel + out > outputs)
        return failure(ExitCode::usage,
                       format("The driver has %d inputs and %d outputs; %d and %d "
                              "were asked for.",
                              static_cast<int>(inputs), static_cast<int>(outputs), in, out));
    if (in + out == 0) return failure(ExitCode::usage, "There is no channel to run with.");
    if (plan_.loopback && std::min(in, out) == 0)
        return failure(ExitCode::usage, "--loopback needs at least one input and one output.");
    for (int i = 0; i < in + out; i++) {
        const bool is_input = i < in;
        const auto format = format_of(plan_.first_channel + (is_input ? i : i - in), is_input);
        if (!format) return std::unexpected(format.error());
        (is_input ? rt_->inputs : rt_->outputs).push_back({.halves = {}, .format = *format});
    }
    return {};
}

Result<Format> Session::format_of(int channel, bool is_input)
{
    asio::ChannelInfo info{};
    info.channel = channel;
    info.is_input = is_input;
    auto got = driver_.demand("getChannelInfo",
                              [&](asio::IAsio& asio) { return asio.get_channel_info(&info); });
    if (!got) return std::unexpected(got.error());
    const std::string name = sample_type_name(info.type);
    if (sample_types_.find(name) == std::string::npos)
        sample_types_ += (sample_types_.empty() ? "" : ", ") + name;
    switch (info.type) {
    case asio::Int16LSB:
        return Format::int16;
    case asio::Int24LSB:
        return Format::int24;
    case asio::Int32LSB:
        return Format::int32;
    case asio::Float32LSB:
        return Format::float32;
    case asio::Float64LSB:
        return Format::float64;
    }
    return failure(ExitCode::refused, format("Channel %d has %s, which this host does not play.",
                                             channel + 1, name.c_str()));
}

Result<void> Session::create_buffers()
{
    std::vector<asio::BufferInfo> infos;
    const auto add = [&](std::size_t count, asio::Bool is_input) {
        for (std::size_t i = 0; i < count; i++)
            infos.push_back({.is_input = is_input,
                             .channel = plan_.first_channel + static_cast<std::int32_t>(i),
                             .buffers = {}});
    };
    add(rt_->inputs.size(), 1);
    add(rt_->outputs.size(), 0);

    rt_->answer_messages = plan_.answer_messages;
    rt_->want_time_info = plan_.time_info;
    set_rt_state(rt_.get()); // drivers ask their questions from inside createBuffers
    callbacks_ = host_callbacks(plan_.time_info);
    auto created = driver_.demand("createBuffers", [&](asio::IAsio& asio) {
        return asio.create_buffers(infos.data(), static_cast<std::int32_t>(infos.size()),
                                   rt_->block, &callbacks_);
    });
    if (plan_.forget_callbacks)
        std::memset(static_cast<void*>(&callbacks_), 0xee, sizeof callbacks_);
    if (!created) return created;
    prepared_ = true;

    for (std::size_t i = 0; i < infos.size(); i++) {
        const bool is_input = infos[i].is_input != 0;
        Port& port = is_input ? rt_->inputs[i] : rt_->outputs[i - rt_->inputs.size()];
        port.halves = {infos[i].buffers[0], infos[i].buffers[1]};
        if (port.halves[0] == nullptr || port.halves[1] == nullptr)
            return failure(ExitCode::refused, "createBuffers succeeded, but left a channel without "
                                              "a buffer.");
        const auto size = static_cast<std::size_t>(rt_->block * bytes_of(port.format));
        if (!is_input)
            for (void* half : port.halves)
                std::memset(half, 0, size);
    }
    return {};
}

void Session::prepare_loop()
{
    rt_->hook = plan_.hook;
    rt_->burn_ticks = std::llround(plan_.burn_percent / 100 * rt_->block / rt_->rate *
                                   static_cast<double>(ticks_per_second()));
    rt_->system_time_offset_ns = system_time_offset_ns();
    rt_->output_ready = driver_.call(
        "outputReady", [](asio::IAsio& asio) { return asio.output_ready() == asio::ASE_OK; });
    if (!plan_.loopback) return;
    rt_->loopback = true;
    rt_->settle_frames = std::llround(plan_.settle * rt_->rate);
    for (const auto& ports : {rt_->inputs, rt_->outputs})
        for (const Port& port : ports)
            if (port.format == Format::int16) rt_->layout = kNarrow;
    const std::size_t looped = std::min(rt_->inputs.size(), rt_->outputs.size());
    for (std::size_t i = 0; i < looped; i++)
        rt_->checks.emplace_back(rt_->layout, rt_->inputs[i].format, static_cast<int>(i));
}

Result<void> Session::prepare_sound()
{
    if (plan_.play.empty()) return {};
    if (plan_.loopback)
        return failure(ExitCode::usage, "--play and --loopback both want output 1; choose one.");
    if (rt_->outputs.empty() || rt_->outputs[0].format != Format::float32)
        return failure(ExitCode::usage, "--play needs an output, and one of Float32.");
    auto sound = read_sound(plan_.play);
    if (!sound) return std::unexpected(sound.error());
    if (sound->rate != rt_->rate)
        return failure(ExitCode::usage, format("--play %s: is made for %g Hz, and the driver runs "
                                               "at %g Hz.",
                                               plan_.play.c_str(), sound->rate, rt_->rate));
    rt_->sound = std::move(sound->samples);
    return {};
}

} // namespace asiohost
