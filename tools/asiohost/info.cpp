// SPDX-License-Identifier: MIT
#include "info.hpp"

#include <array>
#include <vector>

namespace asiohost {
namespace {

constexpr double kRates[] = {8000,  11025, 16000, 22050,  32000,  44100, 48000,
                             64000, 88200, 96000, 176400, 192000, 384000};

std::string fixed_text(const char* text, std::size_t size)
{
    std::string result(text, size);
    return result.substr(0, result.find('\0'));
}

std::string line(const char* label, const std::string& text)
{
    return format("  %-14s %s\n", label, text.c_str());
}

/// A value, or the sentence about why there is none.
std::string value_or_reason(const Result<void>& got, const std::string& value)
{
    return got ? value : got.error().sentence;
}

std::string describe_sizes(Driver& driver)
{
    std::int32_t min = 0, max = 0, preferred = 0, granularity = 0;
    const auto got = driver.demand("getBufferSize", [&](asio::IAsio& asio) {
        return asio.get_buffer_size(&min, &max, &preferred, &granularity);
    });
    std::string steps = format("steps of %d", static_cast<int>(granularity));
    if (granularity == 0) steps = "one size";
    if (granularity == -1) steps = "powers of two";
    return line("sizes", value_or_reason(got, format("%d to %d frames, preferred %d, %s",
                                                     static_cast<int>(min), static_cast<int>(max),
                                                     static_cast<int>(preferred), steps.c_str())));
}

std::string describe_rates(Driver& driver)
{
    double now = 0;
    const auto got = driver.demand("getSampleRate",
                                   [&](asio::IAsio& asio) { return asio.get_sample_rate(&now); });
    std::string list;
    for (const double rate : kRates) {
        const bool can = driver.call("canSampleRate", [&](asio::IAsio& asio) {
            return asio.can_sample_rate(rate) == asio::ASE_OK;
        });
        if (can) list += (list.empty() ? "" : ", ") + format("%.10g", rate);
    }
    return line("rate", value_or_reason(got, format("%.10g Hz", now))) +
           line("can do", list.empty() ? "none of the usual rates" : list);
}

std::string describe_latencies(Driver& driver)
{
    std::int32_t in = 0, out = 0;
    const auto got = driver.demand(
        "getLatencies", [&](asio::IAsio& asio) { return asio.get_latencies(&in, &out); });
    return line("latencies",
                value_or_reason(got, format("%d in, %d out, in frames, without buffers",
                                            static_cast<int>(in), static_cast<int>(out))));
}

std::string describe_clocks(Driver& driver)
{
    std::array<asio::ClockSource, 32> clocks{};
    auto count = static_cast<std::int32_t>(clocks.size());
    const auto got = driver.demand("getClockSources", [&](asio::IAsio& asio) {
        return asio.get_clock_sources(clocks.data(), &count);
    });
    if (!got) return line("clocks", got.error().sentence);
    std::string text;
    for (std::int32_t i = 0; i < count && i < static_cast<std::int32_t>(clocks.size()); i++) {
        const auto& clock = clocks[static_cast<std::size_t>(i)];
        text +=
            line(i == 0 ? "clocks" : "", format("%d  %s%s", static_cast<int>(clock.index),
                                                fixed_text(clock.name, sizeof clock.name).c_str(),
                                                clock.is_current ? "  (current)" : ""));
    }
    return text.empty() ? line("clocks", "none") : text;
}

std::string describe_channels(Driver& driver, const char* label, int count, bool is_input)
{
    std::string text;
    for (int i = 0; i < count; i++) {
        asio::ChannelInfo info{};
        info.channel = i;
        info.is_input = is_input;
        const auto got = driver.demand(
            "getChannelInfo", [&](asio::IAsio& asio) { return asio.get_channel_info(&info); });
        const std::string name = fixed_text(info.name, sizeof info.name);
        text += line(i == 0 ? label : "",
                     value_or_reason(got, format("%3d  %-31s  %s", i + 1, name.c_str(),
                                                 sample_type_name(info.type).c_str())));
    }
    return text.empty() ? line(label, "none") : text;
}

} // namespace

Result<std::string> describe(Driver& driver)
{
    std::int32_t inputs = 0, outputs = 0;
    auto got = driver.demand(
        "getChannels", [&](asio::IAsio& asio) { return asio.get_channels(&inputs, &outputs); });
    if (!got) return std::unexpected(got.error());
    const auto version = driver.call("getDriverVersion",
                                     [](asio::IAsio& asio) { return asio.get_driver_version(); });
    std::string text = format("%s, driver version %d (0x%x)\n", driver.name().c_str(),
                              static_cast<int>(version), static_cast<unsigned>(version));
    text += describe_sizes(driver);
    text += describe_rates(driver);
    text += describe_latencies(driver);
    text += describe_clocks(driver);
    text += describe_channels(driver, "inputs", inputs, true);
    text += describe_channels(driver, "outputs", outputs, false);
    return text;
}

} // namespace asiohost
