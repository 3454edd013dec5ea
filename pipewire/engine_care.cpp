// SPDX-License-Identifier: MIT
// What the caretaker does while the engine runs: keeps the clock's offset true and watches the host; what
// it does for a graph that is gone is in engine_recovery.cpp. On a native thread of its own.

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
    if (rejoining_)
        recover();
    else
        watch_graph();
    watch_device();
    keep_pin();
    watch_delivery();
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

} // namespace asiowire
