// SPDX-License-Identifier: MIT
#include "tests/unit/fake_graph.hpp"

#include <random>

#include "tests/cmocka.hpp"

// The change between the graph's clock and the fallback clock: the host's position keeps step with the
// world, its time never steps back, and no port is touched while there is no graph.

using asiowire::Cycle;
using asiowire::Frames;
using fake::Graph;

namespace {

constexpr std::uint64_t ms = 1'000'000; // ns
constexpr std::uint32_t rate = 48000;

/// A tick of the fallback clock at a time of the world.
void tick(Graph& graph, std::uint64_t time_ns, std::uint64_t number)
{
    asiowire::RtState& s = *graph.state;
    asiowire::cycle(s, {.quantum = s.block,
                        .rate = rate,
                        .time_ns = time_ns,
                        .position = number * s.block,
                        .clock_id = 0,
                        .discontinuous = number == 0,
                        .off_graph = true});
}

std::uint64_t last_position(const Graph& graph)
{
    return graph.calls.back().block.position;
}

void the_time_between_graph_and_fallback_counts_in_the_position(void**)
{
    Graph& graph = fake::new_graph(480, 1, 1); // 10 ms
    graph.turn(480);
    graph.turn(480); // ends at 20 ms
    const std::uint64_t lost = Graph::begin_ns + 50 * ms;
    tick(graph, lost, 0);
    assert_int_equal(last_position(graph), 50 * 48);
    tick(graph, lost + 10 * ms, 1);
    assert_int_equal(last_position(graph), 60 * 48);
    assert_int_equal(graph.state->gaps, 1);
    graph.time_ns = Graph::begin_ns + 75 * ms; // 5 ms after the second tick's block was over
    graph.turn(480);
    assert_int_equal(last_position(graph), 75 * 48);
    assert_int_equal(graph.state->gaps, 1); // one break, told once
}

void ticks_that_were_missed_count_as_well(void**)
{
    Graph& graph = fake::new_graph(480, 1, 1);
    graph.turn(480);
    const std::uint64_t lost = Graph::begin_ns + 10 * ms;
    tick(graph, lost, 0);
    tick(graph, lost + 40 * ms, 4);
    assert_int_equal(last_position(graph), 50 * 48);
    assert_int_equal(graph.state->gaps, 2);
}

void off_the_graph_no_port_is_touched_and_the_inputs_are_silent(void**)
{
    Graph& graph = fake::new_graph(64, 2, 2);
    graph.turn(64);
    for (fake::Port& port : graph.in) port.fill(64);
    for (fake::Port& port : graph.out) port.fill(64);
    tick(graph, graph.time_ns, 0);
    int touched = 0;
    for (const fake::Port& port : graph.in) touched += port.asked;
    for (const fake::Port& port : graph.out)
        touched += port.asked + (port.buffer.front() != fake::Port::guard);
    assert_int_equal(touched, 0);
    assert_int_equal(graph.calls.size(), 2);
    int loud = 0;
    for (const auto& channel : graph.calls.back().in)
        for (const float value : channel) loud += value != 0.0f;
    assert_int_equal(loud, 0);
}

void a_cycle_whose_time_the_host_has_had_is_not_its_next(void**)
{
    Graph& graph = fake::new_graph(480, 1, 1);
    graph.turn(480);
    const std::uint64_t lost = Graph::begin_ns + 10 * ms;
    tick(graph, lost, 0); // the host has had all until 20 ms
    const auto at = [&](std::uint64_t time_ns) {
        const Cycle now = {.quantum = 480,
                           .rate = rate,
                           .time_ns = time_ns,
                           .position = 0,
                           .clock_id = graph.clock_id,
                           .discontinuous = false};
        return asiowire::lived_already(*graph.state, now);
    };
    assert_true(at(lost + 1 * ms));
    assert_true(at(lost + 4 * ms));
    assert_true(at(lost - 5000 * ms)); // a graph that catches up what it missed
    assert_false(at(0));               // no time that could be compared
    assert_false(at(lost + 6 * ms)); // more than half of it is new
    assert_false(at(lost + 10 * ms));
    graph.time_ns = lost + 10 * ms;
    graph.turn(480);
    assert_false(at(lost + 1 * ms)); // only the fallback clock's time is compared
}

void after_a_thousand_changes_the_position_is_where_the_world_is(void**)
{
    std::mt19937 random(7);
    Graph& graph = fake::new_graph(256, 1, 1);
    double worst = 0;
    int back = 0;
    std::uint64_t world_ns = Graph::begin_ns;
    std::uint64_t last_time_ns = 0;
    const auto look = [&](std::uint64_t time_ns) {
        const asiowire::Block& block = graph.calls.back().block;
        const double due = static_cast<double>(time_ns - Graph::begin_ns) * rate / 1e9;
        worst = std::max(worst, std::abs(static_cast<double>(block.position) - due));
        back += block.time_ns <= last_time_ns;
        last_time_ns = block.time_ns;
    };
    const std::uint64_t block_ns = 256 * 1'000'000'000ull / rate;
    for (int change = 0; change < 1000; change++) {
        for (std::uint64_t n = 0; n < 1 + random() % 5; n++, world_ns += block_ns) {
            graph.time_ns = world_ns;
            graph.turn(256);
            look(world_ns);
        }
        world_ns += random() % (3 * block_ns);
        for (std::uint64_t n = 0; n < 1 + random() % 5; n++, world_ns += block_ns) {
            tick(graph, world_ns, n);
            look(world_ns);
        }
        // The graph may come back while the host is ahead by up to half a cycle.
        world_ns = world_ns + random() % block_ns - block_ns / 2;
    }
    assert_int_equal(back, 0);
    assert_true(worst < 256);
    assert_int_equal(graph.faults(), 0);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_time_between_graph_and_fallback_counts_in_the_position),
        cmocka_unit_test(ticks_that_were_missed_count_as_well),
        cmocka_unit_test(off_the_graph_no_port_is_touched_and_the_inputs_are_silent),
        cmocka_unit_test(a_cycle_whose_time_the_host_has_had_is_not_its_next),
        cmocka_unit_test(after_a_thousand_changes_the_position_is_where_the_world_is),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
