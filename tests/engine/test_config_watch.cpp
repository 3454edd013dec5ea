// SPDX-License-Identifier: MIT
#include "tests/engine/configured.hpp"

#include "tests/cmocka.hpp"

// However configuration files come to be others: it is noticed, once.

using namespace engine_test;

namespace {

/// The ways in which a file comes to be another one; each from inputs = 4 to 6.
using Way = void (*)(const User& user);

bool reset_after(Way before, Way change)
{
    const User user;
    before(user);
    const Running running;
    if (!running.began) return false;
    change(user);
    const bool told = running.reset_told();
    wait_for_silence();
    if (told && running.resets() == 1) return true;
    print_error("%d resets; the log:\n%s", running.resets(), user.log().c_str());
    return false;
}

void nothing(const User&) {}

void a_folder_and_a_file_that_come_later_are_noticed(void**)
{
    assert_true(reset_after(nothing, [](const User& user) { user.set("asiowire.inputs = 6"); }));
    assert_true(reset_after([](const User& user) { fs::create_directories(user.folder()); },
                            [](const User& user) {
                                user.set("asiowire.inputs = 6", "asiowire.conf.d/1.conf");
                            }));
    assert_true(reset_after(nothing, [](const User& user) { // step by step
        fs::create_directories(user.root + "/xdg");
        std::this_thread::sleep_for(milliseconds(400));
        fs::create_directories(user.folder() / "asiowire.conf.d");
        std::this_thread::sleep_for(milliseconds(400));
        user.set("asiowire.inputs = 6", "asiowire.conf.d/1.conf");
    }));
}

void a_file_or_folder_that_goes_is_noticed(void**)
{
    const Way fragment = [](const User& user) {
        user.set("asiowire.inputs = 4", "asiowire.conf.d/1.conf");
    };
    assert_true(reset_after(
        fragment, [](const User& user) { fs::remove(user.folder() / "asiowire.conf.d/1.conf"); }));
    assert_true(reset_after(fragment, [](const User& user) {
        fs::rename(user.folder() / "asiowire.conf.d", user.folder() / "old.d");
    }));
    assert_true(
        reset_after(fragment, [](const User& user) { fs::remove_all(user.root + "/xdg"); }));
}

void the_target_of_a_link_is_noticed(void**)
{
    const Way link = [](const User& user) {
        std::ofstream(user.root + "/dotfile") << "asiowire.properties = { asiowire.inputs = 4 }";
        fs::create_directories(user.folder());
        fs::create_symlink(user.root + "/dotfile", user.folder() / "asiowire.conf");
    };
    assert_true(reset_after(link, [](const User& user) {
        std::ofstream(user.root + "/dotfile") << "asiowire.properties = { asiowire.inputs = 6 }";
    }));
    assert_true(reset_after(link, [](const User& user) {
        std::ofstream(user.root + "/new") << "asiowire.properties = { asiowire.inputs = 6 }";
        fs::rename(user.root + "/new", user.root + "/dotfile");
    }));
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_and_a_file_that_come_later_are_noticed),
        cmocka_unit_test(a_file_or_folder_that_goes_is_noticed),
        cmocka_unit_test(the_target_of_a_link_is_noticed),
    };
    use_devices("sink-8", "sink-8");
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
