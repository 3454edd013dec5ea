// SPDX-License-Identifier: MIT
#include "hooks/runner/slot.hpp"

#include <array>
#include <cmath>
#include <cstdio>

namespace asiowire::hooks {

namespace {

std::uint64_t of(const std::atomic<std::uint64_t>& counter)
{
    return counter.load(std::memory_order_relaxed);
}

} // namespace

std::string Slot::state() const
{
    if (next_) return "running, a new version starts";
    if (current_) return current_->has_begun() ? "running" : "waiting for audio";
    if (object_.empty()) return compiling_.valid() ? "compiling" : "does not compile";
    const std::uint64_t wait = backoff_.left(now_ns());
    if (wait == 0) return "waiting for a driver";
    return "begun anew in " + std::to_string((wait + 999'999'999) / 1'000'000'000) + " s";
}

std::string Slot::as_json() const
{
    JsonObject json;
    json.text("name", spec_.name)
        .text("file", spec_.file)
        .text("state", state())
        .count("faults", faults_)
        .text("last_fault", last_fault_)
        .text("message", message_)
        .count("printed_bytes", output_.total())
        .text("printed", output_.tail());
    if (current_) {
        const Pulse& pulse = current_->child().pulse();
        json.count("pid", static_cast<std::uint64_t>(current_->child().pid()))
            .count("blocks", of(pulse.blocks))
            .count("frames", of(pulse.frames))
            .count("lost_frames", of(pulse.lost))
            .count("lost_results", of(pulse.unsent))
            .number("busy_ms", std::round(static_cast<double>(of(pulse.busy_ns)) / 1e3) / 1e3);
    }
    return json.done();
}

std::string Slot::as_line() const
{
    std::array<char, 256> line{};
    std::snprintf(line.data(), line.size(), "%-16s %-28s", spec_.name.c_str(), state().c_str());
    std::string text = line.data();
    if (current_) {
        const Pulse& pulse = current_->child().pulse();
        text += std::to_string(of(pulse.frames)) + " frames";
        if (of(pulse.lost) > 0)
            text += ", " + std::to_string(of(pulse.lost)) + " lost: it is too slow";
        if (of(pulse.unsent) > 0)
            text += ", " + std::to_string(of(pulse.unsent)) + " results lost: too many at once";
    }
    text += "\n";
    if (faults_ > 0)
        text += "                 " + std::to_string(faults_) +
                (faults_ == 1 ? " fault: " : " faults, the latest: ") + printable(last_fault_) +
                "\n";
    return text;
}

} // namespace asiowire::hooks
