// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <ctime>

namespace asiowire {

/// A counting semaphore that a Windows thread may be ended in, wherever it stands.
///
/// Wine ends threads by a signal and pthread_exit. On Wine 8 that overwrites the stack that a
/// condition variable's cleanup record lies on; on Wine 10 it unwinds through our frames and ends
/// the program at the first that may not throw, as the standard library's semaphores may not. So:
/// a bare futex, and no `noexcept` on what waits; nor does the compiler get to see that the C library
/// declares syscall() as never throwing (semaphore.cpp).
class Semaphore {
public:
    /// [any-thread]  waits
    void acquire()
    {
        while (!try_acquire()) wait(nullptr);
    }

    /// [any-thread]  waits; false when nothing came in time
    bool try_acquire_for(std::chrono::milliseconds patience)
    {
        const auto deadline = std::chrono::steady_clock::now() + patience;
        while (!try_acquire()) {
            const auto left = deadline - std::chrono::steady_clock::now();
            if (left <= left.zero()) return false;
            const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(left).count();
            const timespec timeout = {.tv_sec = ns / 1'000'000'000, .tv_nsec = ns % 1'000'000'000};
            wait(&timeout);
        }
        return true;
    }

    /// [any-thread]  does not wait
    bool try_acquire()
    {
        int count = count_.load(std::memory_order_relaxed);
        while (count > 0)
            if (count_.compare_exchange_weak(count, count - 1, std::memory_order_acquire)) return true;
        return false;
    }

    /// [any-thread]  does not wait
    void release();

private:
    void wait(const timespec* timeout);

    std::atomic<int> count_{0};
    static_assert(sizeof(std::atomic<int>) == sizeof(int));
};

} // namespace asiowire
