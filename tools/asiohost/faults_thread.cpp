// SPDX-License-Identifier: MIT
#include "faults.hpp"

#include <atomic>

namespace asiohost {
namespace {

std::atomic<HANDLE> audio_thread{nullptr};
std::atomic<DWORD> audio_thread_id{0};
std::atomic<int> hits{0};

/// Gets hold of the audio thread from inside it, in the first callback.
void catch_thread(std::int64_t block)
{
    if (block != 0) return;
    HANDLE self = nullptr;
    DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(), &self, 0, FALSE,
                    DUPLICATE_SAME_ACCESS);
    audio_thread_id = GetCurrentThreadId();
    audio_thread = self;
}

Next hook_catch(std::int64_t block)
{
    catch_thread(block);
    return Next::go_on;
}

__attribute__((noinline)) void throw_through(int frames)
{
    volatile char padding[256]; // frames of a size that matters
    padding[0] = static_cast<char>(frames);
    if (frames == 0) throw 42;
    throw_through(frames - 1);
    padding[1] = padding[0]; // no tail call
}

Next hook_throw(std::int64_t block)
{
    if (block % 10 != 9) return Next::go_on;
    try {
        throw_through(5);
    } catch (int value) {
        if (value == 42) hits++;
    }
    return Next::go_on;
}

__attribute__((noinline)) void violate_access()
{
    // The address to go on at waits in a register for the handler.
#if defined(__x86_64__)
    __asm__ volatile("leaq 1f(%%rip), %%r11\n\tmovl $1, 0x0\n1:\n" ::: "r11", "memory");
#else
    __asm__ volatile("movl $1f, %%ecx\n\tmovl $1, 0x0\n1:\n" ::: "ecx", "memory");
#endif
}

LONG CALLBACK go_on_after_violation(EXCEPTION_POINTERS* exception)
{
    if (exception->ExceptionRecord->ExceptionCode != EXCEPTION_ACCESS_VIOLATION ||
        GetCurrentThreadId() != audio_thread_id)
        return EXCEPTION_CONTINUE_SEARCH;
    hits++;
#if defined(__x86_64__)
    exception->ContextRecord->Rip = exception->ContextRecord->R11;
#else
    exception->ContextRecord->Eip = exception->ContextRecord->Ecx;
#endif
    return EXCEPTION_CONTINUE_EXECUTION;
}

Next hook_violate(std::int64_t block)
{
    catch_thread(block);
    if (block % 10 == 9) violate_access();
    return Next::go_on;
}

Next hook_exit_thread(std::int64_t block)
{
    catch_thread(block);
    if (block == kFaultBlock) ExitThread(7);
    return Next::go_on;
}

Next hook_self_terminate(std::int64_t block)
{
    catch_thread(block);
    if (block == kFaultBlock) TerminateThread(GetCurrentThread(), 8);
    return Next::go_on;
}

/// Runs with a hook, reports, and checks how often it struck.
Result<void> run_hooked(const DriverEntry& entry, const Options& options, BlockHook hook,
                        const char* what)
{
    Plan plan = options.plan;
    plan.hook = hook;
    const auto outcome = run_once(entry, plan);
    if (!outcome) return std::unexpected(outcome.error());
    const auto due = static_cast<int>(outcome->callbacks / 10);
    say(format("%s: %d of %d due", what, hits.load(), due));
    if (auto reported = report_run(*outcome, options); !reported) return reported;
    if (hits == due && due > 0) return {};
    return failure(ExitCode::audio_wrong, "Not every one of them was handled.");
}

/// The end after the audio thread is gone: every call returns, whatever its answer.
Result<void> close_after_death(Session& session)
{
    if (WaitForSingleObject(audio_thread, 3'000) != WAIT_OBJECT_0)
        return failure(ExitCode::audio_wrong, "The audio thread did not end.");
    say(format("the audio thread is gone after %lld callbacks",
               static_cast<long long>(session.callbacks())));
    const auto tell = [](const char* call, const Result<void>& result) {
        say(format("%s after that: %s", call, result ? "ASE_OK" : result.error().sentence.c_str()));
    };
    tell("stop", session.stop());
    tell("disposeBuffers", session.dispose());
    session.driver().release();
    say("Release after that: returned");
    return {};
}

Result<void> die_in_callback(const DriverEntry& entry, const Options& options, BlockHook hook)
{
    auto session = start_with(entry, options.plan, hook);
    if (!session) return std::unexpected(session.error());
    if (auto step = wait_for_callbacks(**session, kFaultBlock + 1); !step) return step;
    return close_after_death(**session);
}

struct Suspending {
    std::atomic<bool> quit{false};
    int rounds = 0;
    int errors = 0;
};

/// [helper thread]  must neither allocate nor print: the thread it holds may hold the heap
void suspend_once(Suspending& state)
{
    const HANDLE thread = audio_thread;
    // CONTEXT wants 16-byte alignment and says so itself.
    CONTEXT context;
    context.ContextFlags = CONTEXT_FULL;
    if (SuspendThread(thread) == static_cast<DWORD>(-1)) {
        state.errors++;
        return;
    }
    if (!GetThreadContext(thread, &context) || !SetThreadContext(thread, &context)) state.errors++;
    if (ResumeThread(thread) == static_cast<DWORD>(-1)) state.errors++;
    state.rounds++;
}

DWORD WINAPI suspend_loop(void* argument)
{
    auto& state = *static_cast<Suspending*>(argument);
    while (!state.quit) {
        if (audio_thread == nullptr) {
            Sleep(1);
            continue;
        }
        suspend_once(state);
        if (state.rounds % 4 == 0) Sleep(1); // let some callbacks through
    }
    return 0;
}

} // namespace

Result<void> fault_suspend(const DriverEntry& entry, const Options& options)
{
    auto session = start_with(entry, options.plan, hook_catch);
    if (!session) return std::unexpected(session.error());
    Suspending state;
    const HANDLE helper = CreateThread(nullptr, 0, suspend_loop, &state, 0, nullptr);
    const auto waited = (*session)->wait(options.plan.seconds);
    state.quit = true;
    WaitForSingleObject(helper, INFINITE);
    CloseHandle(helper);
    say(format("suspend: %d rounds, %d errors", state.rounds, state.errors));
    if (!waited) return waited;
    if (auto stopped = (*session)->stop(); !stopped) return stopped;
    // A suspended thread is late; lost frames are the price, not the driver's fault.
    if (auto reported = report_run((*session)->outcome(), options); !reported)
        say("not judged, as the thread was held up: " + reported.error().sentence);
    if (state.rounds > 0 && state.errors == 0) return {};
    return failure(ExitCode::audio_wrong, "The audio thread could not be suspended and resumed.");
}

Result<void> fault_throw(const DriverEntry& entry, const Options& options)
{
    return run_hooked(entry, options, hook_throw, "exceptions caught");
}

Result<void> fault_access_violation(const DriverEntry& entry, const Options& options)
{
    AddVectoredExceptionHandler(1, go_on_after_violation);
    return run_hooked(entry, options, hook_violate, "access violations handled");
}

Result<void> fault_exit_thread(const DriverEntry& entry, const Options& options)
{
    return die_in_callback(entry, options, hook_exit_thread);
}

Result<void> fault_self_terminate(const DriverEntry& entry, const Options& options)
{
    return die_in_callback(entry, options, hook_self_terminate);
}

Result<void> fault_terminate_thread(const DriverEntry& entry, const Options& options)
{
    auto session = start_with(entry, options.plan, hook_catch);
    if (!session) return std::unexpected(session.error());
    if (auto step = (*session)->wait(options.plan.seconds); !step) return step;
    if (!TerminateThread(audio_thread, 9))
        return failure(ExitCode::audio_wrong, "TerminateThread failed.");
    return close_after_death(**session);
}

} // namespace asiohost
