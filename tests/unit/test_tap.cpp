// SPDX-License-Identifier: MIT
#include "pipewire/tap.hpp"
#include "tests/unit/fake_graph.hpp"

#include <array>
#include <memory>
#include <vector>

#include "tests/cmocka.hpp"

// What of a cycle goes into the recording ring: inputs as the host gets them, outputs as it plays
// them.

using namespace asiowire;
using fake::Graph;

namespace {

constexpr std::array<RingChannel, 4> in1_in3_out0_out9 = {{
    {RingChannel::input, 1},
    {RingChannel::input, 3},
    {RingChannel::output, 0},
    {RingChannel::output, 9},
}};

/// A graph with two inputs (device channels 1 and 3) and two outputs (0 and 9), tapped.
struct Tapped {
    Graph& graph;
    std::unique_ptr<Ring> ring;
    std::unique_ptr<RingReader> reader;
    std::unique_ptr<Tap> tap;
    std::array<std::vector<float>, 4> recorded;
    std::uint64_t missed = 0;
    std::uint32_t flags = 0;
    std::uint32_t blocks = 0;

    explicit Tapped(Frames block) : graph(fake::new_graph(block, 2, 2))
    {
        ring = std::move(
            *Ring::create({.channels = in1_in3_out0_out9, .rate = 48000, .seconds = 0.5}));
        reader = std::make_unique<RingReader>(*ring);
        tap = std::make_unique<Tap>(*ring, std::vector<std::uint32_t>{1, 3},
                                    std::vector<std::uint32_t>{0, 9});
        graph.on_block = fake::counting_host;
        graph.state->tap = tap.get();
        tap->turn(true);
    }
    void take()
    {
        while (const RingBlock* const block = reader->front()) {
            for (std::size_t c = 0; c < 4; c++) {
                const float* const plane = RingReader::plane(*block, c);
                recorded[c].insert(recorded[c].end(), plane, plane + block->frames);
            }
            missed += block->missed;
            flags |= block->flags;
            blocks++;
            reader->pop();
        }
    }
    void turn(int cycles, Frames quantum)
    {
        for (int i = 0; i < cycles; i++)
            graph.turn(quantum);
        take();
    }
};

/// Kept for the next test, because a failed assertion jumps past destructors.
Tapped& new_tapped(Frames block)
{
    static std::unique_ptr<Tapped> current;
    current.reset();
    current = std::make_unique<Tapped>(block);
    return *current;
}

void inputs_and_outputs_are_recorded_as_the_graph_has_them(void**)
{
    for (const Frames quantum : {64u, 48u, 100u, 256u}) {
        Tapped& tapped = new_tapped(64);
        tapped.turn(20, quantum);
        const bool inputs = tapped.recorded[0] == tapped.graph.heard[0] &&
                            tapped.recorded[1] == tapped.graph.heard[1];
        const bool outputs = tapped.recorded[2] == tapped.graph.played[0] &&
                             tapped.recorded[3] == tapped.graph.played[1];
        assert_true(inputs);
        assert_true(outputs);
        assert_int_equal(tapped.blocks, 20);
        assert_int_equal(tapped.flags, 0);
        assert_int_equal(tapped.graph.faults(), 0);
        assert_int_equal(tapped.recorded[0].size(), 20 * quantum);
    }
}

void an_output_that_nobody_listens_to_is_recorded_all_the_same(void**)
{
    Tapped& tapped = new_tapped(64);
    tapped.graph.out[1].linked = false;
    tapped.graph.in[0].linked = false;
    tapped.turn(20, 48);
    std::uint64_t wrong = 0;
    const Frames delay = tapped.graph.state->fifo_delay;
    for (std::size_t i = 0; i < tapped.recorded[3].size(); i++)
        wrong += tapped.recorded[3][i] != (i < delay ? 0.0f : fake::sample(i - delay, 1));
    for (const float value : tapped.recorded[0])
        wrong += value != 0.0f;
    assert_int_equal(wrong, 0);
    assert_int_equal(tapped.recorded[3].size(), 20 * 48);
    assert_int_equal(tapped.graph.faults(), 0);
}

void channels_that_the_host_does_not_use_are_silence(void**)
{
    Tapped& tapped = new_tapped(64);
    tapped.tap = std::make_unique<Tap>(*tapped.ring, std::vector<std::uint32_t>{7, 3},
                                       std::vector<std::uint32_t>{9, 5});
    tapped.graph.state->tap = tapped.tap.get();
    tapped.tap->turn(true);
    tapped.turn(5, 64);
    std::uint64_t wrong = tapped.recorded[1] != tapped.graph.heard[1];
    wrong += tapped.recorded[3] != tapped.graph.played[0];
    for (const std::size_t c : {0u, 2u})
        for (const float value : tapped.recorded[c])
            wrong += value != 0.0f;
    assert_int_equal(wrong, 0);
}

void what_the_clock_ran_on_without_us_is_told_once(void**)
{
    Tapped& tapped = new_tapped(64);
    tapped.turn(3, 64);
    tapped.graph.position += 640;
    tapped.turn(3, 64);
    const std::uint32_t flags = tapped.flags;
    assert_int_equal(tapped.missed, 640);
    assert_int_equal(flags & ring_gap, ring_gap);
    assert_int_equal(tapped.blocks, 6);
}

void nothing_is_pushed_while_the_tap_is_off_and_nothing_of_that_is_told(void**)
{
    Tapped& tapped = new_tapped(64);
    tapped.turn(3, 64);
    tapped.tap->turn(false);
    tapped.turn(3, 64);
    tapped.graph.position += 640;
    tapped.turn(3, 64);
    tapped.tap->turn(true);
    tapped.turn(2, 64);
    assert_int_equal(tapped.blocks, 5);
    assert_int_equal(tapped.missed, 0);
    assert_int_equal(tapped.flags, 0);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(inputs_and_outputs_are_recorded_as_the_graph_has_them),
        cmocka_unit_test(an_output_that_nobody_listens_to_is_recorded_all_the_same),
        cmocka_unit_test(channels_that_the_host_does_not_use_are_silence),
        cmocka_unit_test(what_the_clock_ran_on_without_us_is_told_once),
        cmocka_unit_test(nothing_is_pushed_while_the_tap_is_off_and_nothing_of_that_is_told),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
