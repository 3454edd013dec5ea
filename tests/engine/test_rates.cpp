// SPDX-License-Identifier: MIT
#include "tests/engine/native_host.hpp"
#include "tests/engine/notices.hpp"

#include <cstring>

#include "tests/cmocka.hpp"

// The graph's sample rate: on the host's wish, before and while it runs, and on somebody else's.

using namespace engine_test;

namespace {

bool force_rate(std::uint32_t rate)
{
    return set_graph("clock.force-rate", rate);
}

struct Run {
    Status set = Status::system_error;
    std::uint32_t said = 0;    // by status, before start
    std::uint32_t rate = 0;    // by status, while running
    double blocks_per_second = 0;
    std::int64_t round_trip = -1;
    std::uint64_t wrong = 1;
    std::string message;
};

double pace(const Host& host)
{
    using clock = std::chrono::steady_clock;
    const auto begin = clock::now();
    const std::uint64_t first = host.blocks;
    host.wait_for_blocks(first + 100);
    const std::chrono::duration<double> took = clock::now() - begin;
    return static_cast<double>(host.blocks - first) / took.count();
}

Run run_at(std::uint32_t rate)
{
    Run run;
    const auto engine = open_engine(run.message);
    if (!engine) return run;
    run.set = engine->set_rate(rate, true, run.message);
    run.said = engine->status(0).rate;
    Host host(*engine, {.block = 256, .inputs = 0xff, .outputs = 0xff});
    if (host.start() != Status::ok) return run;
    host.wait_for_blocks(20);
    run.rate = engine->status(0).rate;
    run.blocks_per_second = pace(host);
    host.stop();
    run.round_trip = host.heard().round_trip;
    run.wrong = host.heard().wrong;
    return run;
}

/// 256 frames at this rate; a pace is counted in whole blocks and the machine is shared.
bool is_pace_of(std::uint32_t rate, double blocks_per_second)
{
    const double expected = rate / 256.0;
    return blocks_per_second > expected * 0.9 && blocks_per_second < expected * 1.1;
}

void check_rate(std::uint32_t rate)
{
    const Run run =
        fairly([&] { return run_at(rate); },
               [&](const Run& r) { return r.wrong == 0 && is_pace_of(rate, r.blocks_per_second); });
    print_message("%u Hz: said %u, runs %u, %.0f blocks/s, round trip %lld, wrong %llu %s\n", rate,
                  run.said, run.rate, run.blocks_per_second, static_cast<long long>(run.round_trip),
                  static_cast<unsigned long long>(run.wrong), run.message.c_str());
    assert_int_equal(run.set, Status::ok);
    assert_int_equal(run.said, rate);
    assert_int_equal(run.rate, rate);
    assert_true(is_pace_of(rate, run.blocks_per_second));
    assert_int_equal(run.round_trip, 256);
    assert_int_equal(run.wrong, 0);
}

void the_graph_comes_to_44100(void**) { check_rate(44100); }
void the_graph_comes_to_48000(void**) { check_rate(48000); }
void the_graph_comes_to_88200(void**) { check_rate(88200); }
void the_graph_comes_to_96000(void**) { check_rate(96000); }
void the_graph_comes_to_176400(void**) { check_rate(176400); }
void the_graph_comes_to_192000(void**) { check_rate(192000); }

struct Change {
    Status set = Status::system_error;
    std::uint32_t rate = 0;       // by status, afterwards
    std::uint32_t block_rate = 0; // that came with a block
    int told = 0;                 // changes that the host was told of
    std::uint32_t told_rate = 0;
    bool goes_on = false;
    std::string message;
};

std::atomic<std::uint32_t> latest_block_rate{0};
std::atomic<bool> set_inside{false};

bool note_rate(Host& host, const Block& block)
{
    latest_block_rate = block.rate;
    if (set_inside.exchange(false)) {
        static std::string message;
        host.engine().set_rate(96000, false, message);
    }
    return true;
}

/// Changes the rate of a running host in some way and looks at it a while later.
Change change(const std::function<void(Engine&, Change&)>& way, std::uint32_t expected)
{
    Change result;
    const auto engine = open_engine(result.message);
    if (!engine) return result;
    const Notices notices(*engine);
    Host host(*engine, {.block = 256, .inputs = 0x3, .outputs = 0x3});
    host.hook = note_rate;
    if (host.start() != Status::ok) return result;
    host.wait_for_blocks(20);
    way(*engine, result);
    wait_until([&] { return latest_block_rate == expected; });
    result.goes_on = host.wait_for_blocks(host.blocks + 20);
    std::this_thread::sleep_for(milliseconds(250)); // events are looked for ten times a second
    result.rate = engine->status(0).rate;
    result.block_rate = latest_block_rate;
    result.told = notices.count(Engine::Event::rate_changed);
    result.told_rate = notices.last(Engine::Event::rate_changed);
    host.stop();
    force_rate(0);
    return result;
}

void a_running_host_changes_the_rate_and_is_not_told_what_it_knows(void**)
{
    const Change result = change(
        [](Engine& engine, Change& now) { now.set = engine.set_rate(96000, true, now.message); },
        96000);
    assert_int_equal(result.set, Status::ok);
    assert_int_equal(result.rate, 96000);
    assert_int_equal(result.block_rate, 96000);
    assert_int_equal(result.told, 0);
    assert_true(result.goes_on);
}

void a_host_may_change_the_rate_inside_its_callback(void**)
{
    const Change result = change([](Engine&, Change&) { set_inside = true; }, 96000);
    assert_int_equal(result.block_rate, 96000);
    assert_int_equal(result.told, 0);
    assert_true(result.goes_on);
}

void a_rate_that_others_force_is_told(void**)
{
    const Change result = change([](Engine&, Change&) { force_rate(44100); }, 44100);
    assert_int_equal(result.rate, 44100);
    assert_int_equal(result.block_rate, 44100);
    assert_int_equal(result.told, 1);
    assert_int_equal(result.told_rate, 44100);
    assert_true(result.goes_on);
}

struct Answers {
    Status odd = Status::ok;
    Status held = Status::ok;
    Status held_set = Status::ok;
    Status held_same = Status::system_error;
    std::uint32_t rate = 0;
    std::string message;
};

Answers answers()
{
    Answers result;
    std::string message;
    const auto engine = open_engine(message);
    if (!engine) return result;
    result.odd = engine->offers_rate(12345, message);
    force_rate(44100);
    wait_until([&] { return engine->status(0).rate == 44100; });
    result.held = engine->offers_rate(48000, result.message);
    result.held_set = engine->set_rate(48000, true, message);
    result.held_same = engine->set_rate(44100, true, message);
    result.rate = engine->status(0).rate;
    force_rate(0);
    return result;
}

void a_rate_that_cannot_be_is_refused_in_words(void**)
{
    const Answers result = answers();
    assert_int_equal(result.odd, Status::no_clock);
    assert_int_equal(result.held, Status::clock_held);
    assert_int_equal(result.held_set, Status::clock_held);
    assert_int_equal(result.held_same, Status::ok);
    assert_int_equal(result.rate, 44100);
    assert_non_null(std::strstr(result.message.c_str(), "44100"));
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_graph_comes_to_44100),
        cmocka_unit_test(the_graph_comes_to_48000),
        cmocka_unit_test(the_graph_comes_to_88200),
        cmocka_unit_test(the_graph_comes_to_96000),
        cmocka_unit_test(the_graph_comes_to_176400),
        cmocka_unit_test(the_graph_comes_to_192000),
        cmocka_unit_test(a_running_host_changes_the_rate_and_is_not_told_what_it_knows),
        cmocka_unit_test(a_host_may_change_the_rate_inside_its_callback),
        cmocka_unit_test(a_rate_that_others_force_is_told),
        cmocka_unit_test(a_rate_that_cannot_be_is_refused_in_words),
    };
    use_devices("sink-8", "sink-8");
    const int failed = cmocka_run_group_tests(tests, nullptr, nullptr);
    force_rate(0);
    return failed;
}
