// SPDX-License-Identifier: MIT
// The threads that are lent to the engine, and the priorities they get.

#include "pipewire/engine.hpp"
#include "pipewire/log.hpp"

namespace asiowire {

void Engine::run_loop()
{
    schedule_thread("asiowire-audio", settings_.realtime());
    connection_->audio_thread().lend();
}

void Engine::schedule_thread(const std::string& name, const RealtimeWish& wish)
{
    Scheduling got = become_realtime(name, wish, daemon_priority());
    log(LogLevel::info, name + ": " + got.story);
    status_file_->tell([&](PageFacts& facts) { put(facts.scheduling, got.story); });
    const std::lock_guard guard(events_mutex_);
    scheduling_ = std::move(got);
}

Scheduling Engine::scheduling() const
{
    const std::lock_guard guard(events_mutex_);
    return scheduling_;
}

void Engine::become_host_thread() const
{
    // One below the graph's, and free to go where it likes.
    RealtimeWish wish = settings_.realtime();
    wish.processors.clear();
    const int daemon = daemon_priority();
    const int graphs = priority_to_ask(wish, daemon);
    if (graphs <= 1)
        wish.mode = Realtime::off;
    else
        wish.priority = graphs - 1;
    log(LogLevel::info, "asiowire-host: " + become_realtime("asiowire-host", wish, daemon).story);
}

} // namespace asiowire
