// SPDX-License-Identifier: MIT
#include "tests/unit/fake_graph.hpp"

#include <algorithm>
#include <bit>

#include "tests/cmocka.hpp"

// What the graph gets when the host leaves, is stopped or writes nothing: silence, no old frames.

using namespace asiowire;
using fake::Graph;

namespace {

bool leaves_at_the_third_block(Graph& graph, const Block& block)
{
    return graph.calls.size() < 3 && fake::counting_host(graph, block);
}

void a_host_that_leaves_mid_cycle_is_not_called_again(void**)
{
    Graph& graph = fake::new_graph(64, 1, 1);
    graph.on_block = leaves_at_the_third_block;
    for (int i = 0; i < 5; i++) graph.turn(256);
    assert_int_equal(graph.calls.size(), 3);
    assert_int_equal(graph.cycles, 5);
    assert_int_equal(graph.faults(), 0);
}

/// Frames that the graph got and no host that stayed has made: neither silence nor its frames.
int foreign_frames(const Graph& graph, std::size_t blocks_made)
{
    const auto& played = graph.played[0];
    const Frames delay = graph.state->fifo_delay;
    int wrong = 0;
    for (std::size_t i = 0; i < played.size(); i++) {
        const bool made = i >= delay && i < delay + blocks_made * graph.state->block;
        wrong += played[i] != 0.0f && !(made && played[i] == fake::sample(i - delay, 0));
    }
    return wrong;
}

void what_a_host_that_left_did_not_compute_is_silence(void**)
{
    int wrong = 0;
    for (const Frames quantum : {48u, 64u, 100u, 256u}) {
        Graph& graph = fake::new_graph(64, 1, 1);
        graph.on_block = leaves_at_the_third_block;
        for (int i = 0; i < 12; i++) graph.turn(quantum);
        wrong += foreign_frames(graph, 2);
    }
    assert_int_equal(wrong, 0);
}

bool disarms_at_the_third_block(Graph& graph, const Block& block)
{
    if (graph.calls.size() == 3) graph.state->armed = false; // what stop() does from outside
    return fake::counting_host(graph, block);
}

void a_host_that_is_stopped_mid_cycle_is_not_called_again(void**)
{
    int wrong = 0;
    for (const Frames quantum : {48u, 64u, 100u, 256u}) {
        Graph& graph = fake::new_graph(64, 1, 1);
        graph.on_block = disarms_at_the_third_block;
        for (int i = 0; i < 12; i++) graph.turn(quantum);
        wrong += foreign_frames(graph, 3);
        wrong += graph.calls.size() != 3 || graph.faults() != 0;
    }
    assert_int_equal(wrong, 0);
}

bool plays_once(Graph& graph, const Block& block)
{
    return graph.calls.size() > 1 || fake::counting_host(graph, block);
}

void a_host_that_writes_nothing_more_is_not_heard_twice(void**)
{
    int wrong = 0;
    for (const Frames quantum : {16u, 48u, 64u, 100u, 256u}) {
        Graph& graph = fake::new_graph(64, 1, 2);
        graph.on_block = plays_once;
        graph.out[1].linked = false; // and when nobody listens for a while
        for (int i = 0; i < 20; i++) {
            if (i == 8) graph.out[1].linked = true;
            graph.turn(quantum);
        }
        for (const auto& played : graph.played)
            wrong += played.size() - std::count(played.begin(), played.end(), 0.0f) > 64;
        wrong += graph.faults();
    }
    assert_int_equal(wrong, 0);
}

void a_cycle_of_silence_takes_the_inputs_and_silences_linked_outputs(void**)
{
    Graph& graph = fake::new_graph(64, 2, 3);
    graph.out[1].linked = false;
    for (fake::Port& port : graph.in) port.fill(64);
    for (fake::Port& port : graph.out) port.fill(64);
    silent_cycle(*graph.state, 64);
    int wrong = 0;
    for (const fake::Port& port : graph.in) wrong += port.asked != 1;
    for (const fake::Port& port : graph.out) {
        const auto silent = std::count(port.buffer.begin(), port.buffer.end(), 0.0f);
        wrong += !port.treated_well() || silent != (port.linked ? 64 : 0);
    }
    assert_int_equal(wrong, 0);
    assert_int_equal(graph.calls.size(), 0);
}

/// Bit patterns that arithmetic would change: NaNs that signal, denormals, negative zero.
constexpr std::uint32_t patterns[] = {0x7fa0'0001, 0xff80'0001, 0x0000'0001,
                                      0x8000'0000, 0x7f80'0000, 0x0040'0000};

bool plays_patterns(Graph& graph, const Block& block)
{
    float* const out = fake::floats(graph.state->buffers.output(0, block.half));
    for (Frames i = 0; i < graph.state->block; i++)
        out[i] = std::bit_cast<float>(patterns[i % std::size(patterns)]);
    return true;
}

void every_bit_pattern_passes_unchanged(void**)
{
    int wrong = 0;
    {
        Graph& graph = fake::new_graph(60, 0, 1);
        graph.on_block = plays_patterns;
        for (int i = 0; i < 20; i++) graph.turn(36);
        const auto& played = graph.played[0];
        const std::size_t delay = graph.state->fifo_delay;
        for (std::size_t i = delay; i < played.size(); i++)
            wrong += std::bit_cast<std::uint32_t>(played[i]) !=
                     patterns[(i - delay) % 60 % std::size(patterns)];
    }
    assert_int_equal(wrong, 0);
}

std::size_t lines_of(std::uintptr_t begin, std::size_t bytes)
{
    WarmList list;
    list.add(reinterpret_cast<const void*>(begin), bytes);
    return list.n_lines;
}

void a_warm_list_holds_each_touched_cache_line_once(void**)
{
    assert_int_equal(lines_of(0x10000, 0), 0);
    assert_int_equal(lines_of(0x10000, 1), 1);
    assert_int_equal(lines_of(0x10000, 64), 1);
    assert_int_equal(lines_of(0x1003f, 2), 2);
    assert_int_equal(lines_of(0x10020, 384), 7);
}

void a_warm_list_takes_no_more_than_it_can_hold(void**)
{
    WarmList list;
    list.add(reinterpret_cast<const void*>(0x10000), 60 * 64);
    list.add(reinterpret_cast<const void*>(0x20000), ~std::size_t{0} / 2);
    list.add(nullptr, 0);
    list.fetch(); // addresses that are not there
    assert_int_equal(list.n_lines, list.lines.size());
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_host_that_leaves_mid_cycle_is_not_called_again),
        cmocka_unit_test(what_a_host_that_left_did_not_compute_is_silence),
        cmocka_unit_test(a_host_that_is_stopped_mid_cycle_is_not_called_again),
        cmocka_unit_test(a_host_that_writes_nothing_more_is_not_heard_twice),
        cmocka_unit_test(a_cycle_of_silence_takes_the_inputs_and_silences_linked_outputs),
        cmocka_unit_test(every_bit_pattern_passes_unchanged),
        cmocka_unit_test(a_warm_list_holds_each_touched_cache_line_once),
        cmocka_unit_test(a_warm_list_takes_no_more_than_it_can_hold),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
