// SPDX-License-Identifier: MIT
#pragma once

#include "wine/unix/door.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

namespace door_test {

using asiowire::Door;

inline constexpr std::ptrdiff_t kib = 1024;
inline constexpr std::size_t roomy = 1024 * kib; // for the coroutine and the host's calls
inline constexpr std::size_t narrow = 256 * kib;

/// Runs `body` to its end on a thread with a stack of exactly this size: glibc would reuse a larger
/// one of a thread that has ended.
inline void on_thread(std::size_t stack_bytes, const std::function<void()>& body)
{
    void* const stack = mmap(nullptr, stack_bytes, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstack(&attributes, stack, stack_bytes);
    pthread_t thread{};
    pthread_create(
        &thread, &attributes,
        [](void* call) -> void* {
            (*static_cast<const std::function<void()>*>(call))();
            return nullptr;
        },
        const_cast<void*>(static_cast<const void*>(&body)));
    pthread_attr_destroy(&attributes);
    pthread_join(thread, nullptr);
    munmap(stack, stack_bytes);
}

/// A loop that fills part of its stack, then counts yields up to a limit.
struct Loop {
    explicit Loop(int yields_in_all, bool force_hand_off = false)
        : limit(yields_in_all), door(&Loop::body, this, force_hand_off)
    {
    }

    static void body(void* self)
    {
        auto& loop = *static_cast<Loop*>(self);
        loop.thread = gettid();
        volatile unsigned char mine[32 * kib];
        for (std::size_t i = 0; i < sizeof mine; i++) mine[i] = static_cast<unsigned char>(i * 7);
        while (loop.yields < loop.limit) {
            loop.yields++;
            if (loop.door.yield()) continue;
            loop.told_to_leave = true;
            break;
        }
        for (std::size_t i = 0; i < sizeof mine; i++)
            loop.damaged += mine[i] != static_cast<unsigned char>(i * 7);
        loop.left = true;
    }

    const int limit;
    int yields = 0;
    int damaged = 0; // bytes of the loop's stack that somebody else wrote to
    pid_t thread = 0;
    bool told_to_leave = false;
    bool left = false;
    Door door;
};

/// As much stack as Wine's other unix calls may use while the host has its block.
[[gnu::noinline]] inline void use_stack()
{
    volatile unsigned char mine[300 * kib];
    for (std::size_t i = 0; i < sizeof mine; i += 64) mine[i] = 0xff;
}

struct Ran {
    Door::Way way = Door::Way::undecided;
    int blocks = 0;       // times run() said that a block was ready
    int blocks_after = 0; // the same, after it said once that the loop has ended
    int damaged = 0;
    bool same_thread = false;
    bool left = false;
    bool told_to_leave = false;
};

/// Serves the loop until it has ended. `floor_below`: how far below us the Wine stack begins.
inline Ran serve(Loop& loop, std::size_t stack_bytes = roomy, std::ptrdiff_t floor_below = 0)
{
    Ran ran;
    on_thread(stack_bytes, [&] {
        const auto here = reinterpret_cast<std::intptr_t>(__builtin_frame_address(0));
        const auto floor = static_cast<std::uintptr_t>(floor_below == 0 ? 0 : here - floor_below);
        while (loop.door.run(floor)) {
            ran.blocks++;
            if (stack_bytes == roomy) use_stack();
        }
        for (int i = 0; i < 3; i++) ran.blocks_after += loop.door.run(floor);
        ran.same_thread = loop.thread == gettid();
    });
    ran.way = loop.door.way();
    ran.damaged = loop.damaged;
    ran.left = loop.left;
    ran.told_to_leave = loop.told_to_leave;
    return ran;
}

inline Ran serve_new(int blocks, std::size_t stack_bytes, std::ptrdiff_t floor_below = 0)
{
    return serve(*std::make_unique<Loop>(blocks), stack_bytes, floor_below);
}

} // namespace door_test
