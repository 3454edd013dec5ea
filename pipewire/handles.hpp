// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <pipewire/filter.h>
#include <pipewire/pipewire.h>

namespace asiowire {

/// One owner per PipeWire handle. All of them are freed with the main loop locked or stopped.
template <auto free_function> struct FreeWith {
    template <class Handle> void operator()(Handle* handle) const { free_function(handle); }
};

inline void destroy_proxy(void* proxy)
{
    pw_proxy_destroy(static_cast<pw_proxy*>(proxy));
}

using ThreadLoop = std::unique_ptr<pw_thread_loop, FreeWith<pw_thread_loop_destroy>>;
using Context = std::unique_ptr<pw_context, FreeWith<pw_context_destroy>>;
using Core = std::unique_ptr<pw_core, FreeWith<pw_core_disconnect>>;
using Filter = std::unique_ptr<pw_filter, FreeWith<pw_filter_destroy>>;
using Registry = std::unique_ptr<pw_registry, FreeWith<destroy_proxy>>;
using Proxy = std::unique_ptr<pw_proxy, FreeWith<destroy_proxy>>;

/// Holds the main loop still while it lives.
/// [any-thread but the audio thread]
class LoopLock {
public:
    explicit LoopLock(pw_thread_loop* loop) : loop_(loop) { pw_thread_loop_lock(loop_); }
    ~LoopLock() { pw_thread_loop_unlock(loop_); }
    LoopLock(const LoopLock&) = delete;
    LoopLock& operator=(const LoopLock&) = delete;

private:
    pw_thread_loop* loop_;
};

/// A listener record that unhooks itself.
/// [main-loop]
class Hook {
public:
    Hook() { spa_zero(hook_); }
    ~Hook() { remove(); }
    Hook(const Hook&) = delete;
    Hook& operator=(const Hook&) = delete;

    spa_hook* get() { return &hook_; }
    void remove()
    {
        if (hook_.link.next != nullptr) spa_hook_remove(&hook_);
        spa_zero(hook_);
    }

private:
    spa_hook hook_;
};

} // namespace asiowire
