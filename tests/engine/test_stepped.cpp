// SPDX-License-Identifier: MIT
#include "tests/engine/notices.hpp"
#include "tests/engine/stepped_run.hpp"

#include <cinttypes>
#include <cstdio>
#include <random>

#include "tests/cmocka.hpp"

// Chosen cycles, one at a time, from a driver of the graph that is a part of this test: quanta,
// rates, jumps, other clocks, and whose fault the dropouts are. ASIOWIRE_STEPS: how many random
// steps for each of the random tests; ASIOWIRE_STEPS_SEED: the first seed.

using namespace engine_test;

namespace {

bool cannot_step()
{
    if (SteppedDriver::possible()) return false;
    std::printf(
        "# no client can turn cycles in PipeWire %s: pw_filter_trigger_process came with 0.3.66\n",
        pw_get_library_version());
    return true;
}

constexpr Frames longest = 4096;

/// All quanta of a sequence are multiples of one unit: with any quantum at all the delay would soon
/// be the largest there is, and stay so.
Frames any_quantum(std::mt19937& random, Frames block, Frames unit)
{
    const Frames most = std::max(std::min(3 * block, longest) / unit, 1u);
    return unit * (1 + random() % most);
}

/// Something that happens to the clock before a step, or nothing.
void inject(std::mt19937& random, Step& step, std::int64_t quantum)
{
    step.jump = 0;
    step.discontinuous = false;
    step.xrun = 0;
    switch (random() % 40) {
    case 0:
        step.jump = quantum * static_cast<std::int64_t>(1 + random() % 4);
        break; // missed cycles
    case 1:
        step.jump = 1 + static_cast<std::int64_t>(random() % 5000);
        break;
    case 2:
        step.jump = -1 - static_cast<std::int64_t>(random() % 500);
        break;
    case 3:
        step.other_clock++;
        break;
    case 4:
        step.other_clock++;
        step.jump = 100'000;
        break;
    case 5:
        step.rate = step.rate == 48000 ? 44100 : 48000;
        break;
    case 6:
        step.discontinuous = true;
        break;
    case 7:
        step.discontinuous = true;
        step.jump = 777;
        break;
    case 8:
        step.xrun = 1 + random() % 300;
        break;
    default:
        break;
    }
}

std::vector<Step> random_steps(std::mt19937& random, Frames block, std::size_t count,
                               bool with_events)
{
    static constexpr std::array<Frames, 8> units = {1, 3, 4, 16, 24, 32, 50, 64};
    const Frames unit = units[random() % units.size()];
    Step step{.quantum = block};
    std::vector<Step> steps(4, step);
    while (steps.size() < count) {
        const Frames quantum = any_quantum(random, block, unit);
        for (unsigned i = 0; i <= random() % 8; i++) {
            step.quantum = quantum;
            if (with_events) inject(random, step, quantum);
            steps.push_back(step);
        }
    }
    step.jump = 0;
    step.discontinuous = false;
    step.xrun = 0;
    const std::size_t settling = (4 * block + 2 * longest) / step.quantum + 2;
    steps.insert(steps.end(), settling, step);
    return steps;
}

std::string random_run(std::uint64_t seed, const char* schedule, std::size_t count,
                       bool with_events)
{
    static constexpr std::array<Frames, 9> blocks = {16, 48, 64, 100, 256, 441, 480, 512, 1024};
    std::mt19937 random(static_cast<unsigned>(seed));
    const Frames block = blocks[seed % blocks.size()];
    const bool buffered = std::string(schedule) == "buffered";
    const auto steps = random_steps(random, block, count, with_events);
    std::string complaint;
    fairly(
        [&] {
            const SteppedRun run = run_steps(block, schedule, steps);
            FifoModel model(block, buffered);
            complaint = compare_with_model(block, buffered, run, model);
            if (run.status.late != 0) machine_lateness++;
            std::printf(
                "# seed %" PRIu64 ", block %u: %zu steps, %zu frames; delay %u, budget %u, %" PRIu64
                " gaps of %" PRIu64 " frames, %" PRIu64 " of the device's xruns\n",
                seed, block, run.told.size(), model.played.size(), model.delay, model.budget,
                model.counters.gaps, model.counters.missed, model.counters.device);
            return complaint;
        },
        [](const std::string& found) { return found.empty(); });
    if (complaint.empty()) return {};
    return "seed " + std::to_string(seed) + ", block " + std::to_string(block) + ": " + complaint;
}

/// Runs of 150 steps until there are as many as wanted; the first complaint.
void check_random(const char* schedule, bool with_events)
{
    if (cannot_step()) {
        skip();
        return;
    }
    static char text[256];
    std::memset(text, 0, sizeof text);
    {
        constexpr std::size_t each = 150;
        const std::uint64_t runs = (number_from("ASIOWIRE_STEPS", 900) + each - 1) / each;
        const std::uint64_t first = number_from("ASIOWIRE_STEPS_SEED", 1);
        std::string complaint;
        for (std::uint64_t seed = first; seed < first + runs && complaint.empty(); seed++)
            complaint = random_run(seed, schedule, each, with_events);
        complaint.copy(text, sizeof text - 1);
    }
    assert_string_equal(text, "");
}

void any_sequence_of_quanta_is_heard_as_the_model_says(void**)
{
    check_random("synchronous", false);
}

void any_sequence_of_quanta_and_events_is_heard_and_counted_as_the_model_says(void**)
{
    check_random("synchronous", true);
}

void any_sequence_of_quanta_is_heard_as_the_model_says_on_a_thread_of_its_own(void**)
{
    check_random("buffered", false);
}

/// Steps alike, to be changed one by one.
std::vector<Step> even_steps(std::size_t count, Frames quantum)
{
    return std::vector<Step>(count, Step{.quantum = quantum});
}

SteppedRun run_undisturbed(Frames block, const std::vector<Step>& steps, int host_sleeps_ms = 0)
{
    return fairly(
        [&] {
            stepped::sleep_ms = 0;
            return run_steps(block, "synchronous", steps);
        },
        [&](const SteppedRun& run) { return !run.disturbed && host_sleeps_ms == 0; });
}

void missed_cycles_are_gaps_and_the_devices_xruns(void**)
{
    if (cannot_step()) {
        skip();
        return;
    }
    auto steps = even_steps(40, 256);
    steps[10].jump = 2 * 256;
    steps[20].jump = 256;
    steps[30].jump = 5 * 256;
    const SteppedRun run = run_undisturbed(256, steps);
    assert_true(run.whole);
    assert_int_equal(run.counted.gaps, 3);
    assert_int_equal(run.counted.device, 3);
    assert_int_equal(run.counted.ours + run.counted.woken_late + run.counted.overruns, 0);
    assert_int_equal(run.positions.back(), (run.positions.size() - 1) * 256 + 8 * 256);
}

void another_clock_is_no_gap_and_nobodys_xrun(void**)
{
    if (cannot_step()) {
        skip();
        return;
    }
    auto steps = even_steps(40, 256);
    for (std::size_t i = 10; i < steps.size(); i++)
        steps[i].other_clock = 1;
    steps[10].jump = 1'000'000;
    const SteppedRun run = run_undisturbed(256, steps);
    assert_true(run.whole);
    assert_int_equal(run.counted.gaps + run.counted.device, 0);
    assert_int_equal(run.positions.back(), (run.positions.size() - 1) * 256);
}

void cycles_that_come_when_they_are_over_are_woken_late_and_a_jump_after_one_is_no_second_xrun(
    void**)
{
    if (cannot_step()) {
        skip();
        return;
    }
    auto steps = even_steps(40, 256);
    for (const std::size_t late : {10, 20, 30})
        steps[late].due = milliseconds(-500);
    steps[21].jump = 256;
    const SteppedRun run = run_undisturbed(256, steps);
    assert_true(run.whole);
    assert_int_equal(run.counted.woken_late, 3);
    assert_int_equal(run.counted.overruns, 3);
    assert_int_equal(run.counted.gaps, 1);
    assert_int_equal(run.counted.device, 0);
    assert_int_equal(run.counted.ours, 0);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(missed_cycles_are_gaps_and_the_devices_xruns),
        cmocka_unit_test(another_clock_is_no_gap_and_nobodys_xrun),
        cmocka_unit_test(
            cycles_that_come_when_they_are_over_are_woken_late_and_a_jump_after_one_is_no_second_xrun),
        cmocka_unit_test(any_sequence_of_quanta_is_heard_as_the_model_says),
        cmocka_unit_test(any_sequence_of_quanta_and_events_is_heard_and_counted_as_the_model_says),
        cmocka_unit_test(any_sequence_of_quanta_is_heard_as_the_model_says_on_a_thread_of_its_own),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
