// SPDX-License-Identifier: MIT
#pragma once

#include "pipewire/engine.hpp"

#include <chrono>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace engine_test {

/// Sets an entry of the graph's settings as a user does; 0 gives it back.
inline bool set_graph(const std::string& key, std::uint32_t value)
{
    const std::string command =
        "pw-metadata -n settings 0 " + key + " " + std::to_string(value) + " >/dev/null 2>&1";
    return std::system(command.c_str()) == 0;
}

/// A number above 0 from the environment.
inline std::uint64_t number_from(const char* variable, std::uint64_t otherwise)
{
    const char* const text = std::getenv(variable);
    const std::uint64_t number = text == nullptr ? 0 : std::strtoull(text, nullptr, 10);
    return number == 0 ? otherwise : number;
}

/// Waits, three seconds at most.
inline bool wait_until(const std::function<bool()>& condition)
{
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(3);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
}

/// What an engine tells, as its event thread gets it.
class Notices {
public:
    using Event = asiowire::Engine::Event;
    using Notice = asiowire::Engine::Notice;

    explicit Notices(asiowire::Engine& engine)
        : engine_(engine), thread_([this] {
              for (Notice next = engine_.next_event(); next.event != Event::closed;
                   next = engine_.next_event()) {
                  const std::lock_guard guard(mutex_);
                  all_.push_back(next);
              }
          })
    {
    }
    ~Notices()
    {
        engine_.close_events();
        thread_.join();
    }
    Notices(const Notices&) = delete;
    Notices& operator=(const Notices&) = delete;

    int count(Event event) const
    {
        const std::lock_guard guard(mutex_);
        int found = 0;
        for (const Notice& notice : all_) found += notice.event == event;
        return found;
    }

    /// The value that came last with an event; 0 when none came.
    std::uint32_t last(Event event) const
    {
        const std::lock_guard guard(mutex_);
        std::uint32_t value = 0;
        for (const Notice& notice : all_)
            if (notice.event == event) value = notice.value;
        return value;
    }

private:
    asiowire::Engine& engine_;
    mutable std::mutex mutex_;
    std::vector<Notice> all_;
    std::thread thread_;
};

} // namespace engine_test
