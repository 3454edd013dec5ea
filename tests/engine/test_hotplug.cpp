// SPDX-License-Identifier: MIT
#include "tests/engine/hot_sink.hpp"
#include "tests/engine/native_host.hpp"
#include "tests/engine/notices.hpp"
#include "tests/engine/pace.hpp"
#include "tests/engine/resources.hpp"

#include <functional>

#include "tests/cmocka.hpp"

// Devices that come and go, or are exchanged, while a host streams: blocks go on at their pace, and the
// links are there again as soon as the device is.

using namespace engine_test;

namespace {

using Clock = std::chrono::steady_clock;

constexpr Frames block = 256;
constexpr double soon_ms = 500;
constexpr std::uint64_t eight = 0xff;
constexpr std::uint64_t two = 0x3;

double ms_since(Clock::time_point begin)
{
    return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

double wait_for_sound(Host& host)
{
    const auto begin = Clock::now();
    host.sounding = 0;
    wait_until([&] { return host.sounding > 4; });
    return host.sounding > 4 ? ms_since(begin) : 1e9;
}

struct Story {
    bool played = false;
    int rounds = 0;
    int late = 0; // rounds in which the sound did not come back soon
    double slowest_ms = 0;
    double usual_ms = 0; // the mean
    Pace::Result pace;
    Resources early;
    Resources finally;
    Frames delay = 0;
    Frames quantum = 0;
    std::int64_t round_trip = -1;
    std::uint64_t wrong = 1;
};

/// A host that streams while something is done to the graph, again and again.
Story stream(std::uint64_t channels, int rounds, const std::function<void(Host&)>& blow)
{
    Story story;
    std::string message;
    const auto engine = open_engine(message);
    if (!engine) return story;
    const Notices notices(*engine);
    Host host(*engine, {.block = block, .inputs = channels, .outputs = channels});
    Pace::begin();
    host.hook = Pace::look;
    story.played = host.start() == Status::ok && wait_for_sound(host) < 3000;
    double sum_ms = 0;
    for (story.rounds = 0; story.played && story.rounds < rounds; story.rounds++) {
        if (story.rounds == 4) story.early = Resources::settled();
        blow(host);
        const double back_ms = wait_for_sound(host);
        story.late += back_ms > soon_ms;
        story.slowest_ms = std::max(story.slowest_ms, back_ms);
        sum_ms += back_ms;
        if (back_ms > 1e6) break;
    }
    story.usual_ms = sum_ms / story.rounds;
    story.finally = Resources::settled();
    host.listen_anew = true;
    host.wait_for_blocks(host.blocks + 100);
    const Engine::Status status = engine->status(0);
    story.delay = status.fifo_delay;
    story.quantum = status.quantum;
    host.stop();
    story.pace = Pace::result(block, 48000);
    story.round_trip = host.heard().round_trip;
    story.wrong = host.heard().wrong;
    return story;
}

Story fair_stream(std::uint64_t channels, int rounds, const std::function<void(Host&)>& blow)
{
    return fairly([&] { return stream(channels, rounds, blow); },
                  [](const Story& s) { return s.played && s.late == 0 && s.wrong == 0; });
}

void print(const char* what, const Story& story)
{
    print_message("%s: %d rounds, the sound back after %.0f ms, %.0f at most; %llu frames missed in "
                  "all; longest pause %.0f ms; position off by %.1f ms\n",
                  what, story.rounds, story.usual_ms, story.slowest_ms,
                  static_cast<unsigned long long>(story.pace.frames_missed), story.pace.longest_ms,
                  story.pace.drift_ms);
}

void check_recovered(const Story& story, int rounds)
{
    assert_true(story.played);
    assert_int_equal(story.rounds, rounds);
    assert_int_equal(story.late, 0);
    assert_true(story.pace.longest_ms < 250);
    assert_int_equal(story.pace.steps_back, 0);
    assert_int_equal(story.wrong, 0);
}

void a_hundred_times_unplugged_and_back_the_links_are_restored(void**)
{
    HotSink sink("hot-8", 8);
    sink.plug();
    use_devices("hot-8", "hot-8");
    const Story story = fair_stream(eight, 100, [&](Host& host) {
        sink.unplug();
        host.wait_for_blocks(host.blocks + 4);
        sink.plug();
    });
    use_devices(nullptr, nullptr);
    print("unplugged", story);
    check_recovered(story, 100);
    assert_int_equal(story.round_trip, block);
    assert_int_equal(story.finally.threads, story.early.threads);
    assert_int_equal(story.finally.descriptors, story.early.descriptors);
}

bool set_default(const std::string& key, const std::string& name)
{
    const std::string command = "pw-metadata 0 default.audio." + key + " '{\"name\":\"" + name +
                                "\"}' Spa:String:JSON >/dev/null 2>&1";
    return std::system(command.c_str()) == 0;
}

int links_between(const std::string& ours, const std::string& theirs)
{
    const std::string command = "exit $(pw-link -l 2>/dev/null | grep -A1 '^" + ours +
                                "' | grep -c '|-> " + theirs + "')";
    return WEXITSTATUS(std::system(command.c_str()));
}

void a_switch_of_the_default_device_takes_the_links_along(void**)
{
    bool to_eight = false;
    int at_two = -1;
    int at_eight = -1;
    const Story story = fair_stream(two, 6, [&](Host& host) {
        to_eight = !to_eight;
        const std::string device = to_eight ? "sink-8" : "sink-2";
        set_default("sink", device);
        set_default("source", device);
        host.wait_for_blocks(host.blocks + 4);
        if (!to_eight) return;
        wait_until([&] { return links_between("engine-test:out", "sink-8") == 2; });
        at_eight = links_between("engine-test:out", "sink-8");
        at_two = links_between("engine-test:out", "sink-2");
    });
    set_default("sink", "sink-2");
    set_default("source", "sink-2");
    print("default switched", story);
    check_recovered(story, 6);
    assert_int_equal(story.round_trip, block);
    assert_int_equal(at_eight, 2);
    assert_int_equal(at_two, 0);
}

void a_device_of_a_fixed_quantum_is_reblocked_for(void**)
{
    HotSink sink("hot-8", 8, "node.force-quantum = 192 node.lock-quantum = true");
    use_devices("hot-8", "hot-8");
    sink.plug();
    const Story story = fair_stream(eight, 1, [&](Host& host) {
        sink.unplug();
        host.wait_for_blocks(host.blocks + 4);
        sink.plug();
    });
    use_devices(nullptr, nullptr);
    print("fixed quantum", story);
    print_message("quantum %u, delay %u\n", story.quantum, story.delay);
    check_recovered(story, 1);
    // PipeWire before 0.3.82 rounds down.
    assert_true(story.quantum == 192 || story.quantum == 128);
    assert_true(story.delay >= asiowire::fifo_delay(block, story.quantum));
    assert_int_equal(story.round_trip, story.quantum + story.delay);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_hundred_times_unplugged_and_back_the_links_are_restored),
        cmocka_unit_test(a_switch_of_the_default_device_takes_the_links_along),
        cmocka_unit_test(a_device_of_a_fixed_quantum_is_reblocked_for),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
