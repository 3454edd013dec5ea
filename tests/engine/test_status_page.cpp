// SPDX-License-Identifier: MIT
#include "tests/engine/page_reading.hpp"

#include <cstring>

#include "tests/cmocka.hpp"

// The status page beside what the engine itself says: its figures, its facts, its life.

using namespace engine_test;

namespace {

void a_run_in_time_counts_blocks_and_no_xrun_and_stop_counts_none(void**)
{
    const Run run = quiet_run(nullptr, 0);
    assert_true(run.played);
    assert_int_equal(run.stopped.blocks, run.status.blocks);
    assert_int_equal(run.stopped.cycles, run.status.cycles);
    assert_int_equal(run.stopped.gaps, run.status.gaps);
    assert_int_equal(run.stopped.overruns, run.status.overruns);
    assert_true(run.stopped.blocks >= 40);
    assert_int_equal(run.stopped.ours, 0);
    assert_int_equal(run.stopped.device, 0);
    assert_int_equal(run.stopped.woken_late, 0);
}

void the_facts_are_those_of_the_run(void**)
{
    const Run run = quiet_run(nullptr, 0);
    assert_string_equal(run.facts.program.data(), "engine-test");
    assert_string_equal(run.facts.playback.data(), "sink-8");
    assert_string_equal(run.facts.capture.data(), "sink-8");
    assert_int_equal(run.facts.state, PageState::running);
    assert_int_equal(run.after, PageState::prepared);
    assert_int_equal(run.facts.inputs, 3);
    assert_int_equal(run.facts.outputs, 4);
    assert_int_equal(run.facts.block, block);
    assert_int_equal(run.facts.quantum, block);
    assert_int_equal(run.facts.rate, 48000);
    assert_int_equal(run.facts.runs, 1);
    assert_non_null(std::strstr(run.facts.scheduling.data(), "SCHED_FIFO priority 15"));
}

struct Lives {
    std::size_t both = 0;
    std::size_t one = 0;
    std::size_t none = 9;
    bool differ = false;
};

Lives open_and_close()
{
    Lives lives;
    {
        std::string message;
        auto first = open_engine(message);
        const auto second = open_engine(message);
        const auto found = pages();
        lives.both = found.size();
        lives.differ =
            found.size() == 2 && found[0].page->number != found[1].page->number &&
            found[0].facts().state == PageState::open;
        first.reset();
        lives.one = pages().size();
    }
    lives.none = pages().size();
    return lives;
}

void two_engines_have_two_pages_and_a_page_goes_with_its_engine(void**)
{
    const Lives lives = open_and_close();
    assert_int_equal(lives.both, 2);
    assert_true(lives.differ);
    assert_int_equal(lives.one, 1);
    assert_int_equal(lives.none, 0);
}

struct Restarts {
    bool played = false;
    std::uint64_t blocks = 0;
    Frames runs = 0;
    std::uint64_t ours = 0;
    std::uint64_t device = 0;
};

/// Three runs of one engine; the pauses between them are long for the graph's clock.
Restarts restart()
{
    Restarts result{.played = true};
    std::string message;
    use_devices("sink-8", "sink-8");
    const auto engine = open_engine(message);
    use_devices(nullptr, nullptr);
    for (int i = 0; i < 3 && engine; i++) {
        Host host(*engine, {.block = block, .inputs = 0x3, .outputs = 0x3});
        result.played &= host.start() == Status::ok && host.wait_for_blocks(5);
        host.stop();
        const auto found = pages();
        if (found.size() != 1) return {};
        result.runs = found[0].facts().runs;
        result.blocks = found[0].page->counters.blocks;
        result.ours += found[0].page->counters.xruns_ours;
        result.device += found[0].page->counters.xruns_device;
        std::this_thread::sleep_for(milliseconds(60));
    }
    return result;
}

void each_start_counts_anew_and_pauses_are_no_xruns(void**)
{
    const Restarts result = fairly(restart, [](const Restarts& r) {
        return r.played && r.ours + r.device == 0;
    });
    assert_true(result.played);
    assert_int_equal(result.runs, 3);
    assert_true(result.blocks >= 5 && result.blocks <= 40);
    assert_int_equal(result.ours, 0);
    assert_int_equal(result.device, 0);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_run_in_time_counts_blocks_and_no_xrun_and_stop_counts_none),
        cmocka_unit_test(the_facts_are_those_of_the_run),
        cmocka_unit_test(two_engines_have_two_pages_and_a_page_goes_with_its_engine),
        cmocka_unit_test(each_start_counts_anew_and_pauses_are_no_xruns),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
