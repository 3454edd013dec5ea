// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <sched.h>
#include <thread>

namespace engine_test {

/// Whether the machine itself stood still, asked beside driver and graph: a thread that comes before
/// both (tests/rig/daemon.py), on the processors of who made it, sleeps for a moment at a time and notes
/// by how much it overslept. Without the right to real-time priorities it also waits for its turn.
class StandstillWatch {
public:
    using Clock = std::chrono::steady_clock;

    explicit StandstillWatch(Clock::duration nap = std::chrono::milliseconds(1))
        : nap_(nap), thread_([this] { watch(); })
    {
    }
    ~StandstillWatch()
    {
        over_ = true;
        thread_.join();
    }
    StandstillWatch(const StandstillWatch&) = delete;
    StandstillWatch& operator=(const StandstillWatch&) = delete;

    /// The longest standstill since it was asked last.
    Clock::duration take() { return Clock::duration(worst_.exchange(0)); }

    /// How many were a millisecond or longer, from the beginning on.
    int count() const { return count_; }

private:
    void watch()
    {
        constexpr sched_param above_graph_and_clients{20};
        sched_setscheduler(0, SCHED_FIFO, &above_graph_and_clients);
        while (!over_) {
            const auto due = Clock::now() + nap_;
            std::this_thread::sleep_until(due);
            const Clock::duration late = Clock::now() - due;
            if (late.count() > worst_) worst_ = late.count();
            if (late >= std::chrono::milliseconds(1)) count_++;
        }
    }

    const Clock::duration nap_;
    std::atomic<bool> over_{false};
    std::atomic<Clock::rep> worst_{0};
    std::atomic<int> count_{0};
    std::thread thread_;
};

} // namespace engine_test
