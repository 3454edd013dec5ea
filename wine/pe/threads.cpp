// SPDX-License-Identifier: MIT

#include "wine/pe/threads.hpp"

#include "wine/pe/unix_half.hpp"

extern "C" IMAGE_DOS_HEADER __ImageBase;

namespace asiowire {

namespace {

// Hosts mix whole songs on this thread; only address space is reserved.
constexpr SIZE_T audio_stack_bytes = 4 * 1024 * 1024;

// The State of the audio thread that runs on a thread, for DLL_THREAD_DETACH. Not thread_local:
// mingw's allocates on first use.
const DWORD current_state_slot = TlsAlloc();

} // namespace

HANDLE start_pinned_thread(DWORD(WINAPI* body)(void*), void* argument)
{
    HMODULE pinned = nullptr;
    GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                       reinterpret_cast<const char*>(&__ImageBase), &pinned);
    const HANDLE thread = CreateThread(nullptr, audio_stack_bytes, body, argument,
                                       STACK_SIZE_PARAM_IS_A_RESERVATION, nullptr);
    if (thread == nullptr) FreeLibrary(pinned);
    return thread;
}

void end_pinned_thread()
{
    FreeLibraryAndExitThread(reinterpret_cast<HMODULE>(&__ImageBase), 0);
}

std::unique_ptr<AudioThread> AudioThread::create(std::uint64_t engine, BlockSink sink)
{
    auto state = std::make_shared<State>();
    state->sink = std::move(sink);
    state->params.engine = engine;
    std::unique_ptr<AudioThread> thread(new AudioThread(state));
    auto* handed_over = new std::shared_ptr<State>(std::move(state));
    thread->handle_ = start_pinned_thread(&AudioThread::body, handed_over);
    if (thread->handle_ == nullptr) {
        delete handed_over;
        return nullptr;
    }
    thread->id_ = GetThreadId(thread->handle_);
    return thread;
}

AudioThread::~AudioThread()
{
    if (handle_ != nullptr) CloseHandle(handle_);
}

DWORD WINAPI AudioThread::body(void* argument)
{
    {
        std::unique_ptr<std::shared_ptr<State>> handed_over(
            static_cast<std::shared_ptr<State>*>(argument));
        const std::shared_ptr<State> state = std::move(*handed_over);
        handed_over.reset();
        TlsSetValue(current_state_slot, state.get());
#ifdef _WIN64
        // On 64-bit Wine the kernel stack begins where the thread's own stack ends. A 32-bit
        // program's stack says nothing about it.
        ULONG_PTR low = 0;
        ULONG_PTR high = 0;
        GetCurrentThreadStackLimits(&low, &high);
        state->params.stack_floor = high;
#endif
        loop(*state);
        state->ended = true;
        TlsSetValue(current_state_slot, nullptr);
    }
    end_pinned_thread();
}

void AudioThread::on_thread_detach()
{
    auto* state = static_cast<State*>(TlsGetValue(current_state_slot));
    if (state == nullptr || state->ended) return;
    TlsSetValue(current_state_slot, nullptr);
    state->params.request = static_cast<std::uint8_t>(abi::RunRequest::quit);
    unix_half::call(abi::Call::run, &state->params);
    state->ended = true;
    state->sink.context.reset(); // the thread's own reference to the rest of the state is lost with its stack
}

bool AudioThread::is_inside(std::uint64_t engine)
{
    const auto* state = static_cast<const State*>(TlsGetValue(current_state_slot));
    return state != nullptr && state->params.engine == engine;
}

const void* AudioThread::code()
{
    return reinterpret_cast<const void*>(&AudioThread::loop);
}

bool AudioThread::lost() const
{
    return WaitForSingleObject(handle_, 0) == WAIT_OBJECT_0 && !state_->ended;
}

bool AudioThread::join(DWORD milliseconds) const
{
    return WaitForSingleObject(handle_, milliseconds) == WAIT_OBJECT_0;
}

namespace {

struct EventSource {
    std::uint64_t engine;
    std::shared_ptr<EventSink> sink;
};

} // namespace

DWORD WINAPI EventThread::body(void* argument)
{
    {
        const std::unique_ptr<EventSource> source(static_cast<EventSource*>(argument));
        for (;;) {
            auto params = abi::make<abi::NextEventParams>();
            params.engine = source->engine;
            const Status status = unix_half::ask(abi::Call::next_event, params);
            const auto kind = static_cast<abi::Event>(params.kind);
            if (status != Status::ok || kind == abi::Event::closed) break;
            source->sink->event(kind, params.value);
        }
    }
    end_pinned_thread();
}

std::unique_ptr<EventThread> EventThread::create(std::uint64_t engine,
                                                 std::shared_ptr<EventSink> sink)
{
    auto source = std::make_unique<EventSource>(engine, std::move(sink));
    const HANDLE handle = start_pinned_thread(&EventThread::body, source.get());
    if (handle == nullptr) return nullptr;
    static_cast<void>(source.release()); // the thread's own now
    return std::unique_ptr<EventThread>(new EventThread(handle));
}

EventThread::~EventThread()
{
    CloseHandle(handle_);
}

void EventThread::join(DWORD milliseconds) const
{
    if (GetThreadId(handle_) != GetCurrentThreadId()) WaitForSingleObject(handle_, milliseconds);
}

} // namespace asiowire
