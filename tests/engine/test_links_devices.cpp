// SPDX-License-Identifier: MIT
#include "tests/engine/linked_run.hpp"

#include "tests/cmocka.hpp"

// Which device the rule links an application to, and which of its channels, when devices differ and
// the default one changes.

using namespace engine_test;

namespace {

bool set_default(const std::string& name)
{
    bool good = true;
    for (const char* key : {"sink", "source"})
        good &= std::system(("pw-metadata 0 default.audio." + std::string(key) + " '{\"name\":\"" +
                             name + "\"}' Spa:String:JSON >/dev/null 2>&1")
                                .c_str()) == 0;
    return good;
}

void links_stay_when_the_default_device_is_not_followed(void**)
{
    const StateFolder state;
    setenv("ASIOWIRE_FOLLOW_DEFAULT", "0", 1);
    bool kept = false;
    bool stayed = false;
    bool next = false;
    std::uint32_t channels = 0;
    {
        const Run run(two, nullptr);
        kept = state.keeps("playback\tsink-2\ncapture\tsink-2\n");
        set_default("sink-8");
        run.go_on(100);
        stayed = count_links(ours, "sink-2") == 2 && count_links("sink-2", ours) == 2 &&
                 count_links(ours, "sink-8") == 0;
    }
    {
        const Run run(two, nullptr);
        run.go_on();
        channels = run.engine->device().outputs;
        next = count_links(ours, "sink-2") == 2 && count_links(ours, "sink-8") == 0;
    }
    unsetenv("ASIOWIRE_FOLLOW_DEFAULT");
    bool followed = false;
    {
        const Run run(two, nullptr);
        run.go_on();
        followed = count_links(ours, "sink-8") == 2;
    }
    set_default("sink-2");
    assert_true(kept);
    assert_true(stayed);
    assert_true(next);
    assert_int_equal(channels, 2);
    assert_true(followed);
}

void a_device_to_stay_with_that_is_not_there_is_named_and_kept_for_another_time(void**)
{
    const StateFolder state;
    const std::string list = "playback\tgone\ncapture\tsink-8\n";
    state.save("asiowire-links-1\n" + list);
    setenv("ASIOWIRE_FOLLOW_DEFAULT", "0", 1);
    std::string told;
    int links = 0;
    {
        const Run run(two, nullptr);
        run.go_on();
        told = run.message;
        links = count_links(ours, "sink-2") + count_links("sink-8", ours);
    }
    unsetenv("ASIOWIRE_FOLLOW_DEFAULT");
    const std::string kept = state.list();
    assert_int_equal(links, 4);
    assert_string_equal(kept.c_str(), list.c_str());
    assert_string_equal(told.c_str(), "the program's list of links names \"gone\", which is not in "
                                      "the graph; using the default device");
}

void channels_beyond_the_devices_wait_for_another_device(void**)
{
    const StateFolder state;
    setenv("ASIOWIRE_OUTPUTS", "32", 1);
    setenv("ASIOWIRE_INPUTS", "32", 1);
    set_default("sink-8");
    int on_eight = 0;
    int on_all = 0;
    bool on_two = false;
    bool in_order = false;
    {
        const Run run(all_32, nullptr);
        run.go_on();
        on_eight = count_links(ours, "sink-8") + count_links("sink-8", ours);
        set_default("sink-32");
        comes_true([] { return count_links("sink-32", ours) == 32; });
        on_all = count_links(ours, "sink-32") + count_links("sink-32", ours);
        in_order = is_linked(ours + "out_3", "sink-32:playback_AUX2") &&
                   is_linked(ours + "out_11", "sink-32:playback_AUX10") &&
                   is_linked("sink-32:monitor_AUX31", ours + "in_32");
        set_default("sink-2");
        on_two = comes_true(
            [] { return count_links("sink-2", ours) == 2 && count_links(ours, "sink") == 2; });
    }
    unsetenv("ASIOWIRE_OUTPUTS");
    unsetenv("ASIOWIRE_INPUTS");
    bool stereo = false;
    {
        const Run run(two, "sink-32"); // and a host with fewer than the device
        run.go_on();
        stereo =
            count_links(ours, "sink-32") == 2 && is_linked(ours + "out_2", "sink-32:playback_AUX1");
    }
    const std::string list = state.list();
    assert_int_equal(on_eight, 16);
    assert_int_equal(on_all, 64);
    assert_true(in_order);
    assert_true(on_two);
    assert_true(stereo);
    assert_string_equal(list.c_str(), ""); // none of that was the user's doing
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(links_stay_when_the_default_device_is_not_followed),
        cmocka_unit_test(
            a_device_to_stay_with_that_is_not_there_is_named_and_kept_for_another_time),
        cmocka_unit_test(channels_beyond_the_devices_wait_for_another_device),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
