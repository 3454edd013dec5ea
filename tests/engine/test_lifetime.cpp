// SPDX-License-Identifier: MIT
#include "tests/engine/native_host.hpp"

#include <filesystem>
#include <unistd.h>

#include "tests/cmocka.hpp"

// Starting, stopping and leaving, in every order that hosts have thought of.

using namespace engine_test;

namespace {

using Clock = std::chrono::steady_clock;

int entries_of(const char* folder)
{
    int count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder)) count++;
    return count;
}

struct Resources {
    int threads = entries_of("/proc/self/task");
    int descriptors = entries_of("/proc/self/fd");
    bool operator==(const Resources&) const = default;

    /// What is held once the daemon's last news of a node that has gone have been read.
    static Resources settled()
    {
        Resources now;
        for (int same = 0; same < 5;) {
            std::this_thread::sleep_for(milliseconds(20));
            const Resources next;
            same = next == now ? same + 1 : 0;
            now = next;
        }
        return now;
    }
};

struct Rounds {
    int bad = 0; // rounds in which something was refused or silent
    Resources early;
    Resources late;
};

Rounds start_and_stop(int rounds)
{
    Rounds result;
    std::string message;
    const auto engine = open_engine(message);
    for (int i = 0; engine && i < rounds; i++) {
        {
            Host host(*engine, {.block = 64, .inputs = 0x3, .outputs = 0x3});
            result.bad += host.start() != Status::ok || !host.wait_for_blocks(10);
        }
        if (i == 4) result.early = Resources::settled();
    }
    result.late = Resources::settled();
    return result;
}

void fifty_starts_and_stops_leave_threads_and_descriptors_flat(void**)
{
    const Rounds result = start_and_stop(50);
    assert_int_equal(result.bad, 0);
    assert_int_equal(result.late.threads, result.early.threads);
    assert_int_equal(result.late.descriptors, result.early.descriptors);
}

Rounds open_and_close(int rounds)
{
    Rounds result;
    for (int i = 0; i < rounds; i++) {
        std::string message;
        result.bad += open_engine(message) == nullptr;
        if (i == 2) result.early = Resources::settled();
    }
    result.late = Resources::settled();
    return result;
}

void twenty_opens_and_closes_leave_threads_and_descriptors_flat(void**)
{
    const Rounds result = open_and_close(20);
    assert_int_equal(result.bad, 0);
    assert_int_equal(result.late.threads, result.early.threads);
    assert_int_equal(result.late.descriptors, result.early.descriptors);
}

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

struct Pair {
    Ear first;
    Ear second;
    bool played = false;
};

Pair two_at_once()
{
    Pair pair;
    std::string message;
    const auto one = open_engine(message);
    const auto two = open_engine(message);
    Host first(*one, {.block = 256, .inputs = 0xff, .outputs = 0xff});
    Host second(*two, {.block = 256, .inputs = 0xff00, .outputs = 0xff00});
    pair.played = first.start() == Status::ok && second.start() == Status::ok &&
                  second.wait_for_blocks(80) && first.wait_for_blocks(80);
    second.stop();
    first.stop();
    pair.first = first.heard();
    pair.second = second.heard();
    return pair;
}

void two_engines_play_at_once(void**)
{
    const Pair pair = two_at_once();
    assert_true(pair.played);
    assert_int_equal(pair.first.wrong, 0);
    assert_int_equal(pair.second.wrong, 0);
    assert_int_equal(pair.first.round_trip, 256);
    assert_int_equal(pair.second.round_trip, 256);
}

void calls_that_do_not_fit_the_state_are_refused(void**)
{
    Status early = Status::ok;
    Status again = Status::ok;
    Status prepared = Status::ok;
    int bad_blocks = 0;
    {
        std::string message;
        const auto engine = open_engine(message);
        early = engine->start(message);
        engine->stop();
        const Engine::Request request = {.block = 128, .host = [](void*, const Block&,
                                         asiowire::HostSpan&) ASIOWIRE_RT { return true; }};
        for (const Frames block : {0u, 15u, 8193u, ~0u}) {
            Engine::Request bad = request;
            bad.block = block;
            bad_blocks += engine->prepare(bad) != Status::bad_argument;
        }
        Host host(*engine, {.block = 128});
        host.start();
        again = engine->start(message);
        prepared = engine->prepare(request);
        engine->stop();
        engine->stop();
    }
    assert_int_equal(early, Status::bad_state);
    assert_int_equal(again, Status::bad_state);
    assert_int_equal(prepared, Status::bad_state);
    assert_int_equal(bad_blocks, 0);
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

int use_the_large_sink(void**)
{
    use_devices("sink-32", "sink-32");
    return 0;
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(fifty_starts_and_stops_leave_threads_and_descriptors_flat),
        cmocka_unit_test(twenty_opens_and_closes_leave_threads_and_descriptors_flat),
        cmocka_unit_test(stop_from_inside_the_host_call_ends_the_loop_after_it),
        cmocka_unit_test(leaving_from_inside_the_host_call_takes_the_node_away),
        cmocka_unit_test(no_block_comes_after_stop_has_returned),
        cmocka_unit_test(two_engines_play_at_once),
        cmocka_unit_test(calls_that_do_not_fit_the_state_are_refused),
        cmocka_unit_test(stop_may_come_from_any_other_thread),
        cmocka_unit_test(a_host_may_ask_for_latencies_after_it_has_stopped_from_inside),
    };
    return cmocka_run_group_tests(tests, use_the_large_sink, nullptr);
}
