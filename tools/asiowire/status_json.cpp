// SPDX-License-Identifier: MIT

#include "tools/asiowire/status.hpp"

#include <charconv>

namespace asiowire {

namespace {

std::string quoted(std::string_view text)
{
    std::string inside;
    for (const char c : clean(text)) {
        if (c == '"' || c == '\\') inside += '\\';
        inside += c;
    }
    return '"' + inside + '"';
}

/// One object, member by member.
class Object {
public:
    Object& text(const char* name, std::string_view value) { return raw(name, quoted(value)); }
    Object& flag(const char* name, bool value) { return raw(name, value ? "true" : "false"); }
    Object& object(const char* name, const Object& value) { return raw(name, value.done()); }
    Object& number(const char* name, std::uint64_t value)
    {
        return raw(name, std::to_string(value));
    }
    Object& number(const char* name, const std::atomic<std::uint64_t>& counter)
    {
        return number(name, counter.load(std::memory_order_relaxed));
    }
    Object& decimal(const char* name, double value) // no locale's comma
    {
        std::array<char, 32> text{};
        const auto end =
            std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, 3);
        return raw(name, std::string(text.data(), end.ptr));
    }
    std::string done() const { return "{" + members_ + "}"; }

private:
    Object& raw(const char* name, const std::string& value)
    {
        members_ += (members_.empty() ? "" : ", ") + quoted(name) + ": " + value;
        return *this;
    }
    std::string members_;
};

Object times(const Histogram& ns)
{
    const Times times(ns);
    return Object().decimal("p50", times.p50).decimal("p99", times.p99).decimal("max", times.max);
}

Object one_driver(const FoundPage& found)
{
    const StatusPage& page = *found.page;
    const PageFacts facts = found.facts();
    const PageCounters& counted = page.counters;
    return Object()
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
        .object("latency", Object()
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
        .object("xruns", Object()
                             .number("ours", counted.xruns_ours)
                             .number("device", counted.xruns_device)
                             .number("woken_late", counted.woken_late))
        .object("times_us", Object()
                                .object("wake", times(page.wake))
                                .object("host", times(page.host))
                                .object("own", times(page.own)));
}

} // namespace

std::string as_json(const std::vector<FoundPage>& pages)
{
    std::string drivers;
    for (const FoundPage& page : pages)
        drivers += (drivers.empty() ? "" : ", ") + one_driver(page).done();
    return "{\"drivers\": [" + drivers + "]}\n";
}

} // namespace asiowire
