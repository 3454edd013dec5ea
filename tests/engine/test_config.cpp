// SPDX-License-Identifier: MIT
#include "tests/engine/configured.hpp"

#include "tests/cmocka.hpp"

// Configuration that changes while a host runs: what is taken over in silence, and what asks for one
// reset.

using namespace engine_test;
using asiowire::SampleType;

namespace {

using Clock = std::chrono::steady_clock;

struct Story {
    bool began = false;
    bool fair = false;    // the machine let the test do what it says
    bool noticed = false; // what the test waited for
    int resets = -1;
    bool goes_on = false;
    std::uint64_t value = 0;
    std::string told;
};

Story told_by(const Running& running)
{
    return {.began = running.began, .resets = running.resets(), .goes_on = running.goes_on()};
}

Story open_with_files()
{
    const User user;
    user.set("asiowire.inputs = 4 asiowire.nonsense = 1");
    user.set("asiowire.block = 128", "asiowire.conf.d/50-block.conf");
    user.save(R"(asiowire.rules = [ {
        matches = [ { application.process.binary = "~engine-.*" } ]
        actions = { update-props = { asiowire.outputs = 6 } } } ])", "asiowire.conf.d/60-rule.conf");
    Story story;
    const auto engine = open_engine(story.told);
    if (!engine) return story;
    const Engine::Device device = engine->device();
    story.noticed = device.inputs == 4 && device.outputs == 6 && device.preferred_block == 128;
    return story;
}

void the_files_are_in_force_when_the_driver_is_opened(void**)
{
    const Story story = open_with_files();
    const bool told = story.told.ends_with("/asiowire.conf: asiowire.nonsense is unknown");
    if (!told) print_error("told: %s\n", story.told.c_str());
    assert_true(story.noticed);
    assert_true(told);
}

Story change_what_is_live()
{
    const User user;
    user.set("");
    const Running running;
    user.set("asiowire.watchdog-ms = 5000 asiowire.block = 512");
    wait_until([&] { return running.notices->count(Engine::Event::block_changed) > 0; });
    wait_for_silence();
    Story story = told_by(running);
    story.value = running.notices->last(Engine::Event::block_changed);
    story.noticed = user.logs("asiowire.block, asiowire.watchdog-ms; nothing to reset");
    return story;
}

void what_is_live_is_taken_over_without_a_reset(void**)
{
    const Story story = change_what_is_live();
    assert_true(story.began && story.noticed && story.goes_on);
    assert_int_equal(story.value, 512);
    assert_int_equal(story.resets, 0);
}

bool sleep_once(Host& host, const Block&)
{
    if (host.blocks == 200) std::this_thread::sleep_for(milliseconds(300));
    return true;
}

std::uint64_t hangs_after(const char* limit)
{
    const User user;
    user.set("asiowire.watchdog-ms = 100");
    std::string message;
    const auto engine = open_engine(message);
    if (!engine) return 99;
    Host host(*engine, {.block = 256, .inputs = 0x3, .outputs = 0x3});
    host.hook = sleep_once;
    if (host.start() != Status::ok) return 99;
    user.set(limit);
    if (!user.logs("the configuration has changed: asiowire.watchdog-ms")) return 98;
    if (host.blocks >= 200) return 97; // too late to tell
    host.wait_for_blocks(220);
    return engine->status(0).hangs;
}

void a_new_watchdog_limit_holds_at_once(void**)
{
    std::uint64_t hangs = 97;
    for (int i = 0; i < 5 && hangs == 97; i++) hangs = hangs_after("asiowire.watchdog-ms = 2000");
    assert_int_equal(hangs, 0);
    hangs = 97;
    for (int i = 0; i < 5 && hangs == 97; i++) hangs = hangs_after("asiowire.watchdog-ms = 150");
    assert_int_equal(hangs, 1);
}

Story change_what_needs_a_reset()
{
    const User user;
    user.set("");
    Story story;
    {
        const Running running;
        Clock::duration longest{};
        for (int i = 0; i < 20; i++) { // a burst
            const auto begin = Clock::now();
            user.overwrite(i % 2 == 0 ? "" : "asiowire.sample-type = int24 asiowire.inputs = 4");
            std::this_thread::sleep_for(milliseconds(10));
            longest = std::max(longest, Clock::now() - begin);
        }
        story.fair = longest < milliseconds(100);
        story.noticed = running.reset_told();
        wait_for_silence();
        const Story before = story;
        story = told_by(running);
        story.fair = before.fair;
        story.noticed = before.noticed && running.engine->settings().sample_type == SampleType::float32;
    }
    if (const auto engine = open_engine(story.told)) // as a host does that resets
        story.value = engine->settings().sample_type == SampleType::int24 &&
                      engine->device().inputs == 4;
    return story;
}

void a_burst_of_changes_asks_for_one_reset_and_then_is_in_force(void**)
{
    Story story;
    for (int i = 0; i < 5 && !story.fair; i++) story = change_what_needs_a_reset();
    if (!story.fair) print_message("the machine made pauses in every burst\n");
    assert_true(story.began && story.noticed && story.goes_on);
    assert_int_equal(story.resets, 1);
    assert_true(story.value);
}

Story change_nothing_that_counts()
{
    const User user;
    user.set("asiowire.schedule = synchronous");
    const Running running;
    user.save("# a remark\nasiowire.properties = { asiowire.schedule = \"synchronous\" }");
    user.set("", "asiowire.conf.d/10-nothing.conf");
    user.save("asiowire.rules = [ { matches = [ { application.name = another } ] actions = { "
              "update-props = { asiowire.schedule = buffered } } } ]",
              "asiowire.conf.d/20-another.conf");
    user.set("asiowire.inputs = 8", "pipewire.conf");
    wait_for_silence();
    Story story = told_by(running);
    story.noticed = user.log().contains("has changed");
    return story;
}

void what_does_not_concern_the_program_asks_for_nothing(void**)
{
    const Story story = change_nothing_that_counts();
    assert_true(story.began && story.goes_on);
    assert_false(story.noticed);
    assert_int_equal(story.resets, 0);
}

Story override_by_environment()
{
    const User user;
    setenv("ASIOWIRE_SCHEDULE", "synchronous", 1);
    const Running running;
    user.set("asiowire.schedule = buffered");
    wait_for_silence();
    unsetenv("ASIOWIRE_SCHEDULE");
    return told_by(running);
}

void what_the_environment_overrides_asks_for_nothing(void**)
{
    const Story story = override_by_environment();
    assert_true(story.began && story.goes_on);
    assert_int_equal(story.resets, 0);
}

Story break_the_file()
{
    const User user;
    user.set("asiowire.inputs = 4 asiowire.watchdog-ms = 400");
    const Running running;
    user.save("asiowire.properties = { asiowire.inputs = 6");
    Story story;
    const bool said = user.logs("a { is never closed; the file is not used") &&
                      user.logs("the settings stay as they were");
    wait_for_silence();
    const int resets = running.resets();
    user.set("asiowire.inputs = 4 asiowire.watchdog-ms = 400 # mended");
    wait_for_silence();
    story = told_by(running);
    story.noticed = said && resets == 0 && !user.log().contains("has changed");
    return story;
}

void a_broken_file_leaves_the_last_good_values_and_says_so(void**)
{
    const Story story = break_the_file();
    assert_true(story.began && story.noticed && story.goes_on);
    assert_int_equal(story.resets, 0);
}

Story take_it_back()
{
    const User user;
    user.set("asiowire.inputs = 4");
    const Running running;
    user.set("asiowire.inputs = 6");
    const bool noticed = running.reset_told();
    user.set("asiowire.inputs = 4");
    wait_for_silence();
    Story story = told_by(running);
    story.noticed = noticed;
    return story;
}

void a_change_taken_back_asks_for_no_second_reset(void**)
{
    const Story story = take_it_back();
    assert_true(story.began && story.noticed && story.goes_on);
    assert_int_equal(story.resets, 1);
}

Story change_while_stopped()
{
    const User user;
    user.set("");
    Story story;
    Running running;
    if (!running.began) return story;
    running.host->stop();
    user.set("asiowire.inputs = 4");
    user.logs("the host is asked to reset");
    wait_for_silence();
    const int before = running.resets();
    const std::uint64_t blocks = running.host->blocks;
    const bool again = running.host->start() == Status::ok &&
                       running.host->wait_for_blocks(blocks + 20);
    const bool told = running.reset_told();
    story = told_by(running);
    story.noticed = before == 0 && again && told;
    return story;
}

void a_change_while_stopped_is_told_once_the_host_runs(void**)
{
    const Story story = change_while_stopped();
    assert_true(story.began && story.noticed);
    assert_int_equal(story.resets, 1);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_files_are_in_force_when_the_driver_is_opened),
        cmocka_unit_test(what_is_live_is_taken_over_without_a_reset),
        cmocka_unit_test(a_new_watchdog_limit_holds_at_once),
        cmocka_unit_test(a_burst_of_changes_asks_for_one_reset_and_then_is_in_force),
        cmocka_unit_test(what_does_not_concern_the_program_asks_for_nothing),
        cmocka_unit_test(what_the_environment_overrides_asks_for_nothing),
        cmocka_unit_test(a_broken_file_leaves_the_last_good_values_and_says_so),
        cmocka_unit_test(a_change_taken_back_asks_for_no_second_reset),
        cmocka_unit_test(a_change_while_stopped_is_told_once_the_host_runs),
    };
    use_devices("sink-8", "sink-8");
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
