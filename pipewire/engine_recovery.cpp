// SPDX-License-Identifier: MIT
// What happens when the graph is gone: the fallback clock paces the host, and the caretaker brings the
// connection, the node and its links back. Never on the audio thread.

#include "pipewire/clocks.hpp"
#include "pipewire/engine.hpp"
#include "pipewire/log.hpp"

#include <algorithm>

namespace asiowire {

namespace {

constexpr std::uint64_t ms = 1'000'000; // ns
constexpr std::uint64_t retry_ns = 40 * ms;
// A graph that stands still this long, and for so many of its quanta, has stopped.
constexpr std::uint64_t stall_ns = 100 * ms;
constexpr std::uint64_t stall_quanta = 4;
constexpr std::uint64_t cycles_of_a_return = 3;
// After a daemon's return its devices may take their time, and their ports come one by one.
constexpr int device_looks = 400;
constexpr int alike_looks = 8;

} // namespace

/// [any-thread but the main loop, loop locked]  with a connection that is not lost
void Engine::attach_graph()
{
    graph_ = std::make_unique<Graph>(*connection_);
    follow_graph();
    graph_->on_change([this] {
        follow_graph();
        if (links_) links_->update();
        pw_thread_loop_signal(connection_->loop(), false);
    });
}

/// Tries once; false: there is no daemon yet.
/// [any-thread but the main loop, loop locked]  without a node
bool Engine::reconnect()
{
    device_latency_.forget();
    graph_.reset();
    std::string why;
    if (connection_->reconnect(why) != asiowire::Status::ok) return false;
    attach_graph();
    return !connection_->lost();
}

/// [main-loop or loop locked]
void Engine::lose_daemon()
{
    if (!rejoining_) log(LogLevel::error, "the PipeWire daemon went away");
    if (idle_) return; // the next start looks for another one
    rejoining_ = true;
    pace_by_fallback();
}

/// The host gets silence at its pace from now on, and its own sound goes nowhere.
/// [main-loop or loop locked]
void Engine::pace_by_fallback()
{
    const std::shared_ptr<RtState> now = state();
    if (!now || now->unclocked) return;
    const std::uint32_t rate = now->graph_rate;
    connection_->fallback_clock().begin(*now, rate != 0 ? rate : graph_rate_.load());
}

/// [main-loop or loop locked]
void Engine::pace_by_graph()
{
    cycles_seen_ = state_->graph_cycles;
    moved_ns_ = monotonic_ns();
    connection_->fallback_clock().end();
    const std::lock_guard guard(events_mutex_);
    resynced_ = true;
    events_wake_.release();
}

/// Finds a graph that has stopped, although the daemon is there: our node has no driver, or the driver
/// has no device any more, or the daemon itself hangs. When the cycles come again, they take over.
/// [caretaker]
void Engine::watch_graph()
{
    const std::uint64_t cycles = state_->graph_cycles;
    const std::uint64_t now_ns = monotonic_ns();
    if (state_->unclocked) {
        if (cycles < cycles_seen_ + cycles_of_a_return) return;
        log(LogLevel::info, "the graph runs again");
        const LoopLock lock(connection_->loop());
        if (!idle_ && !rejoining_) pace_by_graph();
        return;
    }
    // A host on the graph's thread may stop that thread by itself: see watch_host().
    const bool host_inside = !buffered_ && state_->host_since != 0;
    if (cycles != cycles_seen_ || host_inside || !state_->armed) {
        cycles_seen_ = cycles;
        moved_ns_ = now_ns;
        return;
    }
    const std::uint64_t rate = std::max(state_->graph_rate.load(), 1u);
    const std::uint64_t quanta_ns = stall_quanta * state_->graph_quantum * 1000 * ms / rate;
    if (now_ns - moved_ns_ < std::max(stall_ns, quanta_ns)) return;
    log(LogLevel::warning, "the graph stands still; the host gets silence until it runs again");
    const LoopLock lock(connection_->loop());
    if (!idle_ && !rejoining_) pace_by_fallback();
}

/// A host was told once how many channels there are. When the daemon came back with a device that has
/// others, it has to open it again; to be asked only when the device has come and stays as it is.
/// [caretaker]
void Engine::watch_device()
{
    DeviceWatch& watch = device_watch_;
    if (watch.looks_left == 0 || rejoining_) return;
    watch.looks_left--;
    const LoopLock lock(connection_->loop());
    if (!graph_) return;
    const std::uint32_t sink = devices_.sink(*graph_);
    const std::uint32_t source = devices_.source(*graph_);
    const auto inputs = static_cast<std::uint32_t>(graph_->ports_of(source, Direction::out).size());
    const auto outputs = static_cast<std::uint32_t>(graph_->ports_of(sink, Direction::in).size());
    const bool same = inputs == watch.inputs && outputs == watch.outputs;
    watch.alike = same && inputs > 0 && outputs > 0 ? watch.alike + 1 : 0;
    watch.inputs = inputs;
    watch.outputs = outputs;
    if (watch.alike < alike_looks) return;
    watch.looks_left = 0;
    const auto differ = [](std::uint32_t asked, std::uint32_t told, std::uint32_t now) {
        return asked == 0 && told != std::clamp(now, min_channels, max_channels);
    };
    if (!differ(settings_.inputs, device_.inputs, inputs) &&
        !differ(settings_.outputs, device_.outputs, outputs))
        return;
    log(LogLevel::warning, "the device has other channels now; the host is asked to open it again");
    const std::lock_guard guard(events_mutex_);
    device_changed_ = true;
    events_wake_.release();
}

/// Brings the node back after it was taken away or lost; when that fails, a later round tries again.
/// [caretaker]
void Engine::recover()
{
    const std::uint64_t now_ns = monotonic_ns();
    if ((!buffered_ && state_->host_since != 0) || now_ns < tried_ns_ + retry_ns) return;
    tried_ns_ = now_ns;
    if (!rejoin()) return;
    device_watch_ = {.looks_left = device_looks};
    log(LogLevel::info, "the node is back in the graph");
}

bool Engine::rejoin()
{
    {
        const LoopLock lock(connection_->loop());
        if (idle_ || !rejoining_) return false;
        pace_by_fallback();
        state_->armed.store(true, std::memory_order_release);
        if (idle_) state_->armed = false; // a stop came between
        teardown();
        if (connection_->lost() && !reconnect()) return false;
    }
    std::string message;
    if (join_graph(message) != asiowire::Status::ok) {
        if (!idle_) log(LogLevel::error, "the node cannot come back: " + message);
        return false;
    }
    wait_for_steady_graph();
    const LoopLock lock(connection_->loop());
    if (idle_ || connection_->lost()) return false;
    rejoining_ = false;
    pace_by_graph();
    return true;
}

} // namespace asiowire
