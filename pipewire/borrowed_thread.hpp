// SPDX-License-Identifier: MIT
#pragma once

#include "core/status.hpp"
#include "wine/unix/semaphore.hpp"

#include <atomic>
#include <pipewire/pipewire.h>
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
    bool has_turned();
    static const spa_thread_utils_methods methods;

    pw_data_loop* const loop_;
    spa_thread_utils utils_{};
    spa_source* first_turn_ = nullptr; // an event whose callback proves that the loop iterates

    Entry entry_ = nullptr; // handed over by summons_
    void* argument_ = nullptr;
    Semaphore summons_;     // the loop, or a dismissal, is there
    Semaphore first_turned_; // the loop has called back
    Semaphore left_;        // the lender is out of the loop's entry function
    std::atomic<bool> inside_{false}; // and this says whether it is in there
    std::atomic<bool> lost_{false};
};

} // namespace asiowire
