// SPDX-License-Identifier: MIT
#include "faults.hpp"

namespace asiohost {
namespace {

constexpr UINT kInCallback = 42;
constexpr UINT kFromMain = 43;
constexpr UINT kTerminated = 44;

Next hook_exit_process(std::int64_t block)
{
    if (block == kFaultBlock) ExitProcess(kInCallback);
    return Next::go_on;
}

Next hook_crash(std::int64_t block)
{
    // In assembly: a compiler that sees the address may do anything else with it.
    if (block == kFaultBlock) __asm__ volatile("movl $1, 0x10" ::: "memory");
    return Next::go_on;
}

/// Ends the process by the exception, as a program without a debugger does; Wine would start its
/// own.
LONG WINAPI end_by_exception(EXCEPTION_POINTERS* exception)
{
    say(format("unhandled exception %08lx",
               static_cast<unsigned long>(exception->ExceptionRecord->ExceptionCode)));
    return EXCEPTION_EXECUTE_HANDLER;
}

Result<void> outlived()
{
    return failure(ExitCode::audio_wrong, "The process did not end.");
}

/// Starts with the hook, runs into its end and says so when there was none.
Result<void> die_in_callback(const DriverEntry& entry, const Options& options, BlockHook hook)
{
    auto session = start_with(entry, options.plan, hook);
    if (!session) return std::unexpected(session.error());
    if (auto step = wait_for_callbacks(**session, kFaultBlock + 1); !step) return step;
    Sleep(5'000); // the process is ending right now
    return outlived();
}

} // namespace

Result<void> fault_exit_process(const DriverEntry& entry, const Options& options)
{
    auto session = start_with(entry, options.plan, nullptr);
    if (!session) return std::unexpected(session.error());
    if (auto step = (*session)->wait(options.plan.seconds); !step) return step;
    say("calling ExitProcess(43) while running");
    ExitProcess(kFromMain);
    return outlived();
}

Result<void> fault_exit_process_in_callback(const DriverEntry& entry, const Options& options)
{
    say("ExitProcess(42) will be called in a callback");
    return die_in_callback(entry, options, hook_exit_process);
}

Result<void> fault_terminate_process(const DriverEntry& entry, const Options& options)
{
    auto session = start_with(entry, options.plan, nullptr);
    if (!session) return std::unexpected(session.error());
    if (auto step = (*session)->wait(options.plan.seconds); !step) return step;
    say("calling TerminateProcess(44) while running");
    TerminateProcess(GetCurrentProcess(), kTerminated);
    return outlived();
}

Result<void> fault_crash(const DriverEntry& entry, const Options& options)
{
    SetErrorMode(SEM_NOGPFAULTERRORBOX | SEM_FAILCRITICALERRORS); // no dialog
    SetUnhandledExceptionFilter(end_by_exception);
    say("a callback will crash: the process must end with exception code c0000005");
    return die_in_callback(entry, options, hook_crash);
}

} // namespace asiohost
