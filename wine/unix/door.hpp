// SPDX-License-Identifier: MIT
#pragma once

#include "core/rt.hpp"
#include "wine/unix/semaphore.hpp"
#include "wine/unix/switch.h"

#include <atomic>
#include <cstdint>
#include <thread>

namespace asiowire {

/// Lets a loop that only knows how to call down (PipeWire's data loop) look, from the Windows side,
/// like a function that returns whenever a block is ready.
///
/// Two ways, chosen once, at the first run() of an audio thread:
/// - coroutine: the loop lives on a second stack carved out of the thread's own Wine kernel stack,
///   and yield() simply returns to Windows. Same OS thread, no system call. The stack is carved, not
///   mapped, because Wine tells "in a system call" from "in user code" by comparing the stack
///   pointer with the kernel stack; with a foreign stack SuspendThread kills 32-bit hosts.
/// - hand-off: the loop runs on a thread of its own and passes the baton by semaphore. 36–40 µs a
///   cycle dearer; only where the kernel stack has no room.
class Door {
public:
    using Loop = void (*)(void* context);

    enum class Way { undecided, coroutine, hand_off };

    /// [any-thread]  `loop(context)` is what run() runs; it must return some time after it was told
    /// to quit. `force_hand_off` is for tests of the fallback.
    Door(Loop loop, void* context, bool force_hand_off);
    ~Door();
    Door(const Door&) = delete;
    Door& operator=(const Door&) = delete;

    /// Goes on with the loop until it yields (true: a block is ready) or returns (false, for good).
    ///
    /// [audio-thread, called from Windows]
    /// stack_floor   lowest address of this thread's Wine kernel stack; 0 when the caller cannot know
    bool run(std::uintptr_t stack_floor);

    /// Hands one block to the Windows side and waits for it. False: nobody is there any more.
    ///
    /// [audio-thread, inside the loop]  coroutine: wait-free switch; hand-off: waits for the host
    bool yield() ASIOWIRE_RT;

    /// The audio thread was terminated from outside. Returns whether the loop can still be ended in
    /// the ordinary way (hand-off), or is frozen on a dead thread's stack (coroutine).
    ///
    /// [any-thread but the audio thread]
    bool abandon();

    /// [any-thread]
    Way way() const { return way_.load(std::memory_order_relaxed); }

private:
    bool carve(std::uintptr_t stack_floor);
    bool run_coroutine();
    bool run_hand_off();
    static void coroutine_entry();

    const Loop loop_;
    void* const loop_context_;
    const bool force_hand_off_;
    std::atomic<Way> way_{Way::undecided};
    std::atomic<bool> ended_{false};
    std::atomic<bool> abandoned_{false};

    asiowire_context windows_{}; // the unix call's own stack
    asiowire_context looping_{}; // the carved stack

    Semaphore block_ready_; // loop thread → audio thread
    Semaphore host_done_;   // audio thread → loop thread
    std::jthread loop_thread_;
};

} // namespace asiowire
