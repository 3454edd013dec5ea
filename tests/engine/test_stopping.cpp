// SPDX-License-Identifier: MIT
#include "tests/engine/native_host.hpp"

#include <unistd.h>

#include "tests/cmocka.hpp"

// Ends of a run that hosts have thought of: from inside their call, from elsewhere, in the middle.

using namespace engine_test;

namespace {

using Clock = std::chrono::steady_clock;

struct Ended {
    Status first = Status::system_error;
    Status second = Status::system_error; // of a start afterwards
    std::uint64_t blocks = 0;             // until the end
    std::uint64_t late_blocks = 0;        // after it
    bool plays_again = false;
    double seconds = 0; // from the first start until all has stopped
};

/// Runs until the hook ends the run, then once more in the ordinary way.
Ended end_from_inside(Host::Hook hook)
{
    Ended ended;
    std::string message;
    const auto engine = open_engine(message);
    if (!engine) return ended;
    const auto begin = Clock::now();
    alarm(20); // a loop that never ends ends the program
    {
        Host host(*engine, {.block = 128});
        host.hook = hook;
        ended.first = host.start();
        host.join(); // the loop ends by itself
        ended.blocks = host.blocks;
        std::this_thread::sleep_for(milliseconds(30));
        ended.late_blocks = host.blocks - ended.blocks;
        host.stop();
    }
    alarm(0);
    ended.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    Host again(*engine, {.block = 128});
    ended.second = again.start();
    ended.plays_again = again.wait_for_blocks(20);
    return ended;
}

void check_ended(const Ended& ended, std::uint64_t blocks)
{
    assert_int_equal(ended.first, Status::ok);
    assert_int_equal(ended.blocks, blocks);
    assert_int_equal(ended.late_blocks, 0);
    assert_true(ended.seconds < 3.0);
    assert_int_equal(ended.second, Status::ok);
    assert_true(ended.plays_again);
}

bool stop_at_the_tenth(Host& host, const Block&)
{
    if (host.blocks == 9) host.engine().stop_from_inside();
    return true;
}

void stop_from_inside_the_host_call_ends_the_loop_after_it(void**)
{
    check_ended(end_from_inside(stop_at_the_tenth), 10);
}

bool leave_at_the_tenth(Host& host, const Block&)
{
    if (host.blocks < 9) return true;
    host.leaving = true;
    host.engine().leave();
    return false;
}

void leaving_from_inside_the_host_call_takes_the_node_away(void**)
{
    check_ended(end_from_inside(leave_at_the_tenth), 9);
}

bool stop_and_ask_at_the_tenth(Host& host, const Block&)
{
    if (host.blocks != 9) return true;
    host.engine().stop_from_inside();
    std::this_thread::sleep_for(milliseconds(20)); // the main loop is on its way
    host.engine().status(512);
    return true;
}

void a_host_may_ask_for_latencies_after_it_has_stopped_from_inside(void**)
{
    check_ended(end_from_inside(stop_and_ask_at_the_tenth), 10);
}

bool take_long(Host& host, const Block&)
{
    if (host.blocks == 9) std::this_thread::sleep_for(milliseconds(200));
    return true;
}

void no_block_comes_after_stop_has_returned(void**)
{
    std::uint64_t late = 0;
    {
        std::string message;
        const auto engine = open_engine(message);
        Host host(*engine, {.block = 128});
        host.hook = take_long; // stop comes while the host is inside its call
        host.start();
        host.wait_for_blocks(9);
        host.stop();
        const std::uint64_t blocks = host.blocks;
        std::this_thread::sleep_for(milliseconds(30));
        late = host.blocks - blocks;
    }
    assert_int_equal(late, 0);
}

void stop_may_come_from_any_other_thread(void**)
{
    std::uint64_t late = 0;
    const auto begin = Clock::now();
    {
        std::string message;
        const auto engine = open_engine(message);
        Host host(*engine, {.block = 128});
        host.start();
        host.wait_for_blocks(10);
        std::vector<std::thread> stoppers; // and from several at once
        for (int i = 0; i < 4; i++) stoppers.emplace_back([&engine] { engine->stop(); });
        for (std::thread& stopper : stoppers) stopper.join();
        const std::uint64_t blocks = host.blocks;
        std::this_thread::sleep_for(milliseconds(20));
        late = host.blocks - blocks;
    }
    assert_int_equal(late, 0);
    assert_true(Clock::now() - begin < std::chrono::seconds(3));
}

bool never_return(Host& host, const Block&)
{
    while (host.blocks == 9) pause(); // as good as terminated
    return true;
}

/// Whether the daemon has our node, as PipeWire's own tool sees it.
bool node_is_in_the_graph()
{
    return std::system("pw-link -o | grep -q ^engine-test:") == 0;
}

struct Abandoned {
    bool was_there = false;
    bool is_there = true;
    double seconds = 0;
    Status left = Status::ok;
    Status prepared = Status::ok;
};

/// A host that never comes back from its callback, and what is done about it.
Abandoned leave_behind(Status (*leave)(Engine&))
{
    Abandoned result;
    std::string message;
    auto engine = open_engine(message);
    auto* const host = new Host(*engine, {.block = 128}); // the dead thread's, for ever
    host->hook = never_return;
    host->start();
    host->wait_for_blocks(9);
    result.was_there = node_is_in_the_graph();
    const auto begin = Clock::now();
    alarm(20); // a wait for the dead thread ends the program
    result.left = leave(*engine);
    result.prepared = engine->prepare({.block = 128});
    engine->status(256);
    host->detach();
    engine.reset();
    alarm(0);
    result.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    for (int i = 0; i < 100 && (result.is_there = node_is_in_the_graph()); i++) usleep(20'000);
    return result;
}

void an_engine_whose_thread_was_terminated_leaves_the_graph(void**)
{
#if defined(__SANITIZE_ADDRESS__) || defined(ASIOWIRE_SANITIZED)
    skip(); // what the dead thread may touch is leaked by design
#endif
    const Abandoned result = leave_behind([](Engine& engine) {
        engine.abandon("its thread was terminated");
        return engine.stop();
    });
    assert_true(result.was_there);
    assert_true(result.seconds < 2.0);
    assert_int_equal(result.left, Status::thread_lost);
    assert_int_equal(result.prepared, Status::thread_lost);
    assert_false(result.is_there);
}

void stop_gives_up_on_a_host_that_never_returns(void**)
{
#if defined(__SANITIZE_ADDRESS__) || defined(ASIOWIRE_SANITIZED)
    skip(); // as above
#endif
    const Abandoned result = leave_behind([](Engine& engine) { return engine.stop(); });
    assert_true(result.was_there);
    assert_true(result.seconds > 4.9 && result.seconds < 8.0);
    assert_int_equal(result.left, Status::thread_lost);
    assert_int_equal(result.prepared, Status::thread_lost);
    assert_false(result.is_there);
}

int use_the_large_sink(void**)
{
    use_devices("sink-32", "sink-32");
    return 0;
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(stop_from_inside_the_host_call_ends_the_loop_after_it),
        cmocka_unit_test(leaving_from_inside_the_host_call_takes_the_node_away),
        cmocka_unit_test(a_host_may_ask_for_latencies_after_it_has_stopped_from_inside),
        cmocka_unit_test(no_block_comes_after_stop_has_returned),
        cmocka_unit_test(stop_may_come_from_any_other_thread),
        cmocka_unit_test(an_engine_whose_thread_was_terminated_leaves_the_graph),
        cmocka_unit_test(stop_gives_up_on_a_host_that_never_returns),
    };
    return cmocka_run_group_tests(tests, use_the_large_sink, nullptr);
}
