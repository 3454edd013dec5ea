// SPDX-License-Identifier: MIT
#include "pipewire/rt_state.hpp"

#include <chrono>
#include <thread>

#include "tests/cmocka.hpp"

// Whose xrun it was, for cycles as PipeWire's clock tells them; and what the status page gets of it.

using namespace asiowire;

namespace {

constexpr double begin_ns = 1e12;
constexpr double cycle_ns = 1e9 * 480 / 48'000; // 10 ms

/// A graph's clock that a test may disturb, and a driver that takes its time.
struct World {
    Xruns xruns;
    Cycle next = {.quantum = 480,
                  .rate = 48'000,
                  .time_ns = static_cast<std::uint64_t>(begin_ns),
                  .position = 1000,
                  .clock_id = 7,
                  .discontinuous = false};

    /// `woken`, `done`: cycles after the start of this one
    World& turn(double woken = 0.01, double done = 0.1)
    {
        const auto now_ns = static_cast<double>(next.time_ns);
        xruns.judge(next, now_ns + woken * cycle_ns, now_ns + done * cycle_ns);
        next.position += next.quantum;
        next.time_ns += static_cast<std::uint64_t>(cycle_ns);
        next.discontinuous = false;
        return *this;
    }
    /// The clock runs on without us.
    World& miss(std::uint64_t cycles)
    {
        next.position += cycles * next.quantum;
        next.time_ns += cycles * static_cast<std::uint64_t>(cycle_ns);
        return *this;
    }
};

void assert_counted(const World& world, unsigned ours, unsigned device, unsigned woken_late)
{
    assert_int_equal(world.xruns.ours(), ours);
    assert_int_equal(world.xruns.device(), device);
    assert_int_equal(world.xruns.woken_late(), woken_late);
}

void a_graph_in_time_counts_nothing(void**)
{
    World world;
    for (int i = 0; i < 1000; i++) world.turn(0.0, i % 100 / 100.0);
    assert_counted(world, 0, 0, 0);
}

void a_cycle_that_ends_late_is_ours_and_so_is_what_it_makes_us_miss(void**)
{
    World world;
    world.turn().turn(0.01, 3.5).miss(3).turn().turn();
    assert_counted(world, 1, 0, 0);
}

void a_clock_that_jumps_is_the_devices(void**)
{
    World world;
    world.turn().miss(2).turn().turn();
    assert_counted(world, 0, 1, 0);
    world.next.position -= 100'000; // back
    world.turn().turn();
    assert_counted(world, 0, 2, 0);
    world.next.position += 7; // less than a cycle
    world.turn().turn();
    assert_counted(world, 0, 3, 0);
}

void a_discontinuity_that_the_driver_admits_is_the_devices(void**)
{
    World world;
    world.turn();
    world.next.discontinuous = true;
    world.next.position += 31;
    world.turn().turn();
    assert_counted(world, 0, 1, 0);
}

void frames_that_the_driver_says_it_lost_are_the_devices(void**)
{
    World world;
    world.next.driver_xrun = 512; // before our time
    world.turn().turn();
    assert_counted(world, 0, 0, 0);
    world.next.driver_xrun += 100;
    world.turn().turn();
    assert_counted(world, 0, 1, 0);
}

void what_the_driver_loses_because_of_us_is_ours(void**)
{
    World world;
    world.turn().turn(0.01, 1.2);
    world.next.driver_xrun += 100;
    world.next.discontinuous = true;
    world.turn().turn();
    assert_counted(world, 1, 0, 0);
}

void each_fault_counts_by_itself_when_they_alternate(void**)
{
    World world;
    world.turn();
    for (int i = 0; i < 5; i++) world.miss(1).turn().turn(0.01, 1.5).miss(1).turn();
    assert_counted(world, 5, 5, 0);
}

void a_cycle_that_was_over_when_we_were_woken_is_nobodys(void**)
{
    World world;
    world.turn().turn(1.3, 1.4).miss(1).turn();
    assert_counted(world, 0, 0, 1);
}

void what_cannot_be_compared_is_not_judged(void**)
{
    World world;
    world.turn();
    world.next.clock_id = 8; // another device
    world.next.position = 5;
    world.turn();
    world.next.rate = 44'100; // the same at another rate
    world.next.position = 99;
    world.turn();
    world.next.quantum = 240; // and another quantum
    world.next.position += 17;
    world.turn();
    world.xruns.forget(); // stopped and started
    world.next.position += 100'000;
    world.turn();
    assert_counted(world, 0, 0, 0);
}

void a_graph_that_runs_free_is_never_late(void**)
{
    World world;
    world.turn();
    world.next.freewheeling = true;
    world.next.position += 3;
    world.turn(1.5, 20.0).turn(1.5, 20.0);
    world.next.freewheeling = false;
    world.next.position = 0;
    world.turn();
    assert_counted(world, 0, 0, 0);
}

/// Accounts for one cycle of a real clock.
void account_once(RtState& s, StatusPage& page, bool elsewhere)
{
    static TickClock clock;
    std::this_thread::sleep_for(std::chrono::milliseconds(50)); // for its rate to be good
    clock.set();
    s.clock = &clock;
    s.page = &page;
    s.host_elsewhere = elsewhere;
    s.cycles = 11;
    s.blocks = 22;
    s.gaps = 3;
    s.overruns = 4;
    s.late = 5;
    const std::uint64_t end = ticks();
    const auto of_ms = [](double ms) {
        return static_cast<std::uint64_t>(ms * 1e6 / clock.ns_per_tick());
    };
    const Cycle now = {.quantum = 48'000, // a second: whatever this machine does, it is in time
                       .rate = 48'000,
                       .time_ns = monotonic_ns() - 9'000'000,
                       .position = 0,
                       .clock_id = 1,
                       .discontinuous = false};
    account(s, now, {.ticks = of_ms(4), .called = true}, end - of_ms(7), end);
}

bool about(std::uint64_t ns, double ms)
{
    return static_cast<double>(ns) > 0.9e6 * ms && static_cast<double>(ns) < 1.15e6 * ms;
}

void the_page_gets_the_counters_and_the_times_of_a_cycle(void**)
{
    static StatusPage page;
    static RtState s;
    account_once(s, page, false);
    assert_int_equal(page.counters.cycles, 11);
    assert_int_equal(page.counters.blocks, 22);
    assert_int_equal(page.counters.gaps, 3);
    assert_int_equal(page.counters.overruns, 4);
    assert_int_equal(page.counters.late, 5);
    assert_true(about(page.host.percentile(0.5), 4));
    assert_true(about(page.own.percentile(0.5), 3));
    assert_true(about(page.wake.percentile(0.5), 2)); // 9 ms ago it began, 7 ms ago we did
}

void a_host_elsewhere_keeps_its_time_itself(void**)
{
    static StatusPage page;
    static RtState s;
    account_once(s, page, true);
    assert_int_equal(page.host.percentile(1.0), 0);
    assert_true(page.own.percentile(0.5) > 0);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_graph_in_time_counts_nothing),
        cmocka_unit_test(a_cycle_that_ends_late_is_ours_and_so_is_what_it_makes_us_miss),
        cmocka_unit_test(a_clock_that_jumps_is_the_devices),
        cmocka_unit_test(a_discontinuity_that_the_driver_admits_is_the_devices),
        cmocka_unit_test(frames_that_the_driver_says_it_lost_are_the_devices),
        cmocka_unit_test(what_the_driver_loses_because_of_us_is_ours),
        cmocka_unit_test(each_fault_counts_by_itself_when_they_alternate),
        cmocka_unit_test(a_cycle_that_was_over_when_we_were_woken_is_nobodys),
        cmocka_unit_test(what_cannot_be_compared_is_not_judged),
        cmocka_unit_test(a_graph_that_runs_free_is_never_late),
        cmocka_unit_test(the_page_gets_the_counters_and_the_times_of_a_cycle),
        cmocka_unit_test(a_host_elsewhere_keeps_its_time_itself),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
