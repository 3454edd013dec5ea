// SPDX-License-Identifier: MIT
#include "tests/unit/sweep.hpp"

#include <cstring>

#include "tests/cmocka.hpp"

// The host's sample types inside the cycle's two copies: every block in every quantum, exact in the
// type's own resolution. What a conversion gives is tests/unit/test_convert.cpp's business.

using namespace asiowire;
using fake::Graph;

namespace {

/// A code of 16 bits, never 0 and different for every channel and frame of a while: exact in all
/// types.
float code(std::uint64_t frame, std::size_t channel)
{
    const auto number = static_cast<std::int32_t>((frame * 2 + channel) % 65'534) - 32'767;
    return static_cast<float>(number == 0 ? -32'768 : number) / 32'768.0f;
}

bool echo_bytes(Graph& graph, const Block& block)
{
    const RtState& s = *graph.state;
    for (std::size_t c = 0; c < s.n_outputs; c++)
        std::memcpy(s.buffers.output(c, block.half), s.buffers.input(c, block.half),
                    std::size_t{s.block} * s.sample_bytes);
    return true;
}

/// Whether an echoing host of this type is heard exactly, after the smallest delay, and within its
/// own memory.
bool is_exact(Frames block, Frames quantum, SampleType type)
{
    Graph& graph = fake::new_graph(block, 2, 2, type);
    graph.source = code;
    graph.on_block = echo_bytes;
    const Frames cycles = 3 + 3 * block / quantum;
    for (Frames i = 0; i < cycles; i++)
        graph.turn(quantum);
    const Frames delay = fifo_delay(block, quantum);
    return graph.faults() == 0 && sweep::is_late_by(graph, delay, 0) &&
           sweep::is_late_by(graph, delay, 1);
}

void every_block_in_every_quantum_is_exact_in_float32(void**)
{
    assert_int_equal(sweep::inexact(is_exact, SampleType::float32), 0);
}

void every_block_in_every_quantum_is_exact_in_float64(void**)
{
    assert_int_equal(sweep::inexact(is_exact, SampleType::float64), 0);
}

void every_block_in_every_quantum_is_exact_in_int16(void**)
{
    assert_int_equal(sweep::inexact(is_exact, SampleType::int16), 0);
}

void every_block_in_every_quantum_is_exact_in_int24(void**)
{
    assert_int_equal(sweep::inexact(is_exact, SampleType::int24), 0);
}

void every_block_in_every_quantum_is_exact_in_int32(void**)
{
    assert_int_equal(sweep::inexact(is_exact, SampleType::int32), 0);
}

void an_unlinked_input_is_silent_in_every_type(void**)
{
    int wrong = 0;
    for (std::uint32_t type = 0; type < sample_types; type++) {
        Graph& graph = fake::new_graph(100, 1, 1, static_cast<SampleType>(type));
        graph.source = code;
        graph.on_block = echo_bytes;
        graph.in[0].linked = false;
        for (int i = 0; i < 20; i++)
            graph.turn(64);
        wrong += graph.faults();
        wrong += !std::ranges::all_of(graph.played[0], [](float v) { return v == 0.0f; });
    }
    assert_int_equal(wrong, 0);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(every_block_in_every_quantum_is_exact_in_float32),
        cmocka_unit_test(every_block_in_every_quantum_is_exact_in_float64),
        cmocka_unit_test(every_block_in_every_quantum_is_exact_in_int16),
        cmocka_unit_test(every_block_in_every_quantum_is_exact_in_int24),
        cmocka_unit_test(every_block_in_every_quantum_is_exact_in_int32),
        cmocka_unit_test(an_unlinked_input_is_silent_in_every_type),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
