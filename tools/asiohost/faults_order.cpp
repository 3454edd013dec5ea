// SPDX-License-Identifier: MIT
#include "faults.hpp"

#include <atomic>

namespace asiohost {
namespace {

Session* victim = nullptr; // set before it starts, read in its callbacks
std::atomic<bool> struck{false};
std::atomic<std::int32_t> answer{0};

Next hook_stop(std::int64_t block)
{
    if (block == kFaultBlock) {
        answer = victim->driver().call("stop", [](asio::IAsio& asio) { return asio.stop(); });
        struck = true;
    }
    return Next::go_on; // the buffers are still there
}

Next hook_dispose(std::int64_t block)
{
    if (block != kFaultBlock) return Next::go_on;
    answer = victim->driver().call("disposeBuffers",
                                   [](asio::IAsio& asio) { return asio.dispose_buffers(); });
    struck = true;
    return answer == asio::ASE_OK ? Next::leave : Next::go_on;
}

/// Waits for the strike inside the callback and tells how the driver answered.
Result<void> wait_for_strike(Session& session, const char* call)
{
    if (auto step = wait_for_callbacks(session, kFaultBlock + 1); !step) return step;
    for (int i = 0; i < 300 && !struck; i++)
        Sleep(10);
    if (!struck)
        return failure(ExitCode::audio_wrong, format("%s does not return from inside "
                                                     "bufferSwitch.",
                                                     call));
    say(format("%s inside bufferSwitch: %s", call, error_name(answer).c_str()));
    return {};
}

/// Prepares and runs the same driver object once more.
Result<void> run_again(Session& session, const Options& options)
{
    Plan plan = options.plan;
    plan.seconds = 1;
    say("now an ordinary second with the same object");
    auto step = session.prepare(plan);
    if (step) step = session.start();
    if (step) step = session.wait(plan.seconds);
    if (step) step = session.stop();
    if (!step) return step;
    const Outcome outcome = session.outcome();
    if (step = session.dispose(); !step) return step;
    return report_run(outcome, options);
}

} // namespace

Result<void> fault_stop_in_callback(const DriverEntry& entry, const Options& options)
{
    auto session = start_with(entry, options.plan, hook_stop, &victim);
    if (!session) return std::unexpected(session.error());
    Session& running = **session;
    if (auto step = wait_for_strike(running, "stop"); !step) return step;
    if (answer != asio::ASE_OK)
        return failure(ExitCode::refused, "stop inside bufferSwitch was refused.");
    running.forget_running();
    if (auto step = expect_silence(running); !step) return step;
    if (auto step = running.dispose(); !step) return step;
    return run_again(running, options);
}

Result<void> fault_dispose_in_callback(const DriverEntry& entry, const Options& options)
{
    auto session = start_with(entry, options.plan, hook_dispose, &victim);
    if (!session) return std::unexpected(session.error());
    Session& running = **session;
    if (auto step = wait_for_strike(running, "disposeBuffers"); !step) return step;
    if (answer == asio::ASE_OK) {
        running.forget_buffers();
        if (auto step = expect_silence(running); !step) return step;
    } else {
        say("refused there, so stop and disposeBuffers from the main thread");
        auto step = running.stop();
        if (step) step = running.dispose();
        if (!step) return step;
    }
    return run_again(running, options);
}

Result<void> fault_release_running(const DriverEntry& entry, const Options& options)
{
    auto session = start_with(entry, options.plan, nullptr);
    if (!session) return std::unexpected(session.error());
    if (auto step = (*session)->wait(options.plan.seconds); !step) return step;
    (*session)->driver().release();
    (*session)->forget_buffers();
    say("Release while running: returned");
    if (auto step = expect_silence(**session); !step) return step;
    return run_normal_second(entry, options);
}

Result<void> fault_no_stop_free_library(const DriverEntry& entry, const Options& options)
{
    const auto loaded = load_driver(entry);
    if (!loaded) return std::unexpected(loaded.error());
    auto driver = Driver::adopt(loaded->object);
    if (!driver) return std::unexpected(driver.error());
    Session session(std::move(*driver));
    Result<void> step = session.prepare(options.plan);
    if (step) step = session.start();
    if (step) step = session.wait(options.plan.seconds);
    if (!step) return step;
    session.driver().release();
    session.forget_buffers();
    FreeLibrary(loaded->library);
    CoFreeUnusedLibraries();
    say("Release and FreeLibrary while running: returned");
    if (step = expect_silence(session); !step) return step;
    return run_normal_second(entry, options);
}

} // namespace asiohost
