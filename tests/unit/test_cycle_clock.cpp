// SPDX-License-Identifier: MIT
#include "tests/unit/fake_graph.hpp"

#include <algorithm>

#include "tests/cmocka.hpp"

// Positions, time stamps and gaps.

using namespace asiowire;
using fake::Graph;

namespace {

/// Blocks whose position is not one block after the one before.
int uneven_positions(const Graph& graph)
{
    int uneven = 0;
    for (std::size_t i = 1; i < graph.calls.size(); i++)
        uneven += graph.calls[i].block.position - graph.calls[i - 1].block.position !=
                  graph.state->block;
    return uneven;
}

/// The same for their times. The graph's time and the block's place in the cycle are rounded to
/// nanoseconds, so that steps may be 2 ns off.
int uneven_times(const Graph& graph)
{
    const auto block_ns = std::int64_t{graph.state->block} * 1'000'000'000 / graph.rate;
    int uneven = 0;
    for (std::size_t i = 1; i < graph.calls.size(); i++) {
        const auto step_ns = static_cast<std::int64_t>(graph.calls[i].block.time_ns -
                                                       graph.calls[i - 1].block.time_ns);
        uneven += std::abs(step_ns - block_ns) > 2;
    }
    return uneven;
}

void blocks_are_evenly_spaced_whatever_the_quantum(void**)
{
    int uneven = 0;
    int late = 0;
    for (const Frames block : {16u, 64u, 100u, 480u, 1000u, 1024u}) {
        for (const Frames quantum : {16u, 64u, 96u, 441u, 1024u}) {
            Graph& graph = fake::new_graph(block, 1, 1);
            for (Frames i = 0; i < 4 + 10 * block / quantum; i++) graph.turn(quantum);
            uneven += uneven_positions(graph) + uneven_times(graph);
            late += graph.calls.empty() || graph.calls[0].block.position != 0;
        }
    }
    assert_int_equal(uneven, 0);
    assert_int_equal(late, 0);
}

void positions_stay_evenly_spaced_over_changes_of_the_quantum(void**)
{
    Graph& graph = fake::new_graph(480, 1, 1);
    for (int i = 0; i < 40; i++)
        for (const Frames quantum : {96u, 96u, 480u, 1536u, 48u, 960u}) graph.turn(quantum);
    assert_int_equal(uneven_positions(graph), 0);
    assert_int_equal(graph.state->gaps, 0);
}

void a_block_is_stamped_when_its_last_frame_was_captured(void**)
{
    // All frames of a cycle are captured when it begins: the last of three blocks of 16 frames ends
    // there, the others 16 and 32 frames, 333 and 667 µs at 48 kHz, before.
    Graph& graph = fake::new_graph(16, 1, 1);
    graph.state->clock_offset_ns = -5'000;
    const std::uint64_t begin = graph.time_ns - 5'000;
    graph.turn(48);
    const std::uint64_t expected[] = {begin - 666'666, begin - 333'333, begin};
    int wrong = graph.calls.size() != 3;
    for (std::size_t i = 0; wrong == 0 && i < 3; i++)
        wrong += graph.calls[i].block.time_ns != expected[i] || graph.calls[i].block.rate != 48000;
    assert_int_equal(wrong, 0);
}

void missed_cycles_are_counted_and_move_the_position_on(void**)
{
    Graph& graph = fake::new_graph(128, 1, 1);
    graph.turn(128);
    graph.position += 3 * 128; // three cycles went by without us
    graph.turn(128);
    graph.turn(128);
    graph.position += 128;
    graph.turn(128);
    const std::uint64_t expected[] = {0, 4 * 128, 5 * 128, 7 * 128};
    int wrong = graph.calls.size() != 4;
    for (std::size_t i = 0; wrong == 0 && i < 4; i++)
        wrong += graph.calls[i].block.position != expected[i];
    assert_int_equal(wrong, 0);
    assert_int_equal(graph.state->gaps, 2);
    assert_int_equal(graph.state->fifo_delay, 0); // a gap is no reason to add delay
}

void a_gap_leaves_the_samples_in_step(void**)
{
    Graph& graph = fake::new_graph(100, 1, 1);
    graph.on_block = fake::counting_host;
    for (int i = 0; i < 50; i++) {
        if (i % 10 == 9) graph.position += 64;
        graph.turn(64);
    }
    const auto& played = graph.played[0];
    const Frames delay = graph.state->fifo_delay;
    int wrong = 0;
    for (std::size_t i = delay; i < played.size(); i++)
        wrong += played[i] != fake::sample(i - delay, 0);
    assert_int_equal(wrong, 0);
    assert_int_equal(graph.state->gaps, 5);
    assert_int_equal(delay, fifo_delay(100, 64));
}

void jumps_that_the_clock_may_make_are_no_gaps(void**)
{
    Graph& graph = fake::new_graph(64, 1, 1);
    graph.turn(64);
    graph.position += 1000;
    graph.clock_id++; // another driver
    graph.turn(64);
    graph.position += 1000;
    graph.discontinuous = true;
    graph.turn(64);
    graph.discontinuous = false;
    graph.position += 32;
    graph.turn(128); // another quantum
    graph.position -= 500; // backwards
    graph.turn(128);
    assert_int_equal(graph.state->gaps, 0);
    assert_int_equal(uneven_positions(graph), 0);
}

void only_time_outside_the_host_is_counted(void**)
{
    Graph& graph = fake::new_graph(64, 1, 1);
    const HostTime four = graph.turn(256);
    const HostTime none = graph.turn(32);
    const HostTime one = graph.turn(32);
    assert_true(four.called && four.ticks == 40);
    assert_true(!none.called && none.ticks == 0);
    assert_true(one.called && one.ticks == 10);
}

void a_clock_without_a_rate_is_no_division_by_zero(void**)
{
    Graph& graph = fake::new_graph(16, 1, 1);
    for (fake::Port* port : {&graph.in[0], &graph.out[0]}) port->fill(48);
    const Cycle now = {.quantum = 48, .rate = 0, .time_ns = 5, .position = 0, .clock_id = 1,
                       .discontinuous = false};
    cycle(*graph.state, now);
    assert_int_equal(graph.calls.size(), 3);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_evenly_spaced_whatever_the_quantum),
        cmocka_unit_test(positions_stay_evenly_spaced_over_changes_of_the_quantum),
        cmocka_unit_test(a_block_is_stamped_when_its_last_frame_was_captured),
        cmocka_unit_test(missed_cycles_are_counted_and_move_the_position_on),
        cmocka_unit_test(a_gap_leaves_the_samples_in_step),
        cmocka_unit_test(jumps_that_the_clock_may_make_are_no_gaps),
        cmocka_unit_test(only_time_outside_the_host_is_counted),
        cmocka_unit_test(a_clock_without_a_rate_is_no_division_by_zero),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
