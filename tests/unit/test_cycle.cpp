// SPDX-License-Identifier: MIT
#include "tests/unit/fake_graph.hpp"

#include <algorithm>
#include <deque>
#include <random>

#include "tests/cmocka.hpp"

// What goes through one cycle after the other, sample for sample, against a model that keeps single
// frames in plain queues and looks for the delay by trying.

using namespace asiowire;
using fake::Graph;

namespace {

class Model {
public:
    Model(Frames block, std::size_t n_inputs, std::size_t n_outputs)
        : block_(block), waiting_in_(n_inputs), waiting_out_(n_outputs), played(n_outputs)
    {
    }

    void turn(const Graph& graph, Frames quantum)
    {
        const Frames needed = largest_fill(quantum);
        for (; delay < needed; delay++)
            for (auto& queue : waiting_out_) queue.push_front(0.0f);
        for (Frames i = 0; i < quantum; i++, frame_++) {
            for (std::size_t c = 0; c < waiting_in_.size(); c++)
                waiting_in_[c].push_back(graph.heard[c][frame_]);
            if (++fill_ == block_) call_host();
        }
        for (std::size_t c = 0; c < waiting_out_.size(); c++) {
            for (Frames i = 0; i < quantum; i++) {
                dry |= waiting_out_[c].empty();
                played[c].push_back(dry ? 0.0f : waiting_out_[c].front());
                if (!dry) waiting_out_[c].pop_front();
            }
        }
    }

    Frames delay = 0;
    bool dry = false; // the model itself ran out of frames: the test is wrong

private:
    Frames largest_fill(Frames quantum) const
    {
        Frames fill = fill_;
        Frames largest = 0;
        for (Frames k = 0; k < block_; k++) {
            fill = (fill + quantum) % block_;
            largest = std::max(largest, fill);
        }
        return largest;
    }

    void call_host()
    {
        std::vector<std::vector<float>> block;
        for (auto& queue : waiting_in_) {
            block.emplace_back(queue.begin(), queue.end());
            queue.clear();
        }
        given.push_back(std::move(block));
        for (std::size_t c = 0; c < waiting_out_.size(); c++)
            for (Frames i = 0; i < block_; i++)
                waiting_out_[c].push_back(fake::sample((given.size() - 1) * block_ + i, c));
        fill_ = 0;
    }

    const Frames block_;
    Frames fill_ = 0;
    std::size_t frame_ = 0;
    std::vector<std::deque<float>> waiting_in_;
    std::vector<std::deque<float>> waiting_out_;

public:
    std::vector<std::vector<float>> played;             // [channel][frame]
    std::vector<std::vector<std::vector<float>>> given; // [block][channel][frame]
};

struct Findings {
    int cycles = 0;
    int wrong_delay = 0;
    int wrong_output = 0; // runs whose outputs differ in some sample
    int wrong_input = 0;  // blocks that were given to the host with some wrong sample
    int wrong_halves = 0;
    int faults = 0; // of the driver against buffers
    int model_dry = 0;
};

void compare(Findings& found, const Graph& graph, const Model& model)
{
    found.wrong_output += graph.played != model.played;
    found.wrong_input += graph.calls.size() != model.given.size();
    for (std::size_t i = 0; i < std::min(graph.calls.size(), model.given.size()); i++) {
        found.wrong_input += graph.calls[i].in != model.given[i];
        found.wrong_halves += graph.calls[i].block.half != i % 2;
    }
    found.faults += graph.faults();
    found.model_dry += model.dry;
}

/// Random quanta, each for some cycles, with random ports unlinked for the whole run.
void random_run(Findings& found, unsigned seed, Frames block)
{
    std::mt19937 random(seed);
    Graph graph(block, random() % 4, random() % 4);
    graph.on_block = fake::counting_host;
    for (fake::Port& port : graph.in) port.linked = random() % 4 != 0;
    Model model(block, graph.in.size(), graph.out.size());
    for (int change = 0; change < 25; change++) {
        const Frames quantum =
            random() % 2 == 0 ? 16u << random() % 8 : 1 + random() % (3 * block);
        for (unsigned i = 0; i <= random() % 10; i++) {
            graph.turn(quantum);
            model.turn(graph, quantum);
            found.wrong_delay += graph.state->fifo_delay != model.delay;
            found.cycles++;
        }
    }
    compare(found, graph, model);
}

void any_sequence_of_quanta_is_bit_exact_at_the_smallest_delay(void**)
{
    Findings found;
    unsigned seed = 0;
    for (const Frames block : {16u, 17u, 64u, 100u, 256u, 441u, 480u, 1024u})
        for (int i = 0; i < 6; i++) random_run(found, ++seed, block);
    assert_int_equal(found.model_dry, 0);
    assert_int_equal(found.wrong_delay, 0);
    assert_int_equal(found.wrong_output, 0);
    assert_int_equal(found.wrong_input, 0);
    assert_int_equal(found.wrong_halves, 0);
    assert_int_equal(found.faults, 0);
    assert_true(found.cycles > 3000);
}

bool echo(Graph& graph, const Block& block)
{
    const RtState& s = *graph.state;
    for (std::size_t c = 0; c < s.n_outputs; c++)
        std::copy_n(fake::floats(s.buffers.input(c, block.half)), s.block,
                    fake::floats(s.buffers.output(c, block.half)));
    return true;
}

/// The delay of a loop through an echoing host, in frames, or -1 when it is not constant.
int echo_delay(Frames block, Frames quantum)
{
    Graph& graph = fake::new_graph(block, 2, 2);
    graph.on_block = echo;
    const Frames cycles = 3 + 4 * block / quantum;
    for (Frames i = 0; i < cycles; i++) graph.turn(quantum);
    const auto& sent = graph.heard[1];
    const auto& back = graph.played[1];
    const auto first = std::find_if(back.begin(), back.end(), [](float v) { return v != 0.0f; });
    if (first == back.end() || !std::equal(first, back.end(), sent.begin())) return -1;
    return static_cast<int>(first - back.begin());
}

void a_loop_through_the_host_comes_back_after_the_smallest_delay(void**)
{
    int wrong = 0;
    const Frames sizes[] = {16, 32, 48, 64, 100, 128, 256, 441, 480, 512, 1000, 1024, 2048};
    for (const Frames block : sizes)
        for (const Frames quantum : sizes)
            wrong += echo_delay(block, quantum) != static_cast<int>(fifo_delay(block, quantum));
    assert_int_equal(wrong, 0);
}

void silence_is_put_in_once_when_the_delay_grows(void**)
{
    Graph& graph = fake::new_graph(256, 1, 1);
    graph.on_block = fake::counting_host;
    for (const Frames quantum : {256, 256, 192, 192, 256, 192, 256, 512, 192, 256})
        graph.turn(quantum);
    const auto silent = std::count(graph.played[0].begin(), graph.played[0].end(), 0.0f);
    const auto& played = graph.played[0];
    const bool in_one_piece = std::all_of(played.begin() + 512, played.begin() + 512 + silent,
                                          [](float v) { return v == 0.0f; });
    assert_int_equal(silent, 192); // 256 − gcd(256, 192)
    assert_true(in_one_piece);
    assert_int_equal(graph.state->fifo_delay, 192);
}

void a_quantum_of_several_blocks_calls_the_host_several_times(void**)
{
    Graph& graph = fake::new_graph(64, 2, 2);
    graph.on_block = fake::counting_host;
    for (int i = 0; i < 10; i++) graph.turn(256);
    int per_cycle_wrong = 0;
    for (std::size_t i = 0; i < graph.calls.size(); i++)
        per_cycle_wrong += graph.calls[i].at_cycle != i / 4;
    bool exact = true;
    for (std::size_t i = 0; i < graph.played[1].size(); i++)
        exact &= graph.played[1][i] == fake::sample(i, 1);
    assert_int_equal(graph.calls.size(), 40);
    assert_int_equal(per_cycle_wrong, 0);
    assert_true(exact); // delay 0: played in the cycle it was computed in
    assert_int_equal(graph.state->blocks, 40);
    assert_int_equal(graph.state->cycles, 10);
}

void unlinked_ports_read_as_silence_and_disturb_no_other(void**)
{
    Graph& graph = fake::new_graph(100, 3, 3);
    graph.on_block = fake::counting_host;
    Findings found;
    bool others_exact = false;
    {
        Model model(100, 3, 3);
        const auto turn = [&] {
            graph.turn(64);
            model.turn(graph, 64);
        };
        for (std::size_t i = 0; i < 60; i++) {
            for (std::size_t c = 0; c < 3; c++) graph.in[c].linked = (i / 7 + c) % 3 != 0;
            turn();
        }
        compare(found, graph, model);
        graph.out[1].linked = false;
        for (int i = 0; i < 10; i++) turn();
        others_exact = graph.played[0] == model.played[0] && graph.played[2] == model.played[2];
    }
    assert_int_equal(found.wrong_input + found.wrong_output, 0);
    assert_true(others_exact);
    assert_int_equal(graph.played[1].size(), 60 * 64);
    assert_int_equal(graph.faults(), 0);
}

void a_host_without_inputs_or_outputs_is_still_called(void**)
{
    Graph& graph = fake::new_graph(128, 0, 0);
    for (int i = 0; i < 8; i++) graph.turn(64);
    assert_int_equal(graph.calls.size(), 4);
    assert_int_equal(graph.faults(), 0);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(any_sequence_of_quanta_is_bit_exact_at_the_smallest_delay),
        cmocka_unit_test(a_loop_through_the_host_comes_back_after_the_smallest_delay),
        cmocka_unit_test(silence_is_put_in_once_when_the_delay_grows),
        cmocka_unit_test(a_quantum_of_several_blocks_calls_the_host_several_times),
        cmocka_unit_test(unlinked_ports_read_as_silence_and_disturb_no_other),
        cmocka_unit_test(a_host_without_inputs_or_outputs_is_still_called),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
