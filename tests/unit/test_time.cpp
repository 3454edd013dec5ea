// SPDX-License-Identifier: MIT
#include "pipewire/clocks.hpp"
#include "tests/unit/fake_graph.hpp"

#include <cmath>
#include <random>

#include "tests/cmocka.hpp"

// Position and time of the blocks, over an hour of a steered clock, past 2^32 frames, and over
// changes of the quantum.

using namespace asiowire;
using fake::Graph;

namespace {

/// Two clocks of which one is steered, and a thread that is preempted while it looks at them.
struct Clocks {
    double drift = 0; // CLOCK_MONOTONIC runs so much faster than CLOCK_MONOTONIC_RAW
    std::mt19937 random{7};

    std::int64_t offset_at(std::uint64_t monotonic_ns) const
    {
        return 5'000'000'000 - std::llround(static_cast<double>(monotonic_ns) * drift);
    }
    ClockPair look(std::uint64_t now)
    {
        const bool preempted = random() % 4 == 0;
        const std::uint64_t bracket = preempted ? 3'000'000 : 60 + random() % 100;
        const auto off = static_cast<std::int64_t>(random() % (bracket + 1)) -
                         static_cast<std::int64_t>(bracket / 2);
        return {offset_at(now) + off, bracket};
    }
};

struct Hour {
    double worst_ns = 0; // of time against the true clock
    int backwards = 0;
    int wrong_positions = 0;
    std::size_t blocks = 0;
};

/// An hour in which the offset is looked at as often as the caretaker does.
Hour live_an_hour(double drift, Frames block, Frames quantum)
{
    constexpr std::uint64_t look_ns = 25'000'000;
    Clocks clocks{.drift = drift};
    ClockOffset offset;
    Graph& graph = fake::new_graph(block, 0, 0);
    Hour hour;
    std::uint64_t next_look = 0;
    const std::uint64_t end = Graph::begin_ns + 3600ull * 1'000'000'000;
    std::uint64_t last = 0;
    while (graph.time_ns < end) {
        const std::uint64_t cycle_ns = graph.time_ns;
        if (cycle_ns >= next_look) {
            graph.state->clock_offset_ns = offset.track([&] { return clocks.look(cycle_ns); });
            next_look = cycle_ns + look_ns;
        }
        graph.turn(quantum);
        for (const Graph::Call& call : graph.calls) {
            // The block's last frame: so many frames before the cycle's end.
            const std::uint64_t frames_behind = (hour.blocks + 1) * block <= graph.frames()
                                                    ? graph.frames() - (hour.blocks + 1) * block
                                                    : 0;
            const double captured = static_cast<double>(cycle_ns) -
                                    static_cast<double>(frames_behind) * 1e9 / graph.rate;
            const double truth = captured + static_cast<double>(clocks.offset_at(cycle_ns));
            hour.worst_ns =
                std::max(hour.worst_ns, std::abs(static_cast<double>(call.block.time_ns) - truth));
            hour.backwards += call.block.time_ns <= last;
            hour.wrong_positions += call.block.position != hour.blocks * block;
            last = call.block.time_ns;
            hour.blocks++;
        }
        graph.calls.clear();
    }
    return hour;
}

void an_hour_of_a_steered_clock_leaves_no_drift(void**)
{
    for (const double drift :
         {0.0, 100e-6, -100e-6, 500e-6, -500e-6}) { // 500 ppm: the most NTP does
        const Hour hour = live_an_hour(drift, 256, 256);
        print_message("%+.0f ppm: %zu blocks, worst %.1f us\n", drift * 1e6, hour.blocks,
                      hour.worst_ns / 1000);
        assert_true(hour.worst_ns < 100'000);
        assert_int_equal(hour.backwards, 0);
        assert_int_equal(hour.wrong_positions, 0);
        assert_int_equal(hour.blocks, 675'000);
    }
}

void reblocked_blocks_keep_time_as_well(void**)
{
    const Hour hour = live_an_hour(200e-6, 441, 1024);
    assert_true(hour.worst_ns < 100'000);
    assert_int_equal(hour.backwards, 0);
    assert_int_equal(hour.wrong_positions, 0);
}

void a_look_that_was_interrupted_does_not_count(void**)
{
    ClockOffset offset;
    assert_int_equal(offset.track([] { return ClockPair{1000, 100}; }), 1000);
    assert_int_equal(offset.track([] { return ClockPair{900'000, 5'000'000}; }), 1000);
    int looks = 0;
    const auto one_of_three_is_good = [&looks] {
        return ++looks == 3 ? ClockPair{1010, 90} : ClockPair{2'000'000, 4'000'000};
    };
    assert_int_equal(offset.track(one_of_three_is_good), 1010);
}

void the_first_look_counts_whatever_it_is(void**)
{
    ClockOffset offset;
    assert_int_equal(offset.track([] { return ClockPair{4000, 1'000'000}; }), 4000);
}

void the_real_offset_is_the_difference_of_the_two_clocks(void**)
{
    ClockOffset offset;
    const std::int64_t found = offset.track();
    const auto before = static_cast<std::int64_t>(clock_ns(CLOCK_MONOTONIC_RAW) - monotonic_ns());
    assert_true(std::abs(found - before) < 1'000'000); // this thread may be interrupted, too
}

void positions_go_on_past_32_bits(void**)
{
    Graph& graph = fake::new_graph(256, 0, 0);
    graph.state->missed = (std::uint64_t{1} << 32) - 512;
    for (int i = 0; i < 8; i++)
        graph.turn(256);
    int wrong = 0;
    for (std::size_t i = 0; i < graph.calls.size(); i++)
        wrong += graph.calls[i].block.position != (std::uint64_t{1} << 32) - 512 + i * 256;
    assert_int_equal(graph.calls.size(), 8);
    assert_int_equal(wrong, 0);
}

void time_never_steps_back_when_the_quantum_grows(void**)
{
    int backwards = 0;
    Graph& graph = fake::new_graph(64, 0, 0);
    for (const Frames quantum : {64, 1024, 64, 2048, 16, 8192, 100, 4096})
        for (int i = 0; i < 10; i++)
            graph.turn(quantum);
    for (std::size_t i = 1; i < graph.calls.size(); i++)
        backwards += graph.calls[i].block.time_ns <= graph.calls[i - 1].block.time_ns;
    assert_int_equal(backwards, 0);
    assert_true(graph.calls.size() > 1000);
}

asiowire::TickClock& set_clock()
{
    static asiowire::TickClock clock;
    const std::uint64_t begin = monotonic_ns();
    while (monotonic_ns() < begin + 20'000'000) {
    }
    clock.set();
    return clock;
}

void the_time_stamp_counter_tells_the_graphs_time(void**)
{
    asiowire::TickClock& clock = set_clock();
    double nearest_ns = 1e12; // a thread that is preempted between the two has looked at its pause
    for (int i = 0; i < 1000; i++) {
        const std::uint64_t before = monotonic_ns();
        const double now_ns = clock.ns(asiowire::ticks());
        nearest_ns = std::min(nearest_ns, std::abs(now_ns - static_cast<double>(before)));
        clock.track();
    }
    assert_true(nearest_ns < 20'000);
}

void a_cycle_that_ends_after_the_next_one_was_due_is_an_overrun(void**)
{
    const asiowire::TickClock& clock = set_clock();
    Graph& graph = fake::new_graph(256, 1, 1);
    const std::uint64_t now_ns = monotonic_ns();
    const std::uint64_t now = asiowire::ticks();
    const asiowire::Cycle in_time = {.quantum = 48'000,
                                     .rate = 48'000,
                                     .time_ns = now_ns - 900'000'000,
                                     .position = 0,
                                     .clock_id = 0,
                                     .discontinuous = false};
    asiowire::account(*graph.state, in_time, {}, now, now);
    assert_int_equal(graph.state->overruns, 0); // there is no clock yet
    graph.state->clock = &clock;
    asiowire::account(*graph.state, in_time, {}, now, now);
    assert_int_equal(graph.state->overruns, 0);
    asiowire::Cycle too_late = in_time;
    too_late.time_ns = now_ns - 1'100'000'000;
    asiowire::account(*graph.state, too_late, {}, now, now);
    assert_int_equal(graph.state->overruns, 1);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(an_hour_of_a_steered_clock_leaves_no_drift),
        cmocka_unit_test(reblocked_blocks_keep_time_as_well),
        cmocka_unit_test(a_look_that_was_interrupted_does_not_count),
        cmocka_unit_test(the_first_look_counts_whatever_it_is),
        cmocka_unit_test(the_real_offset_is_the_difference_of_the_two_clocks),
        cmocka_unit_test(positions_go_on_past_32_bits),
        cmocka_unit_test(time_never_steps_back_when_the_quantum_grows),
        cmocka_unit_test(the_time_stamp_counter_tells_the_graphs_time),
        cmocka_unit_test(a_cycle_that_ends_after_the_next_one_was_due_is_an_overrun),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
