// SPDX-License-Identifier: MIT
// Runs on the audio thread, at the foot of its Wine kernel stack.

#include "wine/unix/door.hpp"

#include "wine/unix/signals.hpp"

#include <cstddef>
#include <cstdlib>
#include <pthread.h>

namespace asiowire {

namespace {

// What other unix calls made while the host is in bufferSwitch may use below the RUN call's frame;
// measured use is under 16 KiB.
constexpr std::size_t room_for_unix_calls = 384 * 1024;
// The coroutine's own stack; PipeWire's loop and our cycle were measured at 1.3–3.2 KiB.
constexpr std::size_t coroutine_bytes = 256 * 1024;

// The door whose coroutine this thread enters next: a fresh stack has no arguments.
thread_local Door* entering = nullptr;

std::uintptr_t lowest_stack_address()
{
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return UINTPTR_MAX;
    void* address = nullptr;
    std::size_t bytes = 0;
    const int failed = pthread_attr_getstack(&attributes, &address, &bytes);
    pthread_attr_destroy(&attributes);
    return failed != 0 ? UINTPTR_MAX : reinterpret_cast<std::uintptr_t>(address);
}

} // namespace

Door::Door(Loop loop, void* context, bool force_hand_off)
    : loop_(loop), loop_context_(context), force_hand_off_(force_hand_off)
{
}

Door::~Door()
{
    if (loop_thread_.joinable()) abandon();
}

bool Door::run(std::uintptr_t stack_floor)
{
    if (way() == Way::undecided)
        way_ = !force_hand_off_ && carve(stack_floor) ? Way::coroutine : Way::hand_off;
    return way() == Way::coroutine ? run_coroutine() : run_hand_off();
}

bool Door::carve(std::uintptr_t stack_floor)
{
    const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    const std::uintptr_t lowest = lowest_stack_address();
    const std::uintptr_t floor = stack_floor > lowest && stack_floor < here ? stack_floor : lowest;
    if (here < floor || here - floor < room_for_unix_calls + coroutine_bytes) return false;
    void* low = reinterpret_cast<void*>(here - room_for_unix_calls - coroutine_bytes);
    asiowire_context_make(&looping_, low, coroutine_bytes, &Door::coroutine_entry);
    entering = this;
    return true;
}

void Door::coroutine_entry()
{
    Door* const door = entering;
    door->loop_(door->loop_context_);
    door->ended_ = true;
    asiowire_context_switch(&door->looping_, &door->windows_);
    std::abort(); // nobody switches to a loop that has ended
}

bool Door::run_coroutine()
{
    if (ended_) return false;
    asiowire_context_switch(&windows_, &looping_);
    return !ended_;
}

bool Door::run_hand_off()
{
    if (ended_) return false;
    if (!loop_thread_.joinable()) {
        const SignalsBlocked blocked;
        loop_thread_ = std::jthread([this] {
            loop_(loop_context_);
            ended_ = true;
            block_ready_.release();
        });
    } else {
        host_done_.release();
    }
    block_ready_.acquire();
    return !ended_;
}

bool Door::yield() ASIOWIRE_RT
{
    if (abandoned_.load(std::memory_order_relaxed)) return false;
    if (way() == Way::coroutine) {
        ASIOWIRE_RT_UNKNOWN_BEGIN("assembly: saves registers, loads others")
        asiowire_context_switch(&looping_, &windows_);
        ASIOWIRE_RT_UNKNOWN_END
    } else {
        ASIOWIRE_RT_UNKNOWN_BEGIN("the fallback waits for the host by design")
        block_ready_.release();
        host_done_.acquire();
        ASIOWIRE_RT_UNKNOWN_END
    }
    return !abandoned_.load(std::memory_order_relaxed);
}

bool Door::abandon()
{
    abandoned_ = true;
    if (way() != Way::hand_off) return ended_ || way() == Way::undecided;
    host_done_.release();
    return true;
}

} // namespace asiowire
