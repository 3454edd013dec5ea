// SPDX-License-Identifier: MIT
#include "session.hpp"

#include <algorithm>
#include <cmath>

#include "win_clock.hpp"

namespace asiohost {
namespace {

constexpr double kLatencyAfter = 0.5; // s into the run, when a driver has settled

} // namespace

Session::~Session()
{
    if (running_) (void)stop();
    if (prepared_) (void)dispose();
    retire_state();
}

void Session::retire_state()
{
    // A callback that is late finds no state instead of a freed one; one that is under way right
    // now still has its memory, at the price of a leak when stop() never came.
    set_rt_state(nullptr);
    if (!rt_->stopped.load() && callbacks() > 0) (void)rt_.release();
}

Result<void> Session::start()
{
    auto started = driver_.demand("start", [](asio::IAsio& asio) { return asio.start(); });
    running_ = started.has_value();
    return started;
}

Result<void> Session::wait(double seconds)
{
    const std::int64_t began = now_ticks();
    const auto since = [](std::int64_t tick) {
        return static_cast<double>(now_ticks() - tick) / static_cast<double>(ticks_per_second());
    };
    while (callbacks() == 0) {
        if (since(began) * 1000 > kCallbackLimitMs)
            return failure(ExitCode::no_callbacks,
                           format("start succeeded, but no bufferSwitch came within %d s.",
                                  kCallbackLimitMs / 1000));
        Sleep(1);
    }
    const std::int64_t first = now_ticks();
    bool asked = false;
    int changes_seen = 0;
    for (;;) {
        const double elapsed = since(first);
        const bool over = elapsed >= seconds;
        const int changes = rt_->messages.latency_changes.load();
        if ((!asked && (over || elapsed >= kLatencyAfter)) || (asked && changes != changes_seen)) {
            asked = true;
            changes_seen = changes;
            if (auto read = read_latencies(); !read) return read;
        }
        // A run shorter than the limit would never notice that callbacks ceased: be stricter at its
        // end, but leave two blocks of a large size their time.
        const double limit = over ? 0.5 + 2 * rt_->block / rt_->rate : kCallbackLimitMs / 1000.0;
        if (silent_for() > limit)
            return failure(ExitCode::no_callbacks,
                           format("bufferSwitch came %lld times and then no more for %.1f s.",
                                  static_cast<long long>(callbacks()), silent_for()));
        if (over) return {};
        Sleep(static_cast<DWORD>(std::clamp((seconds - elapsed) * 1000, 1.0, 20.0)));
    }
}

double Session::silent_for() const
{
    return static_cast<double>(now_ticks() - rt_->last_tick.load()) /
           static_cast<double>(ticks_per_second());
}

Result<void> Session::read_latencies()
{
    return driver_.demand("getLatencies", [&](asio::IAsio& asio) {
        return asio.get_latencies(&reported_in_, &reported_out_);
    });
}

Result<void> Session::stop()
{
    auto stopped = driver_.demand("stop", [](asio::IAsio& asio) { return asio.stop(); });
    rt_->stopped.store(true, std::memory_order_release);
    running_ = false;
    return stopped;
}

Result<void> Session::dispose()
{
    prepared_ = false;
    return driver_.demand("disposeBuffers", [](asio::IAsio& a) { return a.dispose_buffers(); });
}

LoopOutcome Session::loop_outcome() const
{
    LoopOutcome loop;
    loop.channels = static_cast<int>(rt_->checks.size());
    for (int i = 0; i < loop.channels; i++) {
        const ChannelTally& tally = rt_->checks[static_cast<std::size_t>(i)].tally();
        loop.lost += tally.lost;
        loop.duplicated += tally.duplicated;
        loop.corrupt += tally.corrupt;
        loop.rtt_changes += tally.rtt_changes;
        if (tally.first_wrong >= 0 &&
            (loop.first_wrong < 0 || tally.first_wrong < loop.first_wrong))
            loop.first_wrong = tally.first_wrong;
        loop.last_wrong = std::max(loop.last_wrong, tally.last_wrong);
        if (tally.rtt < 0) {
            loop.silent.push_back(i);
        } else if (loop.rtt < 0) {
            loop.rtt = tally.rtt;
        } else if (loop.rtt != tally.rtt) {
            loop.rtt_differs++;
        }
    }
    loop.corrupt += loop.rtt_differs;
    // Where others hear something, a channel without signal is wrong from end to end.
    if (loop.rtt >= 0) loop.corrupt += static_cast<std::int64_t>(loop.silent.size()) * rt_->frames;
    return loop;
}

Outcome Session::outcome()
{
    Outcome result;
    result.driver = driver_.name();
    result.rate = rt_->rate;
    result.block = rt_->block;
    result.inputs = static_cast<int>(rt_->inputs.size());
    result.outputs = static_cast<int>(rt_->outputs.size());
    result.sample_types = sample_types_;
    result.callbacks = callbacks();
    if (result.callbacks > 0) {
        result.seconds = static_cast<double>(rt_->last_tick.load() - rt_->first_tick) /
                         static_cast<double>(ticks_per_second());
        result.expected = std::llround(result.seconds * rt_->rate / rt_->block) + 1;
    }
    if (rt_->loopback) result.loop = loop_outcome();
    result.reported_in = reported_in_;
    result.reported_out = reported_out_;
    if (rt_->intervals.count() > 0) result.intervals = rt_->intervals.quantiles();
    if (rt_->wakes.count() > 0) result.wakes = rt_->wakes.quantiles();
    result.future_stamps = rt_->wakes.negatives();
    result.position_jumps = rt_->position_jumps;
    result.wrong_halves = rt_->wrong_halves;
    result.late_callbacks = rt_->late_callbacks.load();
    result.called_inside_start = result.callbacks > 0 && rt_->first_thread == main_thread_;
    result.resets = rt_->messages.resets;
    result.resyncs = rt_->messages.resyncs;
    result.latency_changes = rt_->messages.latency_changes;
    result.overloads = rt_->messages.overloads;
    result.rate_changes = rt_->messages.rate_changes;
    return result;
}

Result<Outcome> run_once(const DriverEntry& entry, const Plan& plan)
{
    auto driver = Driver::open(entry);
    if (!driver) return std::unexpected(driver.error());
    Session session(std::move(*driver));
    Result<void> step = session.prepare(plan);
    if (step) step = session.start();
    if (step) step = session.wait(plan.seconds);
    if (!step) return std::unexpected(step.error());
    if (step = session.stop(); !step) return std::unexpected(step.error());
    Sleep(20); // time for a callback that must not come any more
    Outcome outcome = session.outcome();
    if (step = session.dispose(); !step) return std::unexpected(step.error());
    return outcome;
}

} // namespace asiohost
