// SPDX-License-Identifier: MIT

#include "tools/asiowire/record.hpp"
#include "tools/asiowire/status.hpp"

#include <cinttypes>
#include <cstdio>

namespace asiowire {

namespace {

template <class... Values> std::string line(const char* format, Values... values)
{
    std::array<char, 512> text{};
    std::snprintf(text.data(), text.size(), format, values...);
    return std::string(text.data()) + "\n";
}

std::string device(const std::array<char, 128>& field)
{
    const std::string name = clean(field.data());
    return name.empty() ? "nothing" : name;
}

std::string times(const char* what, const Histogram& ns)
{
    const Times times(ns);
    return line("  %-22s %10.1f %10.1f %10.1f", what, times.p50, times.p99, times.max);
}

std::string recorder(const Recording& recording)
{
    if (recording.state == "waiting")
        return line("  recording              waits for the program to start its audio");
    if (recording.state == "failed")
        return line("  recording              failed: %s", clean(recording.message).c_str());
    if (recording.state != "recording") return line("  recording              no");
    std::string text =
        line("  recording              %s, %s, %" PRIu64 " channels", clean(recording.take()).c_str(),
             clock_words(recording.seconds()).c_str(), recording.channels);
    text += line("  lost, graph xruns      %" PRIu64 " frames in %" PRIu64 " gaps, %" PRIu64,
                 recording.gap_frames, recording.gaps, recording.graph_xruns);
    const std::string free =
        recording.free_bytes == 0 ? "?" : clock_words(recording.free_seconds());
    return text + line("  ring, disk             %.1f %% full (highest %.1f %%), room for %s",
                       static_cast<double>(recording.ring_permille) / 10,
                       static_cast<double>(recording.ring_highest_permille) / 10, free.c_str());
}

std::string one_driver(const FoundPage& found, const Recordings& recordings)
{
    const StatusPage& page = *found.page;
    const PageFacts facts = found.facts();
    const PageCounters& counted = page.counters;
    const auto count = [](const std::atomic<std::uint64_t>& counter) {
        return counter.load(std::memory_order_relaxed);
    };
    std::string text =
        line("%s (pid %" PRIu32 ", node %s): %s", clean(facts.program.data()).c_str(), page.pid,
             clean(facts.node.data()).c_str(), state_word(found, facts));
    text += line("  plays into             %s, %" PRIu32 " channels",
                 device(facts.playback).c_str(), facts.outputs);
    text += line("  records from           %s, %" PRIu32 " channels",
                 device(facts.capture).c_str(), facts.inputs);
    text += line("  block, quantum, rate   %" PRIu32 ", %" PRIu32 " frames, %" PRIu32 " Hz",
                 facts.block, facts.quantum, facts.rate);
    text += line("  host gets              %s, %s", sample_type_word(facts), schedule_word(facts));
    text += line("  latency in, out        %" PRIu32 ", %" PRIu32 " frames (re-blocking %" PRIu32
                 ", schedule %" PRIu32 ")",
                 facts.input_latency, facts.output_latency, facts.fifo_delay, facts.budget);
    if (facts.scheduling[0] != '\0')
        text += line("  audio thread           %s", clean(facts.scheduling.data()).c_str());
    text += line("  cycles, blocks         %" PRIu64 ", %" PRIu64, count(counted.cycles),
                 count(counted.blocks));
    text += line("  xruns                  %" PRIu64 " ours, %" PRIu64 " the device's, %" PRIu64
                 " woken late",
                 count(counted.xruns_ours), count(counted.xruns_device), count(counted.woken_late));
    text += line("  gaps, overruns         %" PRIu64 ", %" PRIu64, count(counted.gaps),
                 count(counted.overruns));
    text += line("  late blocks, hangs     %" PRIu64 ", %" PRIu32, count(counted.late), facts.hangs);
    if (const auto recording = recordings.find(found.path); recording != recordings.end())
        text += recorder(recording->second);
    text += line("  %-22s %10s %10s %10s", "µs per cycle", "p50", "p99", "max");
    text += times("wake lateness", page.wake);
    text += times("host", page.host);
    text += times("driver", page.own);
    return text;
}

} // namespace

std::string as_table(const std::vector<FoundPage>& pages, const Recordings& recordings)
{
    std::string text;
    for (const FoundPage& page : pages)
        text += (text.empty() ? "" : "\n") + one_driver(page, recordings);
    return text;
}

} // namespace asiowire
