// SPDX-License-Identifier: MIT
#include "pipewire/status_folder.hpp"
#include "tests/engine/clock_meddler.hpp"
#include "tests/engine/native_host.hpp"
#include "tests/engine/own_daemon.hpp"

#include <cstdio>
#include <cstring>
#include <vector>

#include "tests/cmocka.hpp"

// The status page beside what really happened: a host that sleeps, a stop, two engines.

using namespace engine_test;
using asiowire::find_pages;
using asiowire::FoundPage;
using asiowire::PageFacts;
using asiowire::PageState;

namespace {

constexpr Frames block = 1024; // 21 ms, so that only what is meant to be late is

struct Counted {
    std::uint64_t cycles = 0;
    std::uint64_t blocks = 0;
    std::uint64_t gaps = 0;
    std::uint64_t overruns = 0;
    std::uint64_t ours = 0;
    std::uint64_t device = 0;
    std::uint64_t woken_late = 0;
};

Counted counted(const FoundPage& found)
{
    const asiowire::PageCounters& c = found.page->counters;
    return {c.cycles, c.blocks, c.gaps, c.overruns, c.xruns_ours, c.xruns_device, c.woken_late};
}

/// Of all engines here.
std::vector<FoundPage> pages()
{
    return find_pages(asiowire::status_folder());
}

bool sleeps_at_the_tenth_block(Host& host, const Block&)
{
    if (host.blocks == 10) std::this_thread::sleep_for(milliseconds(70));
    return true;
}

struct Run {
    bool played = false;
    Counted running; // before stop
    Counted stopped;
    Engine::Status status;
    std::uint64_t own_p50_ns = 0;
    std::uint64_t host_max_ns = 0;
    std::uint64_t wake_p50_ns = 0;
    PageFacts facts; // while running
    PageState after = PageState::lost;
};

Run run_once(Host::Hook hook, const char* schedule)
{
    Run run;
    std::string message;
    use_devices("sink-8", "sink-8");
    setenv("ASIOWIRE_SCHEDULE", schedule, 1);
    if (const auto engine = open_engine(message)) {
        Host host(*engine, {.block = block, .inputs = 0x7, .outputs = 0xf});
        host.hook = hook;
        run.played = host.start() == Status::ok && host.wait_for_blocks(40);
        const auto found = pages();
        if (found.size() == 1) {
            run.facts = found[0].facts();
            run.running = counted(found[0]);
            host.stop();
            run.stopped = counted(found[0]);
            run.own_p50_ns = found[0].page->own.percentile(0.5);
            run.host_max_ns = found[0].page->host.percentile(1.0);
            run.wake_p50_ns = found[0].page->wake.percentile(0.5);
            run.after = found[0].facts().state;
        }
        host.stop();
        run.status = engine->status(0);
    }
    unsetenv("ASIOWIRE_SCHEDULE");
    use_devices(nullptr, nullptr);
    return run;
}

/// A run in which nobody was late but the host that was told to; when even that cannot be had, the
/// machine's own lateness has been printed.
Run quiet_run(Host::Hook hook, std::uint64_t lateness, const char* schedule = "synchronous")
{
    return fairly([&] { return run_once(hook, schedule); },
                  [&](const Run& run) {
                      return run.played && run.stopped.gaps + run.stopped.overruns == lateness;
                  },
                  lateness);
}

void a_run_in_time_counts_blocks_and_no_xrun_and_stop_counts_none(void**)
{
    const Run run = quiet_run(nullptr, 0);
    assert_true(run.played);
    assert_int_equal(run.stopped.blocks, run.status.blocks);
    assert_int_equal(run.stopped.cycles, run.status.cycles);
    assert_int_equal(run.stopped.gaps, run.status.gaps);
    assert_int_equal(run.stopped.overruns, run.status.overruns);
    assert_true(run.stopped.blocks >= 40);
    assert_int_equal(run.stopped.ours, 0);
    assert_int_equal(run.stopped.device, 0);
    assert_int_equal(run.stopped.woken_late, 0);
}

void a_host_that_sleeps_once_is_one_xrun_of_ours(void**)
{
    const Run run = quiet_run(sleeps_at_the_tenth_block, 2); // the overrun, and the gap it makes
    assert_true(run.played);
    assert_int_equal(run.stopped.gaps, 1);
    assert_int_equal(run.stopped.overruns, 1);
    assert_int_equal(run.stopped.ours, 1);
    assert_int_equal(run.stopped.device, 0);
    assert_int_equal(run.stopped.woken_late, 0);
    assert_true(run.host_max_ns >= 70'000'000);
    assert_true(run.own_p50_ns > 0 && run.own_p50_ns < 20'000'000);
    assert_true(run.wake_p50_ns > 0 && run.wake_p50_ns < 20'000'000);
}

void a_late_host_of_the_buffered_schedule_is_no_xrun(void**)
{
    const Run run = quiet_run(sleeps_at_the_tenth_block, 0, "buffered");
    assert_true(run.played);
    assert_true(run.status.late > 0);
    assert_int_equal(run.stopped.ours, 0);
    assert_int_equal(run.stopped.device, 0);
    assert_true(run.host_max_ns >= 70'000'000); // timed on its own thread
    assert_int_equal(run.facts.buffered, 1);
}

void the_facts_are_those_of_the_run(void**)
{
    const Run run = quiet_run(nullptr, 0);
    assert_string_equal(run.facts.program.data(), "engine-test");
    assert_string_equal(run.facts.playback.data(), "sink-8");
    assert_string_equal(run.facts.capture.data(), "sink-8");
    assert_int_equal(run.facts.state, PageState::running);
    assert_int_equal(run.after, PageState::prepared);
    assert_int_equal(run.facts.inputs, 3);
    assert_int_equal(run.facts.outputs, 4);
    assert_int_equal(run.facts.block, block);
    assert_int_equal(run.facts.quantum, block);
    assert_int_equal(run.facts.rate, 48000);
    assert_int_equal(run.facts.runs, 1);
    assert_non_null(std::strstr(run.facts.scheduling.data(), "asiowire-audio: "));
}

struct Lives {
    std::size_t both = 0;
    std::size_t one = 0;
    std::size_t none = 9;
    bool differ = false;
};

Lives open_and_close()
{
    Lives lives;
    {
        std::string message;
        auto first = open_engine(message);
        const auto second = open_engine(message);
        const auto found = pages();
        lives.both = found.size();
        lives.differ =
            found.size() == 2 && found[0].page->number != found[1].page->number &&
            found[0].facts().state == PageState::open;
        first.reset();
        lives.one = pages().size();
    }
    lives.none = pages().size();
    return lives;
}

void two_engines_have_two_pages_and_a_page_goes_with_its_engine(void**)
{
    const Lives lives = open_and_close();
    assert_int_equal(lives.both, 2);
    assert_true(lives.differ);
    assert_int_equal(lives.one, 1);
    assert_int_equal(lives.none, 0);
}

struct Restarts {
    bool played = false;
    std::uint64_t blocks = 0;
    Frames runs = 0;
    std::uint64_t ours = 0;
    std::uint64_t device = 0;
};

/// Three runs of one engine; the pauses between them are long for the graph's clock.
Restarts restart()
{
    Restarts result{.played = true};
    std::string message;
    use_devices("sink-8", "sink-8");
    const auto engine = open_engine(message);
    use_devices(nullptr, nullptr);
    for (int i = 0; i < 3 && engine; i++) {
        Host host(*engine, {.block = block, .inputs = 0x3, .outputs = 0x3});
        result.played &= host.start() == Status::ok && host.wait_for_blocks(5);
        host.stop();
        const auto found = pages();
        if (found.size() != 1) return {};
        result.runs = found[0].facts().runs;
        result.blocks = found[0].page->counters.blocks;
        result.ours += found[0].page->counters.xruns_ours;
        result.device += found[0].page->counters.xruns_device;
        std::this_thread::sleep_for(milliseconds(60));
    }
    return result;
}

void each_start_counts_anew_and_pauses_are_no_xruns(void**)
{
    const Restarts result = fairly(restart, [](const Restarts& r) {
        return r.played && r.ours + r.device == 0;
    });
    assert_true(result.played);
    assert_int_equal(result.runs, 3);
    assert_in_range(result.blocks, 5, 40);
    assert_int_equal(result.ours, 0);
    assert_int_equal(result.device, 0);
}

bool hangs_at_the_tenth_block(Host& host, const Block&)
{
    if (host.blocks == 10) std::this_thread::sleep_for(milliseconds(500));
    return true;
}

struct Hung {
    bool played = false;
    bool seen = false; // in the page, meanwhile
    PageFacts facts;
    Counted counted;
};

/// A host that hangs so long that its node leaves the graph and comes back.
Hung hang()
{
    Hung result;
    std::string message;
    use_devices("sink-8", "sink-8");
    const auto engine = open_engine(message);
    use_devices(nullptr, nullptr);
    if (!engine) return result;
    Host host(*engine, {.block = block, .inputs = 0x3, .outputs = 0x3});
    host.hook = hangs_at_the_tenth_block;
    result.played = host.start() == Status::ok;
    const auto found = pages();
    if (found.size() != 1) return {};
    for (int i = 0; i < 1500 && !result.seen; i++) {
        result.seen = found[0].facts().state == PageState::hanging;
        std::this_thread::sleep_for(milliseconds(1));
    }
    result.played &= host.wait_for_blocks(40);
    std::this_thread::sleep_for(milliseconds(60)); // the caretaker's next look
    result.facts = found[0].facts();
    host.stop();
    result.counted = counted(found[0]);
    return result;
}

void a_host_that_hangs_is_seen_and_is_one_xrun_of_ours(void**)
{
    const Hung result = fairly(
        hang,
        [](const Hung& r) {
            return r.played && r.counted.ours == 1 && r.counted.device + r.counted.woken_late == 0;
        },
        2);
    assert_true(result.played);
    assert_true(result.seen);
    assert_int_equal(result.facts.hangs, 1);
    assert_int_equal(result.facts.state, PageState::running);
    assert_int_equal(result.counted.ours, 1);
    assert_int_equal(result.counted.device, 0);
}

struct Frozen {
    bool played = false;
    PageState while_frozen = PageState::open;
    PageState afterwards = PageState::open;
    Counted counted;
};

/// A daemon that is stopped for a while and goes on.
Frozen freeze_daemon()
{
    Frozen result;
    OwnDaemon daemon;
    std::string message;
    use_devices("sink-8", "sink-8");
    const auto engine = open_engine(message);
    use_devices(nullptr, nullptr);
    if (!engine) return result;
    Host host(*engine, {.block = block, .inputs = 0x3, .outputs = 0x3});
    result.played = host.start() == Status::ok && host.wait_for_blocks(20);
    const auto found = pages();
    if (found.size() != 1) return {};
    daemon.freeze();
    std::this_thread::sleep_for(milliseconds(800));
    result.while_frozen = found[0].facts().state;
    daemon.thaw();
    result.played &= host.wait_for_blocks(host.blocks + 80);
    result.afterwards = found[0].facts().state;
    host.stop();
    result.counted = counted(found[0]);
    return result;
}

void a_daemon_that_stood_still_is_neither_ours_nor_the_devices(void**)
{
    const Frozen result = fairly(freeze_daemon, [](const Frozen& r) {
        return r.played && r.counted.ours == 0;
    });
    assert_true(result.played);
    assert_int_equal(result.while_frozen, PageState::stalled);
    assert_int_equal(result.afterwards, PageState::running);
    assert_int_equal(result.counted.ours, 0);
    assert_int_equal(result.counted.device, 0);
    assert_true(result.counted.woken_late > 0);
    std::printf("# after 800 ms: %llu cycles woken late, %llu gaps\n",
                static_cast<unsigned long long>(result.counted.woken_late),
                static_cast<unsigned long long>(result.counted.gaps));
}

struct Jumped {
    bool played = false;
    int jumps = 0;
    Counted counted;
};

/// A driver whose clock jumps three times under a running engine.
Jumped let_the_clock_jump()
{
    Jumped result;
    std::string message;
    use_devices("sink-8", "sink-8");
    const auto engine = open_engine(message);
    use_devices(nullptr, nullptr);
    if (!engine) return result;
    Host host(*engine, {.block = block, .inputs = 0x3, .outputs = 0x3});
    ClockMeddler meddler;
    result.played = host.start() == Status::ok && host.wait_for_blocks(10);
    for (int i = 0; i < 3; i++) {
        result.jumps += meddler.jump(10'000);
        result.played &= host.wait_for_blocks(host.blocks + 5);
    }
    const auto found = pages();
    host.stop();
    if (found.size() == 1) result.counted = counted(found[0]);
    return result;
}

void a_clock_that_jumps_is_the_devices_xrun(void**)
{
    const Jumped result = fairly(
        let_the_clock_jump,
        [](const Jumped& r) {
            return r.played && r.counted.device == 3 && r.counted.ours + r.counted.woken_late == 0;
        },
        3); // gaps
    assert_true(result.played);
    assert_int_equal(result.jumps, 3);
    assert_int_equal(result.counted.gaps, 3);
    assert_int_equal(result.counted.device, 3);
    assert_int_equal(result.counted.ours, 0);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_run_in_time_counts_blocks_and_no_xrun_and_stop_counts_none),
        cmocka_unit_test(a_host_that_sleeps_once_is_one_xrun_of_ours),
        cmocka_unit_test(a_late_host_of_the_buffered_schedule_is_no_xrun),
        cmocka_unit_test(the_facts_are_those_of_the_run),
        cmocka_unit_test(two_engines_have_two_pages_and_a_page_goes_with_its_engine),
        cmocka_unit_test(each_start_counts_anew_and_pauses_are_no_xruns),
        cmocka_unit_test(a_host_that_hangs_is_seen_and_is_one_xrun_of_ours),
        cmocka_unit_test(a_clock_that_jumps_is_the_devices_xrun),
        cmocka_unit_test(a_daemon_that_stood_still_is_neither_ours_nor_the_devices),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
