// SPDX-License-Identifier: MIT
#include "tests/engine/hot_sink.hpp"
#include "tests/engine/linked_run.hpp"
#include "tests/engine/notices.hpp"

#include <csignal>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/cmocka.hpp"

// What a user makes and unmakes of an application's links by hand, and that it is so again in the
// next run. Judged by pw-link and by the file that is kept.

using namespace engine_test;

namespace {

const std::string on_8 = "sink-8:playback_";

bool unlink_the_second(const StateFolder& state)
{
    const Run run;
    return run.good && unlink_by_hand(ours + "out_2", on_8 + "AUX1") &&
           state.keeps("leave\tout_2\tsink-8\tplayback_AUX1\n");
}

bool second_is_linked_in_the_next_run()
{
    const Run run;
    run.go_on();
    return is_linked(ours + "out_2", on_8 + "AUX1");
}

void a_link_unmade_by_hand_stays_unmade_in_the_next_run(void**)
{
    const StateFolder state;
    const bool kept = unlink_the_second(state);
    bool alone = false;
    bool back = false;
    {
        const Run run;
        run.go_on();
        alone = run.good && !is_linked(ours + "out_2", on_8 + "AUX1") &&
                is_linked(ours + "out_1", on_8 + "AUX0") &&
                count_links("sink-8:monitor", ours) == 2;
        link_by_hand(ours + "out_2", on_8 + "AUX1");
        back = state.keeps("");
    }
    const bool linked = second_is_linked_in_the_next_run();
    assert_true(kept);
    assert_true(alone);
    assert_true(back); // making it by hand takes the unmaking back
    assert_true(linked);
}

void an_input_unmade_by_hand_stays_unmade_in_the_next_run(void**)
{
    const StateFolder state;
    bool kept = false;
    {
        const Run run;
        kept = unlink_by_hand("sink-8:monitor_AUX0", ours + "in_1") &&
               state.keeps("leave\tin_1\tsink-8\tmonitor_AUX0\n");
    }
    const Run run;
    run.go_on();
    const bool alone = !is_linked("sink-8:monitor_AUX0", ours + "in_1") &&
                       is_linked("sink-8:monitor_AUX1", ours + "in_2");
    assert_true(kept);
    assert_true(alone);
}

void a_link_made_by_hand_is_made_again_in_the_next_run(void**)
{
    const StateFolder state;
    bool kept = false;
    {
        const Run run;
        kept = link_by_hand(ours + "out_1", "sink-32:playback_AUX7") &&
               link_by_hand("sink-32:monitor_AUX9", ours + "in_2") &&
               state.keeps("want\tin_2\tsink-32\tmonitor_AUX9\n"
                           "want\tout_1\tsink-32\tplayback_AUX7\n");
    }
    bool again = false;
    bool forgotten = false;
    {
        const Run run;
        run.go_on();
        again = is_linked(ours + "out_1", "sink-32:playback_AUX7") &&
                is_linked("sink-32:monitor_AUX9", ours + "in_2") &&
                is_linked(ours + "out_1", on_8 + "AUX0");
        unlink_by_hand(ours + "out_1", "sink-32:playback_AUX7");
        forgotten = state.keeps("want\tin_2\tsink-32\tmonitor_AUX9\n");
    }
    assert_true(kept);
    assert_true(again);
    assert_true(forgotten);
}

void a_link_made_by_hand_is_made_again_when_its_port_appears(void**)
{
    const StateFolder state;
    HotSink sink("hot-4", 4);
    sink.plug();
    bool kept = false;
    bool in_the_same_run = false;
    {
        const Run run;
        kept = link_by_hand(ours + "out_1", "hot-4:playback_AUX3") &&
               state.keeps("want\tout_1\thot-4\tplayback_AUX3\n");
        sink.unplug();
        run.go_on(8);
        sink.plug();
        in_the_same_run =
            comes_true([] { return is_linked(ours + "out_1", "hot-4:playback_AUX3"); });
    }
    sink.unplug();
    const Run run;
    run.go_on(8);
    sink.plug();
    const bool in_the_next =
        comes_true([] { return is_linked(ours + "out_1", "hot-4:playback_AUX3"); });
    assert_true(kept);
    assert_true(in_the_same_run);
    assert_true(in_the_next);
}

/// Links two ports and holds the link as long as it lives, as a session manager does.
bool hold_link_for_a_while(const Run& run)
{
    std::string why;
    const auto opened = asiowire::Connection::open("session manager", why);
    if (!opened) return false;
    asiowire::Connection& connection = **opened;
    const asiowire::LoopLock lock(connection.loop());
    const asiowire::Graph graph(connection);
    const std::uint32_t from = graph.node_named("engine-test");
    const std::uint32_t to = graph.node_named("sink-32");
    pw_properties* const properties = pw_properties_new(nullptr, nullptr);
    const auto set = [&](const char* key, std::uint32_t id) {
        pw_properties_setf(properties, key, "%u", id);
    };
    set(PW_KEY_LINK_OUTPUT_NODE, from);
    set(PW_KEY_LINK_OUTPUT_PORT, graph.port_named(from, asiowire::Direction::out, "out_1"));
    set(PW_KEY_LINK_INPUT_NODE, to);
    set(PW_KEY_LINK_INPUT_PORT, graph.port_named(to, asiowire::Direction::in, "playback_AUX5"));
    const asiowire::Proxy link(static_cast<pw_proxy*>(
        pw_core_create_object(connection.core(), "link-factory", PW_TYPE_INTERFACE_Link,
                              PW_VERSION_LINK, &properties->dict, 0)));
    pw_properties_free(properties);
    connection.round_trip();
    run.go_on(20);
    return is_linked(ours + "out_1", "sink-32:playback_AUX5");
}

void what_another_program_links_for_itself_is_not_remembered(void**)
{
    const StateFolder state;
    bool made = false;
    bool gone = false;
    std::string list = "nothing";
    {
        const Run run;
        made = hold_link_for_a_while(run);
        gone = comes_true([] { return !is_linked(ours + "out_1", "sink-32:playback_AUX5"); });
        run.go_on();
        list = state.list();
    }
    assert_true(made && gone);
    assert_string_equal(list.c_str(), "");
}

bool destroy_our_node()
{
    return std::system("pw-cli destroy $(pw-cli ls Node | tr -d '\\n' | sed 's/\\tid /\\n/g' | "
                       "grep '\"engine-test\"' | cut -d, -f1) >/dev/null 2>&1") == 0;
}

bool hang_once(Host& host, const Block&)
{
    if (host.blocks == 30) std::this_thread::sleep_for(milliseconds(250));
    return true;
}

void the_drivers_own_comings_and_goings_are_no_edits(void**)
{
    const StateFolder state;
    std::string list = "nothing";
    bool destroyed = false;
    {
        for (int i = 0; i < 3; i++) {
            const Run run(all_32, "sink-32");
            run.go_on(20);
        }
        HotSink sink("hot-8", 8);
        sink.plug();
        const Run run(eight, "hot-8");
        for (int i = 0; i < 6; i++) {
            sink.unplug();
            if (i % 2 == 0) run.go_on(8); // else its numbers are given anew at once
            sink.plug();
            run.go_on(8);
        }
        destroyed = destroy_our_node();
        run.go_on(40);
        std::string message;
        use_devices("sink-8", "sink-8");
        const auto engine = open_engine(message);
        Host hanging(*engine, {.block = 256, .inputs = eight, .outputs = eight});
        hanging.hook = hang_once; // its node is taken away
        hanging.start();
        hanging.wait_for_blocks(120);
        use_devices(nullptr, nullptr);
        list = state.list();
    }
    assert_string_equal(list.c_str(), "");
    assert_true(destroyed);
}

void a_hundred_rounds_of_hot_plug_keep_the_list(void**)
{
    const StateFolder state;
    HotSink sink("hot-8", 8);
    sink.plug();
    const std::string wanted = "want\tout_1\tsink-32\tplayback_AUX7\n"
                               "leave\tout_2\thot-8\tplayback_AUX1\n";
    int links = 0;
    bool kept = false;
    {
        const Run run(eight, "hot-8");
        kept = link_by_hand(ours + "out_1", "sink-32:playback_AUX7") &&
               unlink_by_hand(ours + "out_2", "hot-8:playback_AUX1") && state.keeps(wanted);
        for (unsigned round = 0; round < number_from("ASIOWIRE_STORM_PLUGS", 100); round++) {
            sink.unplug();
            if (round % 3 != 0) run.go_on(2);
            sink.plug();
            run.go_on(2);
        }
        comes_true([] { return count_links("hot-8", ours) == 8; });
        run.go_on();
        links = count_links(ours, "hot-8");
    }
    const std::string list = state.list();
    bool next = false;
    {
        const Run run(eight, "hot-8");
        run.go_on();
        next = count_links(ours, "hot-8") == 7 && count_links("hot-8", ours) == 8 &&
               is_linked(ours + "out_1", "sink-32:playback_AUX7");
    }
    assert_true(kept);
    assert_int_equal(links, 7);
    assert_string_equal(list.c_str(), wanted.c_str());
    assert_true(next);
}

/// A client that is there and does not answer: links to it are never ready.
class Hanging {
public:
    Hanging()
    {
        pid_ = fork();
        if (pid_ == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            execl("./rig-loop_probe", "rig-loop_probe", "1", "60", "0", nullptr);
            _exit(127);
        }
        there =
            comes_true([] { return std::system("pw-link -i | grep -q '^loop-probe:in_1'") == 0; });
        if (pid_ > 0) kill(pid_, SIGSTOP);
    }
    ~Hanging()
    {
        if (pid_ <= 0) return;
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
    Hanging(const Hanging&) = delete;
    Hanging& operator=(const Hanging&) = delete;

    bool there = false;

private:
    pid_t pid_ = -1;
};

void a_link_to_a_node_that_hangs_holds_up_no_other(void**)
{
    bool linked = false;
    bool others = false;
    {
        const StateFolder state;
        state.save("asiowire-links-1\nwant\tout_1\tloop-probe\tin_1\n");
        const Hanging other;
        const Run run;
        linked = other.there &&
                 comes_true([] { return is_linked(ours + "out_1", "loop-probe:in_1"); });
        others = comes_true([] { return count_links("sink-8:monitor", ours) == 2; });
    }
    assert_true(linked);
    assert_true(others);
}

void another_versions_list_is_not_touched_and_edits_hold_for_the_run(void**)
{
    const StateFolder state;
    state.save("asiowire-links-9\nwho knows\n");
    bool holds = false;
    {
        const Run run;
        unlink_by_hand(ours + "out_2", on_8 + "AUX1");
        run.go_on(100);
        holds = run.good && !is_linked(ours + "out_2", on_8 + "AUX1") &&
                is_linked(ours + "out_1", on_8 + "AUX0");
    }
    const std::string list = state.list();
    assert_true(holds);
    assert_string_equal(list.c_str(), "who knows\n");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_link_unmade_by_hand_stays_unmade_in_the_next_run),
        cmocka_unit_test(an_input_unmade_by_hand_stays_unmade_in_the_next_run),
        cmocka_unit_test(a_link_made_by_hand_is_made_again_in_the_next_run),
        cmocka_unit_test(a_link_made_by_hand_is_made_again_when_its_port_appears),
        cmocka_unit_test(what_another_program_links_for_itself_is_not_remembered),
        cmocka_unit_test(the_drivers_own_comings_and_goings_are_no_edits),
        cmocka_unit_test(a_hundred_rounds_of_hot_plug_keep_the_list),
        cmocka_unit_test(a_link_to_a_node_that_hangs_holds_up_no_other),
        cmocka_unit_test(another_versions_list_is_not_touched_and_edits_hold_for_the_run),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
