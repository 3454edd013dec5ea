// SPDX-License-Identifier: MIT
#include "tests/engine/native_host.hpp"

#include "core/reblock.hpp"
#include "tests/engine/notices.hpp"

#include "tests/cmocka.hpp"

// A graph whose quantum is forced from outside while the host runs: never a wrong sample but one
// break, and the host is told.

using namespace engine_test;

namespace {

/// Forces the whole graph's quantum as a user does; 0 gives it back.
bool force_quantum(Frames quantum)
{
    return set_graph("clock.force-quantum", quantum);
}

struct Phase {
    bool reached = false; // the graph came to the quantum
    Frames delay = 0;     // as reported
    Frames latency = 0;   // as reported for the outputs
    int told = 0;         // latency changes that the host was told of
    std::int64_t round_trip = -1;
    std::uint64_t wrong = ~std::uint64_t{0};
};

/// Forces a quantum and listens for a while, from scratch.
Phase live_with(Host& host, const Notices& notices, Frames forced, Frames expected)
{
    Phase phase;
    const int told_before = notices.count(Engine::Event::latencies_changed);
    force_quantum(forced);
    const Engine& engine = host.engine();
    phase.reached = wait_until([&] { return engine.status(0).quantum == expected; });
    std::this_thread::sleep_for(milliseconds(250)); // events are looked for ten times a second
    host.listen_anew = true;
    const std::uint64_t blocks = host.blocks;
    wait_until([&] { return host.blocks > blocks + 60; });
    const Engine::Status status = engine.status(0);
    phase.delay = status.fifo_delay;
    phase.latency = status.output_latency;
    phase.told = notices.count(Engine::Event::latencies_changed) - told_before;
    return phase;
}

using Forced = std::initializer_list<std::pair<Frames, Frames>>; // and what is expected

/// The ears belong to the audio thread while it runs: only the last phase's can be asked.
Phase run_once(Forced forced_and_expected)
{
    Phase last;
    std::string message;
    const auto engine = open_engine(message);
    if (!engine) return last;
    const Notices notices(*engine);
    Host host(*engine, {.block = 256, .inputs = 0xff, .outputs = 0xff});
    if (host.start() == Status::ok)
        for (const auto& [forced, expected] : forced_and_expected)
            last = live_with(host, notices, forced, expected);
    host.stop();
    force_quantum(0);
    last.round_trip = host.heard().round_trip;
    last.wrong = host.heard().wrong;
    return last;
}

Phase run_phases(Forced forced_and_expected)
{
    return fairly([&] { return run_once(forced_and_expected); },
                  [](const Phase& phase) { return phase.wrong == 0; });
}

void a_quantum_that_the_block_divides_changes_nothing(void**)
{
    const Phase phase = run_phases({{1024, 1024}});
    assert_true(phase.reached);
    assert_int_equal(phase.delay, 0);
    assert_int_equal(phase.told, 0);
    assert_int_equal(phase.round_trip, 1024);
    assert_int_equal(phase.wrong, 0);
}

void a_smaller_quantum_is_reblocked_and_the_host_is_told(void**)
{
    const Phase phase = run_phases({{64, 64}});
    assert_true(phase.reached);
    assert_int_equal(phase.delay, 192); // 256 − gcd(256, 64)
    assert_int_equal(phase.latency, 192);
    assert_int_equal(phase.told, 1);
    assert_int_equal(phase.round_trip, 64 + 192);
    assert_int_equal(phase.wrong, 0);
}

void a_quantum_given_back_keeps_the_delay_that_was_told(void**)
{
    const Phase phase = run_phases({{64, 64}, {0, 256}});
    assert_true(phase.reached);
    assert_int_equal(phase.delay, 192);
    assert_int_equal(phase.told, 0);
    assert_int_equal(phase.round_trip, 256 + 192);
    assert_int_equal(phase.wrong, 0);
}

void many_changes_of_the_quantum_end_in_the_right_place(void**)
{
    const Phase phase =
        run_phases({{32, 32}, {2048, 2048}, {128, 128}, {16, 16}, {512, 512}, {64, 64}});
    assert_true(phase.reached);
    assert_int_equal(phase.delay, 240); // of the smallest, 16, and never lowered
    assert_int_equal(phase.round_trip, 64 + 240);
    assert_int_equal(phase.wrong, 0);
}

struct Predicted {
    Frames stopped = 0;
    Frames running = 0;
    Frames own = 0; // with nothing forced
};

Predicted predict_and_run(Frames forced)
{
    Predicted result;
    std::string message;
    const auto engine = open_engine(message);
    if (!engine) return result;
    result.own = engine->status(256).fifo_delay;
    force_quantum(forced);
    wait_until([&] { return engine->status(256).quantum == forced; });
    result.stopped = engine->status(256).output_latency;
    {
        Host host(*engine, {.block = 256, .inputs = 0x3, .outputs = 0x3});
        host.start();
        host.wait_for_blocks(10);
        result.running = engine->status(0).output_latency;
    }
    force_quantum(0);
    return result;
}

void latencies_are_predicted_before_the_start(void**)
{
    const Predicted result = predict_and_run(128);
    assert_int_equal(result.own, 0); // the graph will follow our block
    assert_int_equal(result.stopped, 128);
    assert_int_equal(result.running, 128);
}

int use_the_large_sink(void**)
{
    use_devices("sink-32", "sink-32");
    return 0;
}

int give_the_quantum_back(void**)
{
    return force_quantum(0) ? 0 : -1;
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_quantum_that_the_block_divides_changes_nothing),
        cmocka_unit_test(a_smaller_quantum_is_reblocked_and_the_host_is_told),
        cmocka_unit_test(a_quantum_given_back_keeps_the_delay_that_was_told),
        cmocka_unit_test(many_changes_of_the_quantum_end_in_the_right_place),
        cmocka_unit_test(latencies_are_predicted_before_the_start),
    };
    return cmocka_run_group_tests(tests, use_the_large_sink, give_the_quantum_back);
}
