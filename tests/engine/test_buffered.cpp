// SPDX-License-Identifier: MIT
#include "tests/engine/native_host.hpp"
#include "tests/engine/notices.hpp"

#include "core/reblock.hpp"

#include "tests/cmocka.hpp"

// The buffered schedule: the host computes on a thread of its own and has a budget of time for it.

using namespace engine_test;

namespace {

struct Result {
    Status started = Status::system_error;
    Frames quantum = 0;
    Frames delay = 0;
    Frames budget = 0;
    Frames output_latency = 0;
    std::uint64_t late = 0;
    Ear heard;
    std::uint64_t blocks = 0;
    bool in_time = false;
    std::string message;
};

std::atomic<int> busy_percent{0}; // of a block's time, spent in every callback

bool be_busy(Host&, const Block& block)
{
    if (busy_percent == 0) return true;
    const auto time = std::chrono::microseconds(256 * 10'000LL * busy_percent / block.rate);
    const auto begin = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() < begin + time) {
    }
    // Held up for another quarter of a block, by nobody of ours.
    if (std::chrono::steady_clock::now() - begin > time + time * 25 / busy_percent.load())
        machine_lateness++;
    return true;
}

Result run_once(Frames block, std::uint64_t blocks)
{
    Result result;
    const auto engine = open_engine(result.message);
    if (!engine) return result;
    Host host(*engine, {.block = block, .inputs = 0xff, .outputs = 0xff});
    host.hook = be_busy;
    host.elsewhere = busy_percent > 100;
    result.started = host.start();
    result.in_time = host.wait_for_blocks(blocks, milliseconds(20'000));
    const Engine::Status status = engine->status(0);
    result.quantum = status.quantum;
    result.delay = status.fifo_delay;
    result.budget = status.budget;
    result.output_latency = status.output_latency;
    host.stop();
    result.late = engine->status(0).late;
    result.heard = host.heard();
    result.blocks = host.blocks;
    return result;
}

Result run(Frames block, std::uint64_t blocks)
{
    return fairly([&] { return run_once(block, blocks); },
                  [](const Result& result) { return result.heard.wrong + result.late == 0; });
}

/// Bit-exact, one budget later than in the synchronous schedule, and that is what is reported.
void check_block(Frames block)
{
    const Result result = run(block, std::max<std::uint64_t>(40, 40'000 / block));
    assert_int_equal(result.started, Status::ok);
    assert_true(result.in_time);
    assert_int_equal(result.late, 0);
    assert_int_equal(result.delay, asiowire::fifo_delay(block, result.quantum));
    assert_int_equal(result.budget, asiowire::buffered_budget(block, result.quantum));
    assert_int_equal(result.output_latency, result.delay + result.budget);
    assert_int_equal(result.heard.round_trip, result.quantum + result.output_latency);
    assert_int_equal(result.heard.wrong, 0);
    assert_true(result.heard.compared > 10'000);
}

void blocks_of_64_come_back_one_budget_later(void**) { check_block(64); }
void blocks_of_256_come_back_one_budget_later(void**) { check_block(256); }
void blocks_of_480_come_back_one_budget_later(void**) { check_block(480); }
void blocks_of_1000_come_back_one_budget_later(void**) { check_block(1000); }
void blocks_of_2048_come_back_one_budget_later(void**) { check_block(2048); }

void a_host_that_needs_most_of_its_time_is_not_late(void**)
{
    busy_percent = 70;
    const Result result = run(256, 200);
    busy_percent = 0;
    assert_int_equal(result.late, 0);
    assert_int_equal(result.heard.wrong, 0);
    assert_int_equal(result.heard.round_trip, 512);
}

void a_host_that_needs_more_than_its_time_loses_every_second_block(void**)
{
    busy_percent = 150;
    const auto every_second = [](const Result& r) {
        return r.late >= r.blocks - 5 && r.late <= r.blocks + 5;
    };
    const Result result = fairly([] { return run_once(256, 100); }, every_second);
    busy_percent = 0;
    assert_true(result.in_time);
    assert_true(result.late >= result.blocks - 5 && result.late <= result.blocks + 5);
}

std::atomic<bool> inside{false};
std::atomic<bool> released{false};

bool wait_to_be_released(Host&, const Block&)
{
    inside = true;
    while (!released) std::this_thread::sleep_for(milliseconds(1));
    return true;
}

struct Stopped {
    bool was_inside = false;
    bool graph_left_at_once = false;
};

/// The engine lets go of the graph although the host is in its callback; the host's thread is the
/// Windows half's to wait for.
Stopped stop_while_the_host_is_busy()
{
    Stopped result;
    std::string message;
    const auto engine = open_engine(message);
    if (!engine) return result;
    inside = released = false;
    Host host(*engine, {.block = 256, .inputs = 0x3, .outputs = 0x3});
    host.hook = wait_to_be_released;
    if (host.start() != Status::ok) return result;
    result.was_inside = wait_until([] { return inside.load(); });
    const auto begin = std::chrono::steady_clock::now();
    engine->stop();
    result.graph_left_at_once = std::chrono::steady_clock::now() - begin < milliseconds(1000);
    released = true;
    host.join();
    return result;
}

void stop_does_not_wait_for_a_busy_host(void**)
{
    const Stopped result = stop_while_the_host_is_busy();
    assert_true(result.was_inside);
    assert_true(result.graph_left_at_once);
}

int choose_schedule(void**)
{
    use_devices("sink-8", "sink-8");
    return setenv("ASIOWIRE_SCHEDULE", "buffered", 1);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(blocks_of_64_come_back_one_budget_later),
        cmocka_unit_test(blocks_of_256_come_back_one_budget_later),
        cmocka_unit_test(blocks_of_480_come_back_one_budget_later),
        cmocka_unit_test(blocks_of_1000_come_back_one_budget_later),
        cmocka_unit_test(blocks_of_2048_come_back_one_budget_later),
        cmocka_unit_test(a_host_that_needs_most_of_its_time_is_not_late),
        cmocka_unit_test(a_host_that_needs_more_than_its_time_loses_every_second_block),
        cmocka_unit_test(stop_does_not_wait_for_a_busy_host),
    };
    return cmocka_run_group_tests(tests, choose_schedule, nullptr);
}
