// SPDX-License-Identifier: MIT
#include "pipewire/link_store.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/stat.h>
#include <thread>
#include <vector>

#include "tests/cmocka.hpp"
#include "tests/scratch.hpp"

// What a user has done to the links of an application: the list, its text, and the file it is kept
// in.

using namespace asiowire;
namespace fs = std::filesystem;

namespace {

const LinkName first{"out_1", "sink-8", "playback_AUX0"};
const LinkName other{"in_2", "somebody's \t \"node\" 100%\n", "näme"};

/// A user's folder for state, gone with the test.
class State {
    const scratch::Folder folder_{"/tmp/asiowire-state"};
    const scratch::Variable variable_{"XDG_STATE_HOME", folder_.path};

public:
    const std::string& root = folder_.path;
    ~State()
    {
        std::error_code ignored;
        fs::permissions(root + "/asiowire", fs::perms::owner_all, ignored);
    }
    std::string path(const std::string& name = "daw") const
    {
        return root + "/asiowire/" + name + ".links";
    }
    std::string text() const
    {
        std::ostringstream all;
        all << std::ifstream(path()).rdbuf();
        return all.str();
    }
    void save(const std::string& text) const
    {
        fs::create_directories(root + "/asiowire");
        std::ofstream(path()) << text;
    }
    std::vector<std::string> files() const
    {
        std::vector<std::string> names;
        if (fs::exists(root + "/asiowire"))
            for (const auto& entry : fs::directory_iterator(root + "/asiowire"))
                if (entry.path().filename() != ".lock") names.push_back(entry.path().filename());
        return names;
    }
};

LinkList edited()
{
    LinkList list;
    list.playback = "a sink";
    list.wanted = {other};
    list.left = {first};
    return list;
}

void a_link_made_by_hand_is_wanted_unless_the_rule_makes_it(void**)
{
    LinkList list;
    list.add(first, true);
    const bool nothing = list.empty();
    list.add(other, false);
    const bool wanted = list.wanted.contains(other) && list.left.empty();
    list.remove(other, false);
    const bool forgotten = list.empty();
    assert_true(nothing && wanted && forgotten);
}

void a_link_of_the_rule_that_is_unmade_is_left_until_it_is_made_by_hand(void**)
{
    LinkList list;
    list.remove(first, true);
    const bool left = list.left.contains(first);
    list.add(first, true);
    const bool back = list.empty();
    assert_true(left && back);
}

bool comes_back(const LinkList& list)
{
    const auto read = LinkList::from(list.text());
    return read && *read == list;
}

void the_text_of_a_list_means_that_list(void**)
{
    const bool all = comes_back(edited()) && comes_back({});
    const bool plain =
        edited().text().starts_with("asiowire-links-1\nplayback\ta sink\nwant\tin_2\t");
    assert_true(all && plain);
}

int understood(const std::vector<std::string>& texts)
{
    int count = 0;
    for (const std::string& text : texts)
        count += LinkList::from(text).has_value();
    return count;
}

void what_is_not_understood_is_refused_as_a_whole(void**)
{
    const std::string head = "asiowire-links-1\n";
    assert_int_equal(understood({"asiowire-links-2\n", "hello", "\n" + head, "asiowire-links-1x\n",
                                 head + "want\tout_1\tsink\n", head + "leave\n", head + "more\ta\n",
                                 head + "playback\n", head + "want\ta\tb\tc\td\n"}),
                     0);
    assert_int_equal(understood({head, head + "\n\n", head + "capture\tx\n", ""}), 4);
}

void an_applications_name_becomes_one_files_name(void**)
{
    const std::string longest = link_file_name(std::string(500, 'x'));
    const bool good = link_file_name("Ableton Live 12") == "Ableton Live 12.links" &&
                      link_file_name("../x") == "%2e.%2fx.links" && longest.size() <= 200 &&
                      longest != link_file_name(std::string(501, 'x')) &&
                      link_file_name("a/b") != link_file_name("a_b") &&
                      link_file_name("a%b") != link_file_name("a%25b");
    assert_true(good);
}

void a_change_is_kept_for_the_next_one_who_opens(void**)
{
    const State state;
    LinkStore store("daw");
    const bool nothing_yet = state.files().empty();
    store.change([](LinkList& list) { list = edited(); });
    const bool kept = LinkStore("daw").list() == edited();
    const bool alone = state.files() == std::vector<std::string>{"daw.links"};
    const bool other_one = LinkStore("other").list().empty();
    store.change([](LinkList& list) { list = {}; });
    const bool gone = state.files().empty();
    assert_true(nothing_yet && kept && alone && other_one && gone);
}

void two_who_have_it_open_change_one_list(void**)
{
    const State state;
    LinkStore one("daw");
    LinkStore two("daw");
    const auto many = [](LinkStore& store, const std::string& port) {
        for (int i = 0; i < 100; i++)
            store.change([link = LinkName{port + std::to_string(i), "node", "port"}](
                             LinkList& list) { list.add(link, false); });
    };
    std::thread beside([&] { many(two, "in_"); });
    many(one, "out_");
    beside.join();
    one.change([](LinkList&) {}); // what had to wait for the other one too long
    two.change([](LinkList&) {});
    const std::size_t kept = LinkStore("daw").list().wanted.size();
    const std::size_t known = one.list().wanted.size();
    assert_int_equal(kept, 200);
    assert_int_equal(known, 100); // what the other one did is for the next run
}

void another_versions_file_is_not_touched(void**)
{
    const State state;
    const std::string text = "asiowire-links-2\nsomething new\n";
    state.save(text);
    LinkStore store("daw");
    store.change([](LinkList& list) { list = edited(); });
    const bool for_this_run = store.list() == edited();
    const bool untouched = state.text() == text;
    assert_true(for_this_run && untouched);
}

void a_file_that_became_another_versions_meanwhile_is_not_touched(void**)
{
    const State state;
    LinkStore store("daw");
    const std::string text = "asiowire-links-2\n";
    state.save(text);
    store.change([](LinkList& list) { list = edited(); });
    const bool untouched = state.text() == text;
    assert_true(untouched);
}

void where_nothing_can_be_written_the_list_holds_for_the_run(void**)
{
    const State state;
    std::ofstream(state.root + "/asiowire") << "a file where the folder should be";
    LinkStore store("daw");
    store.change([](LinkList& list) { list = edited(); });
    const bool held = store.list() == edited();
    const scratch::Variable relative("XDG_STATE_HOME", "relative/path");
    const scratch::Variable homeless("HOME", "");
    LinkStore nowhere("daw");
    nowhere.change([](LinkList& list) { list = edited(); });
    const bool held_too = nowhere.list() == edited() && nowhere.path().empty();
    assert_true(held && held_too);
}

void what_could_not_be_written_is_written_with_the_next_change(void**)
{
    const State state;
    LinkStore store("daw");
    std::ofstream(state.root + "/asiowire") << "a file where the folder should be";
    store.change([](LinkList& list) { list.add(other, false); });
    fs::remove(state.root + "/asiowire");
    store.change([](LinkList& list) { list.remove(first, true); });
    const LinkList kept = LinkStore("daw").list();
    const bool both = kept.wanted.contains(other) && kept.left.contains(first);
    assert_true(both);
}

void without_a_state_folder_it_is_the_usual_one_at_home(void**)
{
    const State state;
    const scratch::Variable none("XDG_STATE_HOME", "");
    const scratch::Variable home("HOME", state.root);
    const std::string path = LinkStore("daw").path();
    const bool usual = path == state.root + "/.local/state/asiowire/daw.links";
    assert_true(usual);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_link_made_by_hand_is_wanted_unless_the_rule_makes_it),
        cmocka_unit_test(a_link_of_the_rule_that_is_unmade_is_left_until_it_is_made_by_hand),
        cmocka_unit_test(the_text_of_a_list_means_that_list),
        cmocka_unit_test(what_is_not_understood_is_refused_as_a_whole),
        cmocka_unit_test(an_applications_name_becomes_one_files_name),
        cmocka_unit_test(a_change_is_kept_for_the_next_one_who_opens),
        cmocka_unit_test(two_who_have_it_open_change_one_list),
        cmocka_unit_test(another_versions_file_is_not_touched),
        cmocka_unit_test(a_file_that_became_another_versions_meanwhile_is_not_touched),
        cmocka_unit_test(where_nothing_can_be_written_the_list_holds_for_the_run),
        cmocka_unit_test(what_could_not_be_written_is_written_with_the_next_change),
        cmocka_unit_test(without_a_state_folder_it_is_the_usual_one_at_home),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
