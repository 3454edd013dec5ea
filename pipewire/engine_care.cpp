// SPDX-License-Identifier: MIT
// What the caretaker does while the engine runs: keeps the clock's offset true, watches the host, and
// brings the node back after it had to go. On a native thread of its own.

#include "core/ticks.hpp"
#include "pipewire/engine.hpp"
#include "pipewire/log.hpp"

namespace asiowire {

void Engine::look_after()
{
    if (abandoned_) return;
    state_->clock_offset_ns = clock_offset_.track();
    tick_clock_.track();
    if (watchdog_ms_ > 0) watch_host();
    keep_pin();
    watch_delivery();
    if (rejoining_ && state_->host_since == 0) rejoin();
    show_status();
}

/// Finds a host that has not come back from its callback for too long. In the synchronous schedule it
/// sits on the graph's thread, and the whole graph waits for our node: the daemon is asked to take it
/// away. It can come back when the host does, not before, because only that thread can end its cycle.
void Engine::watch_host()
{
    const std::uint64_t since = state_->host_since;
    if (since == 0 || since == hanging_since_) return;
    const int limit_ms = watchdog_ms_;
    const double limit_ns = limit_ms * 1e6;
    if (static_cast<double>(ticks() - since) * tick_clock_.ns_per_tick() < limit_ns) return;
    hanging_since_ = since;
    hangs_++;
    const std::string sentence = "the host hangs in its callback, for more than " +
                                 std::to_string(limit_ms) + " ms; ";
    if (buffered_) {
        log(LogLevel::warning, sentence + "the graph plays silence for it");
        return;
    }
    log(LogLevel::warning, sentence + "the node leaves the graph until it returns");
    state_->armed = false;
    const LoopLock lock(connection_->loop());
    if (idle_ || !node_) return;
    rejoining_ = true;
    graph_->destroy(node_->id());
}

/// Makes the node anew after it was taken away; when that fails, the next round tries again.
void Engine::rejoin()
{
    {
        const LoopLock lock(connection_->loop());
        if (idle_ || !rejoining_ || connection_->lost()) return;
        teardown();
    }
    std::string message;
    if (join_graph(message) != asiowire::Status::ok) {
        log(LogLevel::error, "the node cannot come back: " + message);
        return;
    }
    wait_for_steady_graph();
    {
        const LoopLock lock(connection_->loop());
        if (idle_) return;
        rejoining_ = false;
        state_->armed.store(true, std::memory_order_release);
    }
    log(LogLevel::info, "the host is back, and so is the node");
    const std::lock_guard guard(events_mutex_);
    resynced_ = true;
    events_wake_.release();
}

} // namespace asiowire
