// SPDX-License-Identifier: MIT
#include "faults.hpp"

#include "holdings.hpp"
#include "instance.hpp"
#include "win_clock.hpp"

namespace asiohost {
namespace {

constexpr std::int64_t kStrike = 50; // the block in which something happens

Result<std::unique_ptr<Instance>> open_with(const DriverEntry& entry, const Options& options,
                                            Instance::BlockHook hook)
{
    auto opened = Instance::open(entry);
    if (!opened) return opened;
    (*opened)->on_block = std::move(hook);
    if (auto run = (*opened)->run(options.plan.block); !run) return std::unexpected(run.error());
    return opened;
}

/// No further block comes, after those under way.
void expect_silence(Instance& instance, Verdict& verdict)
{
    Sleep(200);
    const std::int64_t before = instance.blocks();
    Sleep(300);
    verdict.expect(instance.blocks() == before, "blocks still come");
}

void run_afresh(const DriverEntry& entry, Verdict& verdict)
{
    auto opened = Instance::open(entry);
    auto done = opened ? (*opened)->run() : std::unexpected(opened.error());
    if (done) done = (*opened)->wait(50);
    verdict.expect(done.has_value(),
                   "a new one does not run: " + (done ? std::string() : done.error().sentence));
}

} // namespace

Result<void> fault_lock_around_start(const DriverEntry& entry, const Options&)
{
    static CRITICAL_SECTION lock; // the host's own, as foobar2000 has one
    InitializeCriticalSection(&lock);
    auto opened = Instance::open(entry);
    if (!opened) return std::unexpected(opened.error());
    Instance& instance = **opened;
    std::atomic<bool> start_returned{false}, too_early{false};
    const DWORD starter = GetCurrentThreadId();
    Verdict verdict;
    instance.on_block = [&](const asio::Time*, int) {
        if (GetCurrentThreadId() == starter) too_early = true;
        EnterCriticalSection(&lock);
        if (!start_returned) too_early = true;
        LeaveCriticalSection(&lock);
    };
    verdict.expect_code("createBuffers", instance.create({0, 1}, {0, 1}), {asio::ASE_OK});
    EnterCriticalSection(&lock);
    verdict.expect_code("start", instance.start(), {asio::ASE_OK});
    const std::int64_t returned = now_ticks();
    start_returned = true;
    LeaveCriticalSection(&lock);
    if (auto came = instance.wait(1 - instance.blocks()); !came) return came;
    say(format("first block %lld ms after start",
               static_cast<long long>(ticks_to_ns(now_ticks() - returned) / 1'000'000)));
    if (auto came = instance.wait(20); !came) return came;
    verdict.expect(!too_early, "bufferSwitch came inside start, on its thread or past the lock");
    return verdict.result();
}

Result<void> fault_stop_from_two_threads(const DriverEntry& entry, const Options& options)
{
    auto opened = open_with(entry, options, {});
    if (!opened) return std::unexpected(opened.error());
    Instance& instance = **opened;
    Verdict verdict;
    for (int round = 0; round < 5; round++) {
        if (auto came = instance.wait(10); !came) return came;
        std::atomic<int> stopped{0};
        {
            const auto stop = [&] {
                const auto code = instance.call("stop", [](asio::IAsio& a) { return a.stop(); });
                verdict.expect_code("stop", code, {asio::ASE_OK, asio::ASE_InvalidMode});
                stopped += code == asio::ASE_OK;
            };
            Beside one(stop), other(stop);
        }
        verdict.expect(stopped >= 1, "neither thread stopped it");
        const std::int64_t blocks = instance.blocks();
        Sleep(30);
        verdict.expect(instance.blocks() == blocks, "a block came after both stops had returned");
        verdict.expect_code("start", instance.start(), {asio::ASE_OK});
    }
    return verdict.result();
}

Result<void> fault_stop_while_releasing(const DriverEntry& entry, const Options& options)
{
    Verdict verdict;
    for (int round = 0; round < 3; round++) {
        std::atomic<bool> strike{false}, inside{false};
        auto opened = open_with(entry, options, [&](const asio::Time*, int) {
            if (!strike.exchange(false)) return;
            inside = true;
            Sleep(200); // so that Release, which waits for this, takes its time
        });
        if (!opened) return std::unexpected(opened.error());
        Instance& instance = **opened;
        if (auto came = instance.wait(10); !came) return came;
        strike = true;
        while (!inside)
            Sleep(1);
        asio::IAsio* const object = instance.object();
        Beside stopper([&, object] {
            Sleep(50); // Release is under way, the object still whole
            const WatchedCall watched("stop after Release began");
            verdict.expect_code("stop", object->stop(), {asio::ASE_OK, asio::ASE_InvalidMode});
        });
        instance.release(); // the last reference
        stopper.join();
        expect_silence(instance, verdict);
    }
    run_afresh(entry, verdict);
    return verdict.result();
}

Result<void> fault_release_in_callback(const DriverEntry& entry, const Options& options)
{
    static Instance* victim = nullptr;
    static std::atomic<bool> released{false};
    auto opened = open_with(entry, options, [](const asio::Time*, int) {
        if (victim == nullptr || victim->blocks() < kStrike || released) return;
        released = true;
        victim->abandon()->Release(); // the last reference, and nothing was stopped
    });
    if (!opened) return std::unexpected(opened.error());
    victim = opened->get();
    Verdict verdict;
    for (int i = 0; i < 300 && !released; i++)
        Sleep(10);
    verdict.expect(released, "Release inside bufferSwitch was never reached or does not return");
    expect_silence(*victim, verdict);
    run_afresh(entry, verdict);
    return verdict.result();
}

Result<void> fault_dispose_running(const DriverEntry& entry, const Options& options)
{
    auto opened = open_with(entry, options, {});
    if (!opened) return std::unexpected(opened.error());
    Instance& instance = **opened;
    Verdict verdict;
    if (auto came = instance.wait(20); !came) return came;
    verdict.expect_code("disposeBuffers while running", instance.dispose(), {asio::ASE_OK});
    const std::int64_t blocks = instance.blocks();
    Sleep(100);
    verdict.expect(instance.blocks() == blocks, "a block came after disposeBuffers");
    if (auto run = instance.run(); !run) return run;
    if (auto came = instance.wait(20); !came) return came;
    return verdict.result();
}

Result<void> fault_stop_in_slow_callback(const DriverEntry& entry, const Options& options)
{
    constexpr DWORD kSlowMs = 300;
    std::atomic<bool> inside{false}, strike{false};
    auto opened = open_with(entry, options, [&](const asio::Time*, int) {
        if (!strike.exchange(false)) return;
        inside = true;
        Sleep(kSlowMs);
        inside = false;
    });
    if (!opened) return std::unexpected(opened.error());
    Instance& instance = **opened;
    Verdict verdict;
    for (const bool disposes : {false, true}) {
        if (auto came = instance.wait(10); !came) return came;
        strike = true;
        for (int i = 0; i < 300 && !inside; i++)
            Sleep(5);
        const auto code = disposes ? instance.dispose() : instance.stop();
        verdict.expect_code("stop or disposeBuffers", code, {asio::ASE_OK});
        verdict.expect(!inside, "it returned while the host was still inside bufferSwitch");
        const auto again = disposes ? instance.run() : Result<void>{};
        if (!again) return again;
        if (!disposes) verdict.expect_code("start", instance.start(), {asio::ASE_OK});
    }
    if (auto came = instance.wait(10); !came) return came;
    return verdict.result();
}

Result<void> fault_hang(const DriverEntry& entry, const Options& options)
{
    constexpr DWORD kHangMs = 1000;
    std::atomic<bool> strike{false}, hangs{false};
    auto opened = open_with(entry, options, [&](const asio::Time*, int) {
        if (!strike.exchange(false)) return;
        say("hanging in bufferSwitch now");
        hangs = true;
        Sleep(kHangMs);
        hangs = false;
        say("back from hanging");
    });
    if (!opened) return std::unexpected(opened.error());
    Instance& instance = **opened;
    if (auto came = instance.wait(20); !came) return came;
    say("ready to hang");
    Sleep(1'500); // somebody links behind us meanwhile
    strike = true;
    for (int i = 0; i < 300 && !hangs; i++)
        Sleep(5);
    while (hangs)
        Sleep(1);
    const std::int64_t back = now_ticks();
    if (auto came = instance.wait(10, 1'000); !came) return came;
    say(format("ten blocks came within %lld ms",
               static_cast<long long>(ticks_to_ns(now_ticks() - back) / 1'000'000)));
    if (auto came = instance.wait(100); !came) return came;
    Verdict verdict;
    verdict.expect_code("stop", instance.stop(), {asio::ASE_OK});
    for (const auto& bad : instance.bad_messages())
        verdict.expect(false, bad);
    return verdict.result();
}

namespace {

/// [helper thread]  must neither allocate nor print: a thread it holds may hold the heap
int freeze_all(const std::vector<HANDLE>& threads)
{
    int errors = 0;
    CONTEXT context;
    for (const HANDLE thread : threads)
        errors += SuspendThread(thread) == static_cast<DWORD>(-1);
    for (const HANDLE thread : threads) {
        context.ContextFlags = CONTEXT_FULL;
        errors += !GetThreadContext(thread, &context);
    }
    for (const HANDLE thread : threads)
        errors += ResumeThread(thread) == static_cast<DWORD>(-1);
    return errors;
}

} // namespace

Result<void> fault_suspend_all(const DriverEntry& entry, const Options& options)
{
    auto opened = open_with(entry, options, {});
    if (!opened) return std::unexpected(opened.error());
    Instance& instance = **opened;
    if (auto came = instance.wait(20); !came) return came;
    const auto threads = other_threads();
    Verdict verdict;
    int errors = 0;
    for (int round = 0; round < 100; round++) {
        errors += freeze_all(threads);
        Sleep(5);
    }
    say(format("froze %d threads 100 times, %d errors", static_cast<int>(threads.size()), errors));
    for (const HANDLE thread : threads)
        CloseHandle(thread);
    verdict.expect(threads.size() >= 2, "there are no other threads");
    verdict.expect(errors == 0, "threads could not be suspended, read or resumed");
    if (auto came = instance.wait(50); !came) return came;
    verdict.expect_code("stop", instance.stop(), {asio::ASE_OK});
    return verdict.result();
}

} // namespace asiohost
