// SPDX-License-Identifier: MIT
#include "tests/engine/native_host.hpp"
#include "tests/engine/resources.hpp"

#include "tests/cmocka.hpp"

// Opening, starting and stopping over and over, several at once, and out of order.

using namespace engine_test;

namespace {

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

/// Each took PipeWire's own thread away while that began; one in some hundred to thousand hung.
void five_hundred_opens_all_return(void**)
{
    for (int i = 0; i < 500; i++) {
        std::string message;
        assert_true(open_engine(message) != nullptr);
    }
}

void status_may_be_asked_at_any_time_from_any_thread(void**)
{
    int refused = 0;
    int senseless = 0;
    std::uint64_t asked = 0;
    {
        std::string message;
        const auto engine = open_engine(message);
        std::atomic<bool> over{false};
        std::thread asker([&] {
            for (; !over; asked++) {
                const Engine::Status now = engine->status(asked % 2 == 0 ? 0 : 512);
                senseless += now.rate != 48000 || now.overhead_p50_ns > 1'000'000'000;
                std::this_thread::sleep_for(std::chrono::microseconds(200));
            }
        });
        for (int i = 0; i < 6; i++) {
            Host host(*engine, {.block = i % 2 == 0 ? 128u : 256u, .inputs = 0x3, .outputs = 0x3});
            refused += host.start() != Status::ok || !host.wait_for_blocks(10);
        }
        over = true;
        asker.join();
    }
    assert_int_equal(refused, 0);
    assert_int_equal(senseless, 0);
    assert_true(asked > 50);
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
    const Pair pair = fairly(two_at_once, [](const Pair& p) {
        return p.first.wrong + p.second.wrong == 0;
    });
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
        cmocka_unit_test(five_hundred_opens_all_return),
        cmocka_unit_test(status_may_be_asked_at_any_time_from_any_thread),
        cmocka_unit_test(two_engines_play_at_once),
        cmocka_unit_test(calls_that_do_not_fit_the_state_are_refused),
    };
    return cmocka_run_group_tests(tests, use_the_large_sink, nullptr);
}
