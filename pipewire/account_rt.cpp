// SPDX-License-Identifier: MIT
// Runs on the audio thread, at the end of every cycle.

#include "pipewire/rt_state.hpp"

namespace asiowire {

namespace {

constexpr auto relaxed = std::memory_order_relaxed;

/// When the next cycle is to begin, on the graph's clock.
double due_ns(const Cycle& now) ASIOWIRE_RT
{
    return static_cast<double>(now.time_ns) + 1e9 * now.quantum / now.rate;
}

/// Shows the counters to readers. A copy: they stay off the lines that the audio thread works with.
void show(const RtState& s, PageCounters& counters) ASIOWIRE_RT
{
    counters.cycles.store(s.cycles.load(relaxed), relaxed);
    counters.blocks.store(s.blocks.load(relaxed), relaxed);
    counters.gaps.store(s.gaps.load(relaxed), relaxed);
    counters.overruns.store(s.overruns.load(relaxed), relaxed);
    counters.late.store(s.late.load(relaxed), relaxed);
    counters.xruns_ours.store(s.xruns.ours(), relaxed);
    counters.xruns_device.store(s.xruns.device(), relaxed);
    counters.woken_late.store(s.xruns.woken_late(), relaxed);
}

} // namespace

void Xruns::judge(const Cycle& now, double begin_ns, double end_ns) ASIOWIRE_RT
{
    if (now.freewheeling || now.rate == 0) {
        known_ = false;
        return;
    }
    const double due = due_ns(now);
    const bool follows = known_ && clock_id_ == now.clock_id && rate_ == now.rate;
    const bool jumped =
        now.discontinuous || (quantum_ == now.quantum && now.position != next_position_);
    if (follows && !was_late_ && (jumped || now.driver_xrun != driver_xrun_)) device_++;
    was_late_ = end_ns > due;
    if (begin_ns > due)
        woken_late_++;
    else if (was_late_)
        ours_++;
    known_ = true;
    clock_id_ = now.clock_id;
    rate_ = now.rate;
    quantum_ = now.quantum;
    next_position_ = now.position + now.quantum;
    driver_xrun_ = now.driver_xrun;
}

void account(RtState& s, const Cycle& now, const HostTime& host, std::uint64_t begin,
             std::uint64_t end) ASIOWIRE_RT
{
    if (s.clock == nullptr) return;
    const double begin_ns = s.clock->ns(begin);
    const double end_ns = s.clock->ns(end);
    if (now.rate != 0 && end_ns > due_ns(now))
        s.overruns.store(s.overruns.load(relaxed) + 1, relaxed);
    if (s.page == nullptr) return;
    StatusPage& page = *s.page;
    s.xruns.judge(now, begin_ns, end_ns);
    if (host.called) {
        page.wake.add(whole_ns(begin_ns - static_cast<double>(now.time_ns)));
        page.own.add(whole_ns(s.clock->span_ns(end - begin - host.ticks)));
        if (!s.host_elsewhere) page.host.add(whole_ns(s.clock->span_ns(host.ticks)));
    }
    show(s, page.counters);
}

} // namespace asiowire
