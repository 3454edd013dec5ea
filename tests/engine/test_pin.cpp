// SPDX-License-Identifier: MIT
#include "tests/engine/native_host.hpp"
#include "tests/engine/notices.hpp"
#include "tests/engine/pinned_graph.hpp"

#include <array>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/cmocka.hpp"

// The pin of the whole graph, as pw-metadata sees it from outside, through every end of its owner.

using namespace engine_test;
using asiowire::Forced;

namespace {

constexpr Forced free_graph{};
constexpr Forced pinned{.quantum = 64, .rate = 48000};
constexpr Host::Shape small_host{.block = 64, .inputs = 0x3, .outputs = 0x3};

/// The child's side.
int hold_until_told()
{
    want_pin(true);
    std::string message;
    auto engine = open_engine(message);
    if (!engine) return 1;
    auto host = std::make_unique<Host>(*engine, small_host);
    if (host->start() != Status::ok || !host->wait_for_blocks(3)) return 1;
    if (write(1, "r", 1) != 1) return 1;
    char order = 0;
    if (read(0, &order, 1) != 1) return 1;
    if (order == 'x') exit(0); // neither stopped nor released
    host.reset();
    engine.reset();
    _exit(0); // nothing is left to the handlers of exit()
}

struct Seen {
    Forced during;
    Forced after;
    Frames quantum = 0; // that the graph ran at
    Frames preferred_change = 0;
};

Seen run_once(bool pin)
{
    Seen result;
    want_pin(pin);
    std::string message;
    const auto engine = open_engine(message);
    if (!engine) return result;
    const Notices notices(*engine);
    {
        Host host(*engine, small_host);
        if (host.start() != Status::ok) return result;
        host.wait_for_blocks(200);
        result.during = seen_from_outside();
        result.quantum = engine->status(0).quantum;
        result.preferred_change = notices.last(Engine::Event::block_changed);
    }
    result.after = seen_from_outside();
    return result;
}

void without_the_setting_nothing_is_written(void**)
{
    const Seen run = run_once(false);
    assert_true(run.during == free_graph);
    assert_int_equal(run.quantum, 64); // the node's own wish
}

void the_graph_is_pinned_while_the_host_runs(void**)
{
    const Seen run = run_once(true);
    assert_true(run.during == pinned);
    assert_true(run.after == free_graph);
    assert_int_equal(run.quantum, 64);
    assert_int_equal(run.preferred_change, 0); // our own pin is no news to the host
}

void what_the_user_forces_gives_way_and_comes_back(void**)
{
    set_graph("clock.force-quantum", 512);
    const Seen run = run_once(true);
    set_graph("clock.force-quantum", 0);
    assert_true(run.during == pinned);
    assert_int_equal(run.quantum, 64);
    assert_int_equal(run.after.quantum, 512);
    assert_int_equal(run.after.rate, 0);
}

void what_the_user_forces_meanwhile_stays(void**)
{
    want_pin(true);
    std::string message;
    Forced after;
    {
        const auto engine = open_engine(message);
        Host host(*engine, small_host);
        host.start();
        host.wait_for_blocks(3);
        set_graph("clock.force-quantum", 256);
    }
    after = seen_from_outside();
    set_graph("clock.force-quantum", 0);
    assert_int_equal(after.quantum, 256);
    assert_int_equal(after.rate, 0);
}

void another_rate_is_pinned_when_the_host_wants_it(void**)
{
    want_pin(true);
    std::string message;
    bool came = false;
    Status status = Status::system_error;
    std::uint32_t rate = 0;
    {
        const auto engine = open_engine(message);
        Host host(*engine, small_host);
        host.start();
        status = engine->set_rate(44100, true, message);
        came = comes_to({.quantum = 64, .rate = 44100});
        wait_until([&] { return engine->status(0).rate == 44100; });
        rate = engine->status(0).rate;
    }
    assert_int_equal(status, Status::ok);
    assert_true(came);
    assert_int_equal(rate, 44100);
    assert_true(seen_from_outside() == free_graph);
}

void a_stop_from_inside_the_callback_gives_back(void**)
{
    want_pin(true);
    std::string message;
    bool given_back = false;
    const auto engine = open_engine(message);
    {
        Host host(*engine, small_host);
        host.hook = [](Host& self, const Block&) {
            if (self.blocks < 20) return true;
            self.engine().stop_from_inside();
            return false;
        };
        host.start();
        wait_until([&] { return host.blocks >= 20; });
        given_back = comes_to(free_graph); // before any other call of the host
    }
    assert_true(given_back);
}

void a_killed_host_is_made_good_by_the_next_start(void**)
{
    Child child;
    const bool ready = child.ready;
    const Forced during = seen_from_outside();
    const bool killed = child.end(Child::End::kill);
    const Forced left = seen_from_outside();
    want_pin(false); // any driver does it
    std::string message;
    open_engine(message).reset();
    const Forced after = seen_from_outside();
    assert_true(ready && killed);
    assert_true(during == pinned);
    assert_true(left == pinned); // this is what the daemon does by itself: nothing
    assert_true(after == free_graph);
}

void a_host_that_exits_without_a_word_gives_back(void**)
{
    Child child;
    const bool ready = child.ready;
    const bool ended = child.end(Child::End::exit);
    const Forced after = seen_from_outside();
    assert_true(ready && ended);
    assert_true(after == free_graph);
}

struct Two {
    Forced opened; // beside the first
    Forced both;   // the second runs, too
    Forced handed; // the second has stopped
    Forced last;   // and the first
    bool orderly = false;
};

Two run_two(Child::End how)
{
    Two result;
    Child first;
    want_pin(true);
    std::string message;
    const auto engine = open_engine(message);
    result.opened = seen_from_outside();
    {
        Host second(*engine, {.block = 256, .inputs = 0x3, .outputs = 0x3});
        second.start();
        second.wait_for_blocks(3);
        result.both = seen_from_outside();
        if (how == Child::End::kill) result.orderly = first.ready && first.end(how);
    }
    result.handed = seen_from_outside();
    if (how != Child::End::kill) result.orderly = first.ready && first.end(how);
    result.last = seen_from_outside();
    return result;
}

void of_two_hosts_the_last_one_gives_back(void**)
{
    const Two run = run_two(Child::End::stop);
    assert_true(run.orderly);
    assert_true(run.opened == pinned); // the living is not robbed
    assert_int_equal(run.both.quantum, 256);
    assert_true(run.handed == pinned);
    assert_true(run.last == free_graph);
}

void a_host_beside_a_killed_one_gives_back_for_both(void**)
{
    const Two run = run_two(Child::End::kill);
    assert_true(run.orderly);
    assert_int_equal(run.both.quantum, 256);
    assert_true(run.handed == free_graph);
}

int use_the_small_sink(void**)
{
    use_devices("sink-2", "sink-2");
    return 0;
}

int free_the_graph(void**)
{
    return set_graph("clock.force-quantum", 0) && set_graph("clock.force-rate", 0) ? 0 : -1;
}

} // namespace

int main(int count, char** words)
{
    if (count > 1 && std::strcmp(words[1], "hold") == 0) return hold_until_told();
    const CMUnitTest tests[] = {
        cmocka_unit_test(without_the_setting_nothing_is_written),
        cmocka_unit_test(the_graph_is_pinned_while_the_host_runs),
        cmocka_unit_test(what_the_user_forces_gives_way_and_comes_back),
        cmocka_unit_test(what_the_user_forces_meanwhile_stays),
        cmocka_unit_test(another_rate_is_pinned_when_the_host_wants_it),
        cmocka_unit_test(a_stop_from_inside_the_callback_gives_back),
        cmocka_unit_test(a_killed_host_is_made_good_by_the_next_start),
        cmocka_unit_test(a_host_that_exits_without_a_word_gives_back),
        cmocka_unit_test(of_two_hosts_the_last_one_gives_back),
        cmocka_unit_test(a_host_beside_a_killed_one_gives_back_for_both),
    };
    return cmocka_run_group_tests(tests, use_the_small_sink, free_the_graph);
}
