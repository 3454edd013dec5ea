// SPDX-License-Identifier: MIT
#include "pipewire/config_files.hpp"
#include "tests/unit/config_tree.hpp"

#include <deque>
#include <pipewire/pipewire.h>
#include <sys/stat.h>
#include <vector>

#include "tests/cmocka.hpp"

using namespace asiowire;
using config_test::Tree;

// Where files are looked for, and in which order: as PipeWire itself does it.

namespace {

using Paths = std::vector<std::string>;

/// Kept until the end, because a failed assertion jumps past destructors.
const Paths& keep(Paths paths)
{
    static std::deque<Paths> all;
    return all.emplace_back(std::move(paths));
}

/// What PipeWire's own loader reads, in its order.
Paths read_by_pipewire()
{
    pw_properties* const found = pw_properties_new(nullptr, nullptr);
    pw_conf_load_conf(nullptr, config_name, found);
    Paths paths;
    const spa_dict_item* item = nullptr;
    spa_dict_for_each(item, &found->dict)
    {
        const std::string key = item->key;
        if (key == "config.path" || (key.starts_with("override.") && key.ends_with(".config.path")))
            paths.emplace_back(item->value);
    }
    pw_properties_free(found);
    return paths;
}

Paths read_by_us()
{
    return config_files(ConfigFolders::from_environment());
}

void print(const char* who, const Paths& paths)
{
    for (const std::string& path : paths) print_error("%s: %s\n", who, path.c_str());
}

/// Whether both read the same files, at least so many.
bool same_as_pipewire(std::size_t at_least)
{
    const Paths ours = read_by_us();
    const Paths theirs = read_by_pipewire();
    if (ours == theirs && ours.size() >= at_least) return true;
    print("ours", ours);
    print("PipeWire's", theirs);
    return false;
}

bool users_folders()
{
    const Tree tree;
    tree.write("xdg/pipewire/asiowire.conf", "");
    tree.write("user/.config/pipewire/asiowire.conf", "");
    tree.write("xdg/pipewire/asiowire.conf.d/20-b.conf", "a = b");
    tree.write("xdg/pipewire/asiowire.conf.d/10-a.conf", "a = b");
    for (const char* name : {"100-c", "B", "a", "_", "9", "2-é", "Z-z", "z"})
        tree.write(std::string("xdg/pipewire/asiowire.conf.d/") + name + ".conf", "a = b");
    tree.write("xdg/pipewire/asiowire.conf.d/notes.txt", "a = b");
    tree.write("user/.config/pipewire/asiowire.conf.d/30-d.conf", "a = b");
    return same_as_pipewire(11);
}

bool without_xdg()
{
    const Tree tree;
    tree.write("user/.config/pipewire/asiowire.conf", "");
    tree.write("user/.config/pipewire/asiowire.conf.d/30-d.conf", "a = b");
    if (!same_as_pipewire(2)) return false; // the folder it names has nothing
    unsetenv("XDG_CONFIG_HOME");
    return same_as_pipewire(2);
}

bool with_a_folder_of_its_own()
{
    const Tree tree;
    tree.write("xdg/pipewire/asiowire.conf", "");
    tree.write("own/asiowire.conf", "");
    tree.write("own/asiowire.conf.d/1.conf", "a = b");
    setenv("PIPEWIRE_CONFIG_DIR", (tree.root + "/own").c_str(), 1);
    const bool same = same_as_pipewire(2);
    unsetenv("PIPEWIRE_CONFIG_DIR");
    return same;
}

void the_users_folders_are_searched_as_pipewire_does(void**)
{
    assert_true(users_folders());
    assert_true(without_xdg());
}

void pipewire_config_dir_alone_counts(void**)
{
    assert_true(with_a_folder_of_its_own());
}

Paths of_the_machine()
{
    const Tree tree;
    const ConfigFolders folders = {.users = {tree.root + "/xdg", tree.root + "/user"},
                                   .machines = {tree.root + "/etc", tree.root + "/share"}};
    tree.write("share/asiowire.conf", "");
    tree.write("etc/asiowire.conf", "");
    tree.write("share/asiowire.conf.d/2.conf", "");
    tree.write("etc/asiowire.conf.d/1.conf", "");
    tree.write("user/asiowire.conf.d/0.conf", "");
    Paths paths = config_files(folders);
    for (std::string& path : paths) path.erase(0, tree.root.size());
    return paths;
}

void the_most_specific_fragments_come_last(void**)
{
    assert_true(keep(of_the_machine()) == Paths({"/etc/asiowire.conf",
                                                 "/share/asiowire.conf.d/2.conf",
                                                 "/etc/asiowire.conf.d/1.conf",
                                                 "/user/asiowire.conf.d/0.conf"}));
}

Paths without_the_users()
{
    const Tree tree;
    tree.write("xdg/pipewire/asiowire.conf", "");
    setenv("PIPEWIRE_NO_CONFIG", "true", 1);
    Paths all = ConfigFolders::from_environment().all();
    unsetenv("PIPEWIRE_NO_CONFIG");
    return all;
}

void fragments_count_without_an_asiowire_conf(void**)
{
    const auto alone = [] {
        const Tree tree;
        tree.write("xdg/pipewire/asiowire.conf.d/1.conf", "");
        return read_by_us().size();
    };
    assert_int_equal(alone(), 1); // PipeWire's own loader would give up
}

void pipewire_no_config_leaves_the_installations_own(void**)
{
    assert_true(keep(without_the_users()) == Paths({"/usr/share/pipewire"}));
}

std::string why_unreadable(const char* kind)
{
    const Tree tree;
    const std::string path = tree.root + "/thing.conf";
    std::string text;
    if (kind == std::string("fifo")) mkfifo(path.c_str(), 0600);
    if (kind == std::string("folder")) tree.write("thing.conf/x", "");
    if (kind == std::string("large")) tree.write("thing.conf", std::string(2 << 20, '#'));
    if (kind == std::string("file")) tree.write("thing.conf", std::string(9999, '#'));
    const std::string why = read_file(path, text);
    return why.empty() && text.size() != 9999 ? "the text is not all there" : why;
}

void what_is_no_readable_file_is_said_and_never_waited_for(void**)
{
    assert_string_equal(keep({why_unreadable("fifo")})[0].c_str(), "is not a file");
    assert_string_equal(keep({why_unreadable("folder")})[0].c_str(), "is not a file");
    assert_string_equal(keep({why_unreadable("large")})[0].c_str(), "is larger than 1 MiB");
    assert_string_equal(keep({why_unreadable("missing")})[0].c_str(),
                        "cannot be read (No such file or directory)");
    assert_string_equal(keep({why_unreadable("file")})[0].c_str(), "");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_users_folders_are_searched_as_pipewire_does),
        cmocka_unit_test(pipewire_config_dir_alone_counts),
        cmocka_unit_test(the_most_specific_fragments_come_last),
        cmocka_unit_test(fragments_count_without_an_asiowire_conf),
        cmocka_unit_test(pipewire_no_config_leaves_the_installations_own),
        cmocka_unit_test(what_is_no_readable_file_is_said_and_never_waited_for),
    };
    pw_init(nullptr, nullptr);
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
