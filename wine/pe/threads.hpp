// SPDX-License-Identifier: MIT
#pragma once

#include "core/rt.hpp"
#include "wine/abi.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <windows.h>

namespace asiowire {

/// Who is called with blocks: a plain function, whose address can be listed as memory to warm, and
/// what it is called with. The audio thread holds a share of that, so that a host may drop everything
/// from inside its own callback.
struct BlockSink {
    /// Calls the host and writes down when, in host_enter_ticks and host_leave_ticks.
    /// [audio-thread & running]
    void (*block)(void* context, abi::RunParams& params) ASIOWIRE_RT;
    std::shared_ptr<void> context;
};

/// Who is told of events.
class EventSink {
public:
    virtual ~EventSink() = default;
    /// [event-thread]
    virtual void event(abi::Event kind, std::uint32_t value) = 0;
};

/// Starts a Windows thread that keeps this DLL loaded while it runs.
/// [any-thread]  null when Windows refuses
HANDLE start_pinned_thread(DWORD(WINAPI* body)(void*), void* argument);

/// Ends the calling thread and lets go of the DLL.
[[noreturn]] void end_pinned_thread();

/// The Windows thread that the graph's cycle runs on.
class AudioThread {
public:
    /// [any-thread & prepared]  null when Windows refuses the thread
    static std::unique_ptr<AudioThread> create(std::uint64_t engine, BlockSink sink);
    ~AudioThread();
    AudioThread(const AudioThread&) = delete;
    AudioThread& operator=(const AudioThread&) = delete;

    /// Whether the caller is this thread, that is, the host is inside its callback.
    bool is_current() const { return GetCurrentThreadId() == id_; }

    /// Whether the caller is an audio thread of this engine.
    /// [any-thread]  wait-free
    static bool is_inside(std::uint64_t engine);

    /// Whether the thread was terminated without leaving the loop.
    /// [any-thread but the audio thread]
    bool lost() const;

    /// Waits until the thread is out of the loop and gone. False after `milliseconds`.
    /// [any-thread but the audio thread]
    bool join(DWORD milliseconds) const;

    /// Where the code of the loop begins, to be warmed.
    static const void* code();

    /// For DllMain's DLL_THREAD_DETACH: lets the cycle end before the thread does, when the host
    /// called ExitThread in its callback.
    static void on_thread_detach();

private:
    struct State {
        alignas(64) abi::RunParams params{};
        BlockSink sink;
        std::atomic<bool> ended{false};
    };

    AudioThread(std::shared_ptr<State> state) : state_(std::move(state)) {}
    static DWORD WINAPI body(void* argument);
    static void loop(State& state) ASIOWIRE_RT; // audio_thread_rt.cpp

    std::shared_ptr<State> state_;
    HANDLE handle_ = nullptr;
    DWORD id_ = 0;
};

/// The Windows thread that sleeps in next_event and passes events on until the engine closes them.
class EventThread {
public:
    /// [any-thread]  null when Windows refuses the thread
    static std::unique_ptr<EventThread> create(std::uint64_t engine,
                                               std::shared_ptr<EventSink> sink);
    ~EventThread();
    EventThread(const EventThread&) = delete;
    EventThread& operator=(const EventThread&) = delete;

    /// Waits until the thread is gone, `milliseconds` at most; not at all when it is the caller.
    /// [any-thread, after close_events]
    void join(DWORD milliseconds) const;

private:
    explicit EventThread(HANDLE handle) : handle_(handle) {}
    static DWORD WINAPI body(void* argument);

    const HANDLE handle_;
};

} // namespace asiowire
