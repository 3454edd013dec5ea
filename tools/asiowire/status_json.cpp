// SPDX-License-Identifier: MIT

#include "tools/asiowire/json.hpp"
#include "tools/asiowire/status.hpp"

namespace asiowire {

namespace {

JsonObject times(const Histogram& ns)
{
    const Times times(ns);
    return JsonObject().decimal("p50", times.p50).decimal("p99", times.p99).decimal("max", times.max);
}

JsonObject recorder(const Recording& recording)
{
    return JsonObject()
        .text("state", recording.state)
        .text("take", recording.take())
        .text("folder", recording.folder)
        .text("message", recording.message)
        .decimal("seconds", recording.seconds())
        .number("frames", recording.frames)
        .number("rate", recording.rate)
        .number("channels", recording.channels)
        .number("gaps", recording.gaps)
        .number("gap_frames", recording.gap_frames)
        .number("graph_xruns", recording.graph_xruns)
        .number("marks", recording.marks)
        .number("ring_permille", recording.ring_permille)
        .number("ring_highest_permille", recording.ring_highest_permille)
        .number("free_bytes", recording.free_bytes)
        .decimal("free_seconds", recording.free_seconds());
}

JsonObject one_driver(const FoundPage& found, const Recordings& recordings)
{
    const StatusPage& page = *found.page;
    const PageFacts facts = found.facts();
    const PageCounters& counted = page.counters;
    const auto recording = recordings.find(found.path);
    return JsonObject()
        .text("program", facts.program.data())
        .text("node", facts.node.data())
        .number("pid", page.pid)
        .number("number", page.number)
        .number("opened", page.opened)
        .flag("alive", found.alive)
        .text("state", state_word(found, facts))
        .text("playback", facts.playback.data())
        .text("capture", facts.capture.data())
        .number("inputs", facts.inputs)
        .number("outputs", facts.outputs)
        .number("block", facts.block)
        .number("quantum", facts.quantum)
        .number("rate", facts.rate)
        .text("sample_type", sample_type_word(facts))
        .text("schedule", schedule_word(facts))
        .text("scheduling", facts.scheduling.data())
        .object("latency", JsonObject()
                               .number("input", facts.input_latency)
                               .number("output", facts.output_latency)
                               .number("fifo_delay", facts.fifo_delay)
                               .number("budget", facts.budget))
        .number("runs", facts.runs)
        .number("hangs", facts.hangs)
        .number("cycles", counted.cycles)
        .number("blocks", counted.blocks)
        .number("gaps", counted.gaps)
        .number("overruns", counted.overruns)
        .number("late_blocks", counted.late)
        .object("xruns", JsonObject()
                             .number("ours", counted.xruns_ours)
                             .number("device", counted.xruns_device)
                             .number("woken_late", counted.woken_late))
        .raw("recording",
             recording == recordings.end() ? "null" : recorder(recording->second).done())
        .object("times_us", JsonObject()
                                .object("wake", times(page.wake))
                                .object("host", times(page.host))
                                .object("own", times(page.own)));
}

} // namespace

std::string as_json(const std::vector<FoundPage>& pages, const Recordings& recordings)
{
    const std::string drivers = json_array(
        pages, [&](const FoundPage& page) { return one_driver(page, recordings).done(); });
    return "{\"drivers\": " + drivers + "}\n";
}

} // namespace asiowire
