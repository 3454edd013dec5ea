// SPDX-License-Identifier: MIT
#include "report.hpp"

#include <algorithm>

namespace asiohost {
namespace {

constexpr int kBits = static_cast<int>(sizeof(void*) * 8);

std::string number(std::int64_t value)
{
    return format("%lld", static_cast<long long>(value));
}

std::string row(const char* label, const std::string& text)
{
    return format("  %-14s %s\n", label, text.c_str());
}

std::string quantile_row(const char* label, const std::optional<Quantiles>& q)
{
    if (!q) return row(label, "         -          -          -          -");
    return row(label, format("%10.1f %10.1f %10.1f %10.1f", q->p50 / 1e3, q->p99 / 1e3,
                             q->p999 / 1e3, q->max / 1e3));
}

std::string quantile_json(const std::optional<Quantiles>& q)
{
    if (!q) return "null";
    return format("{\"p50\":%.1f,\"p99\":%.1f,\"p999\":%.1f,\"max\":%.1f}", q->p50 / 1e3,
                  q->p99 / 1e3, q->p999 / 1e3, q->max / 1e3);
}

std::string json_string(const std::string& text)
{
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    return quoted + "\"";
}

std::string channel_list(const std::vector<int>& channels)
{
    std::string text;
    for (std::size_t i = 0; i < channels.size() && i < 8; i++)
        text += (i == 0 ? "" : ", ") + number(channels[i] + 1);
    return text + (channels.size() > 8 ? ", ..." : "");
}

std::string in_milliseconds(std::int64_t frames, double rate)
{
    return format("%lld frames (%.3f ms)", static_cast<long long>(frames),
                  static_cast<double>(frames) * 1000 / rate);
}

std::string loop_rows(const Outcome& outcome)
{
    const LoopOutcome& loop = *outcome.loop;
    std::string text;
    if (loop.rtt < 0) {
        text += row("round trip", "nothing arrived");
    } else {
        const int heard = loop.channels - static_cast<int>(loop.silent.size());
        text += row("round trip",
                    in_milliseconds(loop.rtt, outcome.rate) +
                        format(" on %d of %d channels", heard - loop.rtt_differs, loop.channels));
    }
    text += row("lost", number(loop.lost) + " samples");
    text += row("duplicated", number(loop.duplicated) + " samples");
    text += row("corrupt", number(loop.corrupt) + " samples");
    if (loop.first_wrong >= 0)
        text += row("when", format("from %.3f s to %.3f s into the run",
                                   static_cast<double>(loop.first_wrong) / outcome.rate,
                                   static_cast<double>(loop.last_wrong) / outcome.rate));
    return text;
}

/// What a driver may do and a user wants to know; empty when there is nothing of the kind.
std::string remarks(const Outcome& outcome)
{
    std::string text;
    const auto count = [&](const char* what, int times) {
        if (times == 0) return;
        text += (text.empty() ? "" : ", ") + format("%s %d", what, times);
    };
    count("resets asked for", outcome.resets);
    count("resyncs", outcome.resyncs);
    count("latency changes", outcome.latency_changes);
    count("overloads", outcome.overloads);
    count("rate changes", outcome.rate_changes);
    count("sample position jumps", static_cast<int>(outcome.position_jumps));
    count("time stamps from the future", static_cast<int>(outcome.future_stamps));
    if (outcome.called_inside_start)
        text += std::string(text.empty() ? "" : ", ") + "first callback came from inside start()";
    return text;
}

} // namespace

std::vector<std::string> complaints(const Outcome& outcome)
{
    std::vector<std::string> list;
    if (outcome.late_callbacks > 0)
        list.push_back(format("bufferSwitch came %d times after stop() had returned.",
                              outcome.late_callbacks));
    if (outcome.wrong_halves > 0)
        list.push_back(number(outcome.wrong_halves) +
                       " callbacks did not take turns between the two halves.");
    if (!outcome.loop) return list;
    const LoopOutcome& loop = *outcome.loop;
    if (loop.rtt < 0) {
        list.push_back("No signal arrived on any input: the outputs do not come back.");
        return list;
    }
    if (!loop.silent.empty())
        list.push_back("No signal arrived on input " + channel_list(loop.silent) + ".");
    if (loop.lost > 0) list.push_back(number(loop.lost) + " samples were lost.");
    if (loop.duplicated > 0) list.push_back(number(loop.duplicated) + " samples came twice.");
    if (loop.rtt_differs > 0)
        list.push_back(
            format("%d channels have another round trip than the first.", loop.rtt_differs));
    if (loop.rtt_changes > 0)
        list.push_back(number(loop.rtt_changes) + " times the round trip of a channel changed.");
    if (loop.corrupt > 0) list.push_back(number(loop.corrupt) + " samples were not what was sent.");
    return list;
}

std::string human_report(const Outcome& outcome)
{
    std::string text = format("%s, %d-bit host\n", outcome.driver.c_str(), kBits);
    text += row("channels", format("%d in, %d out, %s", outcome.inputs, outcome.outputs,
                                   outcome.sample_types.c_str()));
    text += row("rate", format("%.10g Hz", outcome.rate));
    text += row("block", in_milliseconds(outcome.block, outcome.rate));
    text += row("callbacks",
                format("%lld of %lld expected in %.3f s", static_cast<long long>(outcome.callbacks),
                       static_cast<long long>(outcome.expected), outcome.seconds));
    text += row("reported",
                format("%d in + %d out = ", static_cast<int>(outcome.reported_in),
                       static_cast<int>(outcome.reported_out)) +
                    in_milliseconds(outcome.reported_in + outcome.reported_out, outcome.rate));
    if (outcome.loop) text += loop_rows(outcome);
    text += row("us", "       p50        p99      p99.9        max");
    text += quantile_row("interval", outcome.intervals);
    text += quantile_row("wake", outcome.wakes);
    if (const auto extra = remarks(outcome); !extra.empty()) text += row("remarks", extra);
    const auto wrong = complaints(outcome);
    text += row("verdict", wrong.empty() ? "all right" : "WRONG");
    for (const auto& sentence : wrong)
        text += row("", sentence);
    return text;
}

std::string json_report(const Outcome& outcome)
{
    const auto loop = [&](auto member) {
        return outcome.loop ? number((*outcome.loop).*member) : std::string("null");
    };
    const bool heard = outcome.loop && outcome.loop->rtt >= 0;
    std::string text = "{\"driver\":" + json_string(outcome.driver);
    text += format(",\"bits\":%d,\"rate\":%.10g,\"block\":%d,\"in\":%d,\"out\":%d", kBits,
                   outcome.rate, outcome.block, outcome.inputs, outcome.outputs);
    text += ",\"sample_types\":" + json_string(outcome.sample_types);
    text += format(",\"seconds\":%.3f", outcome.seconds);
    text += ",\"callbacks\":" + number(outcome.callbacks);
    text += ",\"expected\":" + number(outcome.expected);
    text += ",\"lost\":" + loop(&LoopOutcome::lost);
    text += ",\"duplicated\":" + loop(&LoopOutcome::duplicated);
    text += ",\"corrupt\":" + loop(&LoopOutcome::corrupt);
    text += ",\"rtt_frames\":" + (heard ? number(outcome.loop->rtt) : std::string("null"));
    text += ",\"reported_in\":" + number(outcome.reported_in);
    text += ",\"reported_out\":" + number(outcome.reported_out);
    text += ",\"interval_us\":" + quantile_json(outcome.intervals);
    text += ",\"wake_us\":" + quantile_json(outcome.wakes);
    return text + "}";
}

std::string driver_report(const std::vector<DriverEntry>& drivers)
{
    std::string text;
    std::size_t width = 0;
    for (const auto& entry : drivers)
        width = std::max(width, entry.name.size());
    for (const auto& entry : drivers) {
        text += format("%-*s  %s", static_cast<int>(width), entry.name.c_str(),
                       entry.clsid_text.c_str());
        if (entry.description != entry.name) text += "  " + entry.description;
        text += entry.clsid_valid ? "\n" : "  (not a CLSID)\n";
    }
    return text;
}

} // namespace asiohost
