// SPDX-License-Identifier: MIT
#include "pipewire/buffered_host.hpp"
#include "tests/unit/sweep.hpp"

#include <cstring>

#include "tests/cmocka.hpp"

// The buffered schedule without threads: the host's thread is this one, and takes its blocks between
// cycles, as early or as late as the test says.

using namespace asiowire;
using fake::Graph;

namespace {

float code(std::uint64_t frame, std::size_t channel)
{
    return static_cast<float>(1 + (frame * 2 + channel) % 32'000) / 32'768.0f;
}

/// A graph whose host echoes, on a thread of its own: this one, when it is told to.
struct Buffered {
    Buffered(Frames block, SampleType type)
        : graph(fake::new_graph(block, 2, 2, type)), own(graph.state->buffers),
          bytes(std::size_t{block} * graph.state->sample_bytes), host(*graph.state, 2, 2, own, type)
    {
        graph.source = code;
    }

    /// The host takes all blocks that it has been given, echoes them and is done with them.
    void work()
    {
        for (; worked < given(); worked++) {
            if (!host.await(block)) return;
            position_jumps += block.position != next_position;
            next_position = block.position + graph.state->block;
            for (std::size_t c = 0; c < 2; c++)
                std::memcpy(own.output(c, block.half), own.input(c, block.half), bytes);
            host.finish();
        }
    }

    std::uint64_t given() const { return graph.state->blocks - skipped; }

    void turn_and_work(Frames quantum, int times)
    {
        for (int i = 0; i < times; i++) {
            graph.turn(quantum);
            work();
        }
    }

    Graph& graph;
    const HostBuffers own; // the host's halves
    const std::size_t bytes;
    BufferedHost host;
    Block block{};
    std::uint64_t worked = 0;
    std::uint64_t skipped = 0; // blocks that passed the host by, as the test expects
    std::uint64_t next_position = 0;
    int position_jumps = 0;
};

bool is_exact(Frames block, Frames quantum, SampleType type)
{
    Buffered buffered(block, type);
    const std::size_t delay = fifo_delay(block, quantum) + buffered_budget(block, quantum);
    buffered.turn_and_work(quantum, static_cast<int>(4 + 4 * block / quantum));
    const RtState& s = *buffered.graph.state;
    return s.late == 0 && buffered.position_jumps == 0 && buffered.graph.faults() == 0 &&
           s.fifo_delay + s.budget == delay && sweep::is_late_by(buffered.graph, delay, 0) &&
           sweep::is_late_by(buffered.graph, delay, 1);
}

void every_block_in_every_quantum_is_exact_and_as_late_as_said(void**)
{
    assert_int_equal(sweep::inexact(is_exact, SampleType::float32), 0);
    assert_int_equal(sweep::inexact(is_exact, SampleType::float64), 0);
    assert_int_equal(sweep::inexact(is_exact, SampleType::int16), 0);
    assert_int_equal(sweep::inexact(is_exact, SampleType::int24), 0);
    assert_int_equal(sweep::inexact(is_exact, SampleType::int32), 0);
}

void a_growing_quantum_costs_silence_once(void**)
{
    Buffered buffered(64, SampleType::float32);
    buffered.turn_and_work(64, 10);
    assert_int_equal(buffered.graph.state->budget, 64);
    buffered.turn_and_work(256, 10);
    assert_int_equal(buffered.graph.state->budget, 256);
    buffered.turn_and_work(64, 10); // and a smaller one changes nothing
    assert_int_equal(buffered.graph.state->budget, 256);
    assert_int_equal(buffered.graph.state->late, 0);
    const auto& sent = buffered.graph.heard[0];
    const auto& back = buffered.graph.played[0];
    assert_int_equal(std::count(back.begin(), back.end(), 0.0f), 256);
    assert_true(std::equal(back.begin() + 640 + 192, back.end(), sent.begin() + 640 - 64));
}

struct Pause {
    std::uint64_t late = 0;
    std::int64_t silent = 0; // frames
    int position_jumps = 0;
    bool exact_again = false;
};

/// The host does nothing for some cycles in the middle, and counts what it missed.
Pause pause(Frames block, Frames quantum, int cycles)
{
    Buffered buffered(block, SampleType::float32);
    const std::size_t delay = fifo_delay(block, quantum) + buffered_budget(block, quantum);
    buffered.turn_and_work(quantum, 10);
    for (int i = 0; i < cycles; i++) buffered.graph.turn(quantum);
    buffered.skipped = buffered.graph.state->late;
    buffered.work();
    buffered.turn_and_work(quantum, 20);
    const auto& sent = buffered.graph.heard[0];
    const auto& back = buffered.graph.played[0];
    const std::ptrdiff_t last = 10 * static_cast<std::ptrdiff_t>(quantum);
    return {.late = buffered.graph.state->late,
            .silent = std::count(back.begin() + static_cast<std::ptrdiff_t>(delay), back.end(), 0.0f),
            .position_jumps = buffered.position_jumps,
            .exact_again = std::equal(back.end() - last, back.end(),
                                      sent.end() - last - static_cast<std::ptrdiff_t>(delay))};
}

void blocks_that_a_late_host_misses_are_silent_and_counted(void**)
{
    // Of ten cycles the first one's block is given in time; the other nine are late, and so is what
    // should have been heard of them.
    const Pause one_per_cycle = pause(256, 256, 10);
    assert_int_equal(one_per_cycle.late, 9);
    assert_int_equal(one_per_cycle.silent, 10 * 256);
    assert_int_equal(one_per_cycle.position_jumps, 1);
    assert_true(one_per_cycle.exact_again);
    const Pause four_per_cycle = pause(64, 256, 2);
    assert_int_equal(four_per_cycle.late, 4);
    assert_int_equal(four_per_cycle.silent, 2 * 256);
    assert_int_equal(four_per_cycle.position_jumps, 1);
    assert_true(four_per_cycle.exact_again);
    const Pause not_long_enough = pause(64, 256, 1);
    assert_int_equal(not_long_enough.late, 0);
    assert_int_equal(not_long_enough.silent, 0);
}

void a_quantum_beyond_the_ring_makes_blocks_late_and_harms_nothing(void**)
{
    Buffered buffered(16, SampleType::float32);
    for (int i = 0; i < 4; i++) buffered.graph.turn(16'384);
    assert_int_equal(buffered.graph.state->budget, 8192);
    assert_true(buffered.graph.state->late > 0);
    assert_int_equal(buffered.graph.faults(), 0);
}

void after_the_end_nobody_waits_and_nobody_is_called(void**)
{
    Buffered buffered(64, SampleType::float32);
    buffered.turn_and_work(64, 3);
    buffered.host.close();
    Block block;
    assert_false(buffered.host.await(block));
    buffered.graph.turn(64);
    const std::uint64_t blocks = buffered.graph.state->blocks;
    buffered.graph.turn(64);
    assert_int_equal(buffered.graph.state->blocks, blocks);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(every_block_in_every_quantum_is_exact_and_as_late_as_said),
        cmocka_unit_test(a_growing_quantum_costs_silence_once),
        cmocka_unit_test(blocks_that_a_late_host_misses_are_silent_and_counted),
        cmocka_unit_test(a_quantum_beyond_the_ring_makes_blocks_late_and_harms_nothing),
        cmocka_unit_test(after_the_end_nobody_waits_and_nobody_is_called),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
