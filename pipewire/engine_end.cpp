// SPDX-License-Identifier: MIT
// How a run ends: stopped, from outside or inside, left by its thread, or abandoned.

#include "pipewire/engine.hpp"

#include "pipewire/log.hpp"
#include "wine/unix/signals.hpp"

#include <chrono>
#include <future>
#include <thread>

namespace asiowire {

using std::chrono::milliseconds;

asiowire::Status Engine::stop()
{
    if (abandoned_) return asiowire::Status::thread_lost;
    idle_ = true;
    if (state_) state_->armed = false;
    if (!wait_for_host()) {
        abandon("the host does not come back from its callback");
        return asiowire::Status::thread_lost;
    }
    connection_->hurry(true); // the caretaker may be waiting for a daemon
    dismiss_caretaker();
    connection_->hurry(false);
    finish_deferred();
    bool was_running = false;
    {
        const LoopLock lock(connection_->loop());
        was_running = node_ != nullptr || rejoining_;
        leave_graph();
    }
    if (pin_) pin_->release();
    if (buffered_) buffered_->close();
    prepared_ = false;
    connection_->audio_thread().stop();
    if (was_running) log_summary();
    show_status();
    return asiowire::Status::ok;
}

/// Waits for its round under way, without a lock that the round may want.
void Engine::dismiss_caretaker()
{
    std::unique_ptr<Caretaker> leaving;
    const std::lock_guard guard(events_mutex_);
    leaving.swap(caretaker_);
}

/// Waits until the host is out of its callback. False: it does not come back.
bool Engine::wait_for_host() const
{
    constexpr auto patience = std::chrono::seconds(5);
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (state_ && !buffered_ && state_->host_since != 0) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(milliseconds(1));
    }
    return true;
}

/// Waits until the main loop has done what clear_up() left to it.
void Engine::finish_deferred()
{
    const LoopLock lock(connection_->loop()); // given up by PipeWire while it waits
    pw_loop_invoke(
        pw_thread_loop_get_loop(connection_->loop()),
        [](spa_loop*, bool, std::uint32_t, const void*, std::size_t, void*) -> int { return 0; }, 0,
        nullptr, 0, true, nullptr);
}

void Engine::leave_graph()
{
    idle_ = true;
    rejoining_ = false;
    connection_->fallback_clock().end();
    teardown();
    if (recorder_) recorder_->stopped();
}

/// The node goes first: a node without links is given to another driver before it goes, and the
/// file descriptor of that news leaks in PipeWire 0.3.65, one per stop.
void Engine::teardown()
{
    node_.reset();
    links_.reset();
}

void Engine::stop_from_inside()
{
    idle_ = true;
    state_->armed = false;
    clear_up();
}

void Engine::leave()
{
    idle_ = true;
    state_->armed = false;
    if (buffered_) buffered_->close();
    connection_->audio_thread().leave();
}

void Engine::clear_up()
{
    pw_loop_invoke(
        pw_thread_loop_get_loop(connection_->loop()),
        [](spa_loop*, bool, std::uint32_t, const void*, std::size_t, void* self) -> int {
            auto* engine = static_cast<Engine*>(self);
            engine->leave_graph();
            if (engine->buffered_) engine->buffered_->close();
            engine->connection_->audio_thread().stop();
            return 0;
        },
        0, nullptr, 0, false, this);
}

void Engine::abandon(const std::string& reason)
{
    if (abandoned_.exchange(true)) return;
    log(LogLevel::error, reason + "; leaving the graph without it (some memory is lost until the "
                                  "program ends)");
    if (state_) state_->armed = false;
    if (buffered_) buffered_->close();
    // Whatever the frozen cycle or PipeWire may still point to is never freed: see operator delete.
    // The main loop itself may be waiting for the lost thread, so its lock is tried from a thread that
    // may wait for ever.
    auto left = std::make_shared<std::promise<void>>();
    const std::future<void> done = left->get_future();
    {
        const SignalsBlocked blocked;
        std::thread([this, left] {
            if (pin_) pin_->release();
            connection_->abandon([this] {
                connection_->fallback_clock().end();
                if (graph_) graph_->on_change(nullptr);
            });
            left->set_value();
        }).detach();
    }
    done.wait_for(std::chrono::seconds(1));
    if (recorder_) recorder_->stopped();
    show_status();
}

/// False: the audio thread may still look at it.
bool Engine::let_go()
{
    close_events();
    if (connection_) static_cast<void>(stop());
    if (abandoned_ && recorder_) recorder_->withdraw();
    if (abandoned_) status_file_->withdraw();
    return !abandoned_;
}

} // namespace asiowire
