// SPDX-License-Identifier: MIT
#pragma once

#include "core/status.hpp"

#include <atomic>
#include <pipewire/pipewire.h>
#include <semaphore>
#include <spa/support/thread.h>

namespace asiowire {

/// Makes a PipeWire data loop run on a thread of ours instead of one of PipeWire's: the loop's
/// thread utilities hand the thread function to whoever waits in lend().
class BorrowedThread {
public:
    /// [main-loop locked, while nothing cycles]  stops the loop's own thread and takes its place.
    explicit BorrowedThread(pw_data_loop* loop);
    ~BorrowedThread();
    BorrowedThread(const BorrowedThread&) = delete;
    BorrowedThread& operator=(const BorrowedThread&) = delete;

    /// A lender is about to come: what earlier ones left behind is forgotten.
    /// [any-thread, before start()]
    void expect();

    /// Starts the loop on the thread that is, or will be within two seconds, in lend(); returns when
    /// it iterates there.
    /// [any-thread but the lender]
    Status start();

    /// Ends the loop and waits until the lender is out of it. A lost lender is not waited for.
    /// [any-thread but the lender]
    void stop();

    /// Gives the calling thread to the loop until stop() or leave().
    /// [audio-thread]
    void lend();

    /// Ends the loop from inside it, after the current cycle.
    /// [audio-thread, inside the loop]
    void leave() { pw_data_loop_exit(loop_); }

    /// Ends the waiting in lend() for a loop that will not start.
    /// [any-thread]
    void dismiss() { summons_.release(); }

    /// The lender was terminated from outside: nothing may wait for it any more.
    /// [any-thread but the lender]
    void lost() { lost_ = true; }

private:
    using Entry = void* (*)(void*);

    spa_thread* create(Entry entry, void* argument);
    void join();
    static const spa_thread_utils_methods methods;

    pw_data_loop* const loop_;
    spa_thread_utils utils_{};
    spa_source* first_turn_ = nullptr; // an event whose callback proves that the loop iterates

    // Futexes only, no condition variables: these waits happen on Windows threads, which Wine ends
    // at process exit wherever they are, and a condition variable's cleanup record on the thread's
    // stack does not survive the way Wine does it (a crash at exit, seen on Wine 8).
    Entry entry_ = nullptr; // handed over by summons_
    void* argument_ = nullptr;
    std::counting_semaphore<> summons_{0};    // the loop, or a dismissal, is there
    std::counting_semaphore<> first_turned_{0}; // the loop has called back
    std::atomic<int> inside_{0};              // 1: a thread is in the loop's entry function
    std::atomic<bool> lost_{false};
};

} // namespace asiowire
