// SPDX-License-Identifier: MIT
#include "tests/engine/native_host.hpp"
#include "tests/engine/own_daemon.hpp"

#include <functional>

#include "tests/cmocka.hpp"

// What the engine says and does when the graph is not there, goes away, or is not as it was told.

using namespace engine_test;

namespace {

using Clock = std::chrono::steady_clock;

double seconds_of(const std::function<void()>& work)
{
    alarm(30); // a hang ends the program
    const auto begin = Clock::now();
    work();
    alarm(0);
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

struct Opened {
    Status status = Status::ok;
    bool has_sentence = false; // that begins like one and names PipeWire
    double seconds = 0;
};

Opened try_to_open()
{
    Opened opened;
    std::string message;
    opened.seconds = seconds_of([&] { open_engine(message, &opened.status); });
    opened.has_sentence = message.find("PipeWire") != std::string::npos && message.size() < 124;
    return opened;
}

void no_daemon_is_said_in_words_and_soon(void**)
{
    Opened opened;
    {
        const RuntimeFolder empty;
        opened = try_to_open();
    }
    assert_int_equal(opened.status, Status::no_daemon);
    assert_true(opened.has_sentence);
    assert_true(opened.seconds < 2.0);
}

void a_daemon_that_does_not_answer_is_given_up_soon(void**)
{
    Opened opened;
    {
        const RuntimeFolder folder;
        const MuteDaemon mute(folder.path + "/pipewire-0");
        opened = try_to_open();
    }
    assert_int_equal(opened.status, Status::no_daemon);
    assert_true(opened.has_sentence);
    assert_true(opened.seconds < 6.0);
}

struct Device {
    std::uint32_t inputs = 0;
    std::uint32_t outputs = 0;
    bool remark_names_it = false;
    bool plays = false;
};

Device open_once(const char* playback, const char* capture, const char* remark)
{
    use_devices(playback, capture);
    Device device;
    std::string message;
    if (const auto engine = open_engine(message)) {
        device.inputs = engine->device().inputs;
        device.outputs = engine->device().outputs;
        device.remark_names_it = message.find(remark) != std::string::npos;
        Host host(*engine, {.block = 256, .inputs = 0x3, .outputs = 0x3});
        device.plays = host.start() == Status::ok && host.wait_for_blocks(40);
        host.stop();
        device.plays &= host.heard().wrong == 0 && host.heard().round_trip == 256;
    }
    use_devices(nullptr, nullptr);
    return device;
}

Device open_device(const char* playback, const char* capture, const char* remark)
{
    return fairly([&] { return open_once(playback, capture, remark); },
                  [](const Device& device) { return device.plays; });
}

void a_named_device_gives_its_channels(void**)
{
    const Device device = open_device("sink-32", "sink-8", "");
    assert_int_equal(device.outputs, 32);
    assert_int_equal(device.inputs, 8);
}

void no_device_named_is_the_default_device(void**)
{
    const Device device = open_device(nullptr, nullptr, "");
    assert_int_equal(device.inputs, 2);
    assert_int_equal(device.outputs, 2);
    assert_true(device.plays);
}

void an_unknown_device_is_named_and_the_default_used(void**)
{
    const Device device = open_device("no-such-sink", nullptr, "\"no-such-sink\"");
    assert_true(device.remark_names_it);
    assert_int_equal(device.outputs, 2);
    assert_true(device.plays);
}

void an_absurd_device_name_gives_a_message_that_hosts_can_show(void**)
{
    std::size_t bytes = 0;
    {
        const std::string absurd(5000, 'z');
        use_devices(absurd.c_str(), nullptr);
        std::string message;
        open_engine(message);
        bytes = message.size();
        use_devices(nullptr, nullptr);
    }
    assert_true(bytes >= 1 && bytes <= 123);
}

struct Lost {
    bool played = false;
    double seconds_to_stop = 0;
    Status start_again = Status::ok;
    bool says_why = false;
    double seconds_to_answer = 0;
    bool called = false; // after that
};

/// Kills or freezes the daemon under a running engine.
Lost lose_daemon(void (OwnDaemon::*how)())
{
    Lost lost;
    OwnDaemon daemon;
    use_devices("sink-32", "sink-32");
    std::string message;
    const auto engine = open_engine(message);
    use_devices(nullptr, nullptr);
    if (!engine) return lost;
    {
        Host host(*engine, {.block = 256});
        lost.played = host.start() == Status::ok && host.wait_for_blocks(20);
        (daemon.*how)();
        lost.seconds_to_stop = seconds_of([&] { host.stop(); });
    }
    Host host(*engine, {.block = 256});
    lost.seconds_to_answer = seconds_of([&] { lost.start_again = host.start(); });
    lost.says_why = host.message.find("PipeWire") != std::string::npos;
    lost.called = host.wait_for_blocks(20, milliseconds(500));
    daemon.thaw();
    return lost;
}

void without_its_daemon_a_host_stops_and_starts_all_the_same(void**)
{
    const Lost lost = lose_daemon(&OwnDaemon::kill);
    assert_true(lost.played);
    assert_true(lost.seconds_to_stop < 1.0);
    assert_int_equal(lost.start_again, Status::ok);
    assert_true(lost.says_why);
    assert_true(lost.seconds_to_answer < 1.0);
    assert_true(lost.called);
}

void a_frozen_daemon_does_not_freeze_stop(void**)
{
    const Lost lost = lose_daemon(&OwnDaemon::freeze);
    assert_true(lost.played);
    assert_true(lost.seconds_to_stop < 4.0);
    assert_int_not_equal(lost.start_again, Status::ok);
    assert_true(lost.seconds_to_answer < 6.0);
}

struct Ordered {
    std::vector<Engine::Event> events;
    double seconds = 0;
};

Ordered events_after_close()
{
    Ordered result;
    std::string message;
    const auto engine = open_engine(message);
    std::thread closer([&] {
        std::this_thread::sleep_for(milliseconds(50));
        engine->close_events();
    });
    result.seconds = seconds_of([&] { result.events.push_back(engine->next_event().event); });
    closer.join();
    for (int i = 0; i < 3; i++) result.events.push_back(engine->next_event().event);
    return result;
}

void closed_events_stay_closed(void**)
{
    std::size_t closed = 0;
    double seconds = 0;
    {
        const Ordered result = events_after_close();
        for (const Engine::Event event : result.events) closed += event == Engine::Event::closed;
        seconds = result.seconds;
    }
    assert_int_equal(closed, 4);
    assert_true(seconds < 1.0);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(no_daemon_is_said_in_words_and_soon),
        cmocka_unit_test(a_daemon_that_does_not_answer_is_given_up_soon),
        cmocka_unit_test(a_named_device_gives_its_channels),
        cmocka_unit_test(no_device_named_is_the_default_device),
        cmocka_unit_test(an_unknown_device_is_named_and_the_default_used),
        cmocka_unit_test(an_absurd_device_name_gives_a_message_that_hosts_can_show),
        cmocka_unit_test(without_its_daemon_a_host_stops_and_starts_all_the_same),
        cmocka_unit_test(a_frozen_daemon_does_not_freeze_stop),
        cmocka_unit_test(closed_events_stay_closed),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
