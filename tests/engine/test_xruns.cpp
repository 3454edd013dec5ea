// SPDX-License-Identifier: MIT
#include "tests/engine/clock_meddler.hpp"
#include "tests/engine/own_daemon.hpp"
#include "tests/engine/page_reading.hpp"

#include <cstdio>

#include "tests/cmocka.hpp"

// Whose xrun it was, when it is known: a host that sleeps or hangs, a clock that jumps, a daemon that
// stands still.

using namespace engine_test;

namespace {

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
Frozen freeze_daemon(milliseconds frozen)
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
    std::this_thread::sleep_for(frozen);
    result.while_frozen = found[0].facts().state;
    daemon.thaw();
    result.played &= host.wait_for_blocks(host.blocks + 80);
    result.afterwards = found[0].facts().state;
    host.stop();
    result.counted = counted(found[0]);
    return result;
}

/// Shorter than what makes the fallback clock take over.
void a_daemon_that_stood_still_for_a_moment_is_neither_ours_nor_the_devices(void**)
{
    const Frozen result = fairly([] { return freeze_daemon(milliseconds(60)); }, [](const Frozen& r) {
        return r.played && r.counted.ours == 0 && r.while_frozen == PageState::running;
    });
    assert_true(result.played);
    assert_int_equal(result.while_frozen, PageState::running);
    assert_int_equal(result.counted.ours, 0);
    assert_int_equal(result.counted.device, 0);
    assert_true(result.counted.woken_late > 0); // a null sink makes up for it in a burst: no gap
}

void a_daemon_that_stood_still_for_long_is_one_gap_and_nobodys_xrun(void**)
{
    const Frozen result = fairly([] { return freeze_daemon(milliseconds(800)); }, [](const Frozen& r) {
        return r.played && r.counted.ours == 0;
    });
    assert_true(result.played);
    assert_int_equal(result.while_frozen, PageState::stalled);
    assert_int_equal(result.afterwards, PageState::running);
    assert_int_equal(result.counted.ours, 0);
    assert_int_equal(result.counted.device, 0);
    assert_true(result.counted.gaps > 0);
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
        cmocka_unit_test(a_host_that_sleeps_once_is_one_xrun_of_ours),
        cmocka_unit_test(a_late_host_of_the_buffered_schedule_is_no_xrun),
        cmocka_unit_test(a_host_that_hangs_is_seen_and_is_one_xrun_of_ours),
        cmocka_unit_test(a_clock_that_jumps_is_the_devices_xrun),
        cmocka_unit_test(a_daemon_that_stood_still_for_a_moment_is_neither_ours_nor_the_devices),
        cmocka_unit_test(a_daemon_that_stood_still_for_long_is_one_gap_and_nobodys_xrun),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
