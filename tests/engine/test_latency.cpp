// SPDX-License-Identifier: MIT
#include "tests/engine/far_device.hpp"
#include "tests/engine/native_host.hpp"
#include "tests/engine/notices.hpp"

#include "tests/cmocka.hpp"

// What the device says of its distance is what the host hears, with our own delay on top.

using namespace engine_test;

namespace {

std::unique_ptr<FarDevice> device; // two channels each way

struct Pair {
    Frames input = 0;
    Frames output = 0;
};

Pair latencies(const Engine& engine, Frames block)
{
    const Engine::Status status = engine.status(block);
    return {status.input_latency, status.output_latency};
}

struct Story {
    Pair stopped;
    Pair running;
    Pair later;
    int told_at_start = 0;
    int told_later = 0;
};

Story tell(std::uint64_t channels, const std::function<void()>& change = [] {})
{
    Story story;
    std::string message;
    const auto engine = open_engine(message);
    if (!engine) return story;
    const Notices notices(*engine);
    wait_until([&] { return engine->status(256).input_latency != 0; });
    story.stopped = latencies(*engine, 256);
    Host host(*engine, {.block = 256, .inputs = channels, .outputs = channels});
    if (host.start() != Status::ok) return story;
    host.wait_for_blocks(100);
    story.running = latencies(*engine, 0);
    story.told_at_start = notices.count(Engine::Event::latencies_changed);
    change();
    wait_until([&] { return notices.count(Engine::Event::latencies_changed) > story.told_at_start; });
    story.later = latencies(*engine, 0);
    std::this_thread::sleep_for(milliseconds(300)); // what would come twice has come then
    story.told_later = notices.count(Engine::Event::latencies_changed) - story.told_at_start;
    return story;
}

/// One quantum of 256 frames, 100 frames, and 1 ms at 48 kHz: 404; and 2 quanta and 37 frames: 549.
void stand_still()
{
    for (std::size_t channel = 0; channel < 2; channel++) {
        device->capture_is(channel, {.quanta = 1, .frames = 100, .ns = 1'000'000});
        device->playback_is(channel, {.quanta = 2, .frames = 37, .ns = 0});
    }
}

void the_device_s_latency_is_known_before_the_start_and_stays(void**)
{
    stand_still();
    const Story story = tell(0x3);
    assert_int_equal(story.stopped.input, 404);
    assert_int_equal(story.stopped.output, 549);
    assert_int_equal(story.running.input, 404);
    assert_int_equal(story.running.output, 549);
    assert_int_equal(story.told_at_start, 0); // it was known
}

void a_change_of_the_device_s_latency_is_told_once(void**)
{
    stand_still();
    const Story story = tell(0x3, [] {
        for (std::size_t channel = 0; channel < 2; channel++)
            device->playback_is(channel, {.quanta = 3, .frames = 0, .ns = 0});
    });
    assert_int_equal(story.later.input, 404);
    assert_int_equal(story.later.output, 768);
    // The two channels may fall into two looks.
    assert_true(story.told_later >= 1 && story.told_later <= 2);
}

void the_longest_channel_counts(void**)
{
    stand_still();
    device->capture_is(1, {.quanta = 1, .frames = 500, .ns = 0});
    const Story both = tell(0x3);
    const Story first = tell(0x1);
    assert_int_equal(both.running.input, 756);
    assert_int_equal(first.running.input, 404);
}

Pair reblocked()
{
    std::string message;
    set_graph("clock.force-quantum", 64);
    const auto engine = open_engine(message);
    Pair pair;
    if (engine) {
        wait_until([&] { return engine->status(256).quantum == 64; });
        Host host(*engine, {.block = 256, .inputs = 0x3, .outputs = 0x3});
        host.start();
        host.wait_for_blocks(20);
        pair = latencies(*engine, 0);
    }
    set_graph("clock.force-quantum", 0);
    return pair;
}

void quanta_count_at_the_graph_s_size_and_our_delay_is_added(void**)
{
    stand_still();
    const Pair pair = reblocked();
    assert_int_equal(pair.input, 64 + 100 + 48);
    assert_int_equal(pair.output, 2 * 64 + 37 + 192);
}

void the_buffered_schedule_adds_one_block(void**)
{
    stand_still();
    setenv("ASIOWIRE_SCHEDULE", "buffered", 1);
    const Story story = tell(0x3);
    unsetenv("ASIOWIRE_SCHEDULE");
    assert_int_equal(story.stopped.output, 549 + 256);
    assert_int_equal(story.running.output, 549 + 256);
    assert_int_equal(story.running.input, 404);
}

int make_device(void**)
{
    device = std::make_unique<FarDevice>("far-device");
    use_devices("far-device", "far-device");
    return std::system("for i in 1 2 3 4 5 6 7 8 9; do pw-link -i | grep -q far-device:1 && exit 0; "
                       "sleep 0.2; done; exit 1") == 0
               ? 0
               : -1;
}

int remove_device(void**)
{
    device.reset();
    return set_graph("clock.force-quantum", 0) ? 0 : -1;
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_device_s_latency_is_known_before_the_start_and_stays),
        cmocka_unit_test(a_change_of_the_device_s_latency_is_told_once),
        cmocka_unit_test(the_longest_channel_counts),
        cmocka_unit_test(quanta_count_at_the_graph_s_size_and_our_delay_is_added),
        cmocka_unit_test(the_buffered_schedule_adds_one_block),
    };
    return cmocka_run_group_tests(tests, make_device, remove_device);
}
