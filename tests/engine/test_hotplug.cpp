// SPDX-License-Identifier: MIT
#include "tests/engine/hot_sink.hpp"
#include "tests/engine/patchbay.hpp"
#include "tests/engine/recovery.hpp"

// Devices that come and go, or are exchanged, while a host streams: blocks go on at their pace, and the
// links are there again as soon as the device is.

using namespace engine_test;

namespace {

void a_hundred_times_unplugged_and_back_the_links_are_restored(void**)
{
    HotSink sink("hot-32", 32);
    sink.plug();
    use_devices("hot-32", "hot-32");
    const auto rounds = static_cast<int>(number_from("ASIOWIRE_STORM_PLUGS", 100));
    const Story story = stream(rounds, [&](Host& host) {
        sink.unplug();
        host.wait_for_blocks(host.blocks + 4);
        sink.plug();
    });
    use_devices(nullptr, nullptr);
    print("unplugged", story);
    check_recovered(story, rounds);
    assert_int_equal(story.round_trip, Story::block);
    assert_int_equal(story.finally.threads, story.early.threads);
    assert_int_equal(story.finally.descriptors, story.early.descriptors);
}

bool set_default(const std::string& key, const std::string& name)
{
    const std::string command = "pw-metadata 0 default.audio." + key + " '{\"name\":\"" + name +
                                "\"}' Spa:String:JSON >/dev/null 2>&1";
    return std::system(command.c_str()) == 0;
}

void a_switch_of_the_default_device_takes_the_links_along(void**)
{
    HotSink other("other-32", 32, "priority.driver = 100");
    other.plug();
    set_default("sink", "sink-32");
    set_default("source", "sink-32");
    bool to_other = false;
    int at_first = -1;
    int at_other = -1;
    const Story story = stream(6, [&](Host& host) {
        to_other = !to_other;
        const std::string device = to_other ? "other-32" : "sink-32";
        set_default("sink", device);
        set_default("source", device);
        host.wait_for_blocks(host.blocks + 4);
        if (!to_other) return;
        wait_until([&] { return count_links("engine-test:out", "other-32") == 32; });
        at_other = count_links("engine-test:out", "other-32");
        at_first = count_links("engine-test:out", "sink-32");
    });
    set_default("sink", "sink-2");
    set_default("source", "sink-2");
    print("default switched", story);
    check_recovered(story, 6);
    assert_int_equal(story.round_trip, Story::block);
    assert_int_equal(at_other, 32);
    assert_int_equal(at_first, 0);
}

void a_device_of_a_fixed_quantum_is_reblocked_for(void**)
{
    HotSink sink("hot-32", 32, "node.force-quantum = 192 node.lock-quantum = true");
    use_devices("hot-32", "hot-32");
    sink.plug();
    const Story story = stream(1, [&](Host& host) {
        sink.unplug();
        host.wait_for_blocks(host.blocks + 4);
        sink.plug();
    });
    use_devices(nullptr, nullptr);
    print("fixed quantum", story);
    std::printf("# quantum %u, delay %u\n", story.quantum, story.delay);
    check_recovered(story, 1);
    // PipeWire before 0.3.82 rounds down.
    assert_true(story.quantum == 192 || story.quantum == 128);
    assert_true(story.delay >= asiowire::fifo_delay(Story::block, story.quantum));
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
