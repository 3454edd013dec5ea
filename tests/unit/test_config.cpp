// SPDX-License-Identifier: MIT
#include "pipewire/config.hpp"
#include "tests/unit/config_tree.hpp"

#include <cstring>
#include <deque>
#include <set>

#include "tests/cmocka.hpp"

using namespace asiowire;
using config_test::Tree;

// What files, fragments, rules and the environment say together.

namespace {

struct File {
    const char* path; // below the user's folder
    const char* text;
};

constexpr char base[] = "asiowire.conf";
constexpr char first[] = "asiowire.conf.d/10-first.conf";
constexpr char second[] = "asiowire.conf.d/20-second.conf";

/// What these files say for a program. Kept until the end, because a failed assertion jumps past
/// destructors.
const Config& read(const std::vector<File>& files, const char* program = "Live")
{
    const Tree tree;
    const ConfigFolders folders = {.users = {tree.root + "/user/conf"}, .machines = {}};
    for (const File& file : files) tree.write(std::string("user/conf/") + file.path, file.text);
    static std::deque<Config> all;
    return all.emplace_back(Config::read(program, folders));
}

bool silent(const Config& config)
{
    for (const std::string& remark : config.settings.remarks)
        print_error("said: %s\n", remark.c_str());
    return config.settings.remarks.empty() && config.sound;
}

/// Whether this is said first, and nothing else.
bool said(const Config& config, const char* sentence)
{
    if (config.settings.remarks == std::vector<std::string>{sentence}) return true;
    print_error("instead of: %s\n", sentence);
    static_cast<void>(silent(config));
    return false;
}

void without_files_everything_has_its_default(void**)
{
    const Config& config = read({});
    assert_true(silent(config));
    assert_true(differences(config.settings, Settings()).empty());
}

void every_key_is_taken_from_a_file(void**)
{
    const Config& config = read({{base, R"(asiowire.properties = {
        asiowire.playback     = "alsa_output.usb X32"
        asiowire.capture      = mic
        asiowire.follow-default = false
        asiowire.inputs       = 2
        asiowire.outputs      = 64
        asiowire.block        = 480
        asiowire.fixed-block  = true
        asiowire.sample-type  = int24
        asiowire.schedule     = buffered
        asiowire.watchdog-ms  = 250
        asiowire.rt           = on
        asiowire.rt-priority  = 0
        asiowire.affinity     = "1,3"
        asiowire.pin          = true
        asiowire.log          = "/tmp/a log"
        asiowire.hand-off     = 1
        asiowire.record.inputs    = "1-8,31"
        asiowire.record.outputs   = none
        asiowire.record.folder    = "/tmp/my takes"
        asiowire.record.automatic = true
        asiowire.record.preroll   = 30
        asiowire.record.poly      = true
        asiowire.record.rotate    = 1800
        asiowire.record.hooks     = true
    })"}});
    assert_true(silent(config));
    const Settings& settings = config.settings;
    assert_string_equal(settings.playback.c_str(), "alsa_output.usb X32");
    assert_string_equal(settings.capture.c_str(), "mic");
    assert_false(settings.follow_default);
    assert_true(settings.inputs == 2 && settings.outputs == 64 && settings.block == 480);
    assert_true(settings.fixed_block && settings.sample_type == SampleType::int24);
    assert_true(settings.schedule == Schedule::buffered && settings.watchdog_ms == 250);
    assert_true(settings.rt == Realtime::on && settings.priority == 0 && settings.pin && settings.hand_off);
    assert_true((settings.processors == std::vector<int>{1, 3}));
    assert_string_equal(settings.log.c_str(), "/tmp/a log");
    assert_string_equal(settings.record_inputs.c_str(), "1-8,31");
    assert_string_equal(settings.record_outputs.c_str(), "none");
    assert_string_equal(settings.record_folder.c_str(), "/tmp/my takes");
    assert_true(settings.record_automatic && settings.record_poly && settings.record_hooks);
    assert_true(settings.record_preroll == 30 && settings.record_rotate == 1800);
    assert_int_equal(differences(settings, Settings()).size(), setting_keys().size());
}

void later_fragments_win_key_by_key(void**)
{
    const Config& config = read({
        {base, "asiowire.properties = { asiowire.block = 64 asiowire.inputs = 4 }"},
        {second, "asiowire.properties = { asiowire.block = 256 }"},
        {first, "asiowire.properties = { asiowire.block = 128 asiowire.outputs = 6 }"},
    });
    assert_true(silent(config));
    assert_int_equal(config.settings.block, 256);
    assert_int_equal(config.settings.inputs, 4);
    assert_int_equal(config.settings.outputs, 6);
}

void null_takes_back_what_a_less_specific_file_said(void**)
{
    const Config& config = read({
        {base, "asiowire.properties = { asiowire.block = 64 asiowire.inputs = 4 }"},
        {first, "asiowire.properties = { asiowire.block = null }"},
    });
    assert_true(silent(config));
    assert_true(config.settings.block == 0 && config.settings.inputs == 4);
}

constexpr char rules[] = R"(
    asiowire.properties = { asiowire.block = 64 asiowire.inputs = 4 }
    asiowire.rules = [
        {
            matches = [ { application.process.binary = "~Ableton.*" } { application.name = reaper } ]
            actions = { update-props = { asiowire.block = 256, asiowire.schedule = buffered } }
        }
        {
            matches = [ { application.process.binary = "~^(reaper|My.*)$" } ]
            actions = { update-props = { asiowire.outputs = 8 } }
        }
    ])";

void rules_apply_to_the_programs_they_match(void**)
{
    const Config& live = read({{base, rules}}, "Ableton Live 11 Suite");
    const Config& reaper = read({{base, rules}}, "reaper");
    const Config& other = read({{base, rules}}, "My Cubase");
    assert_true(silent(live) && silent(reaper) && silent(other));
    assert_true(live.settings.block == 256 && live.settings.schedule == Schedule::buffered);
    assert_true(live.settings.outputs == 0 && live.settings.inputs == 4);
    assert_true(reaper.settings.block == 256 && reaper.settings.outputs == 8);
    assert_true(other.settings.block == 64 && other.settings.outputs == 8);
    assert_true(other.settings.schedule == Schedule::synchronous);
}

void a_rule_wins_over_properties_and_a_later_rule_over_an_earlier(void**)
{
    const Config& config = read({
        {base, "asiowire.rules = [ { matches = [ { application.name = Live } ] "
               "actions = { update-props = { asiowire.block = 512 asiowire.inputs = 8 } } } ]"},
        {first, "asiowire.properties = { asiowire.block = 64 }"},
        {second, "asiowire.rules = [ { matches = [ { application.name = Live } ] "
                 "actions = { update-props = { asiowire.inputs = 6 } } } ]"},
    });
    assert_true(silent(config));
    assert_int_equal(config.settings.block, 512);
    assert_int_equal(config.settings.inputs, 6);
}

void the_environment_wins_over_files(void**)
{
    setenv("ASIOWIRE_BLOCK", "1024", 1);
    const Config& good = read({{base, "asiowire.properties = { asiowire.block = 64 }"}});
    setenv("ASIOWIRE_BLOCK", "many", 1);
    const Config& bad = read({{base, "asiowire.properties = { asiowire.block = 64 }"}});
    setenv("ASIOWIRE_BLOCK", "", 1);
    const Config& blank = read({{base, "asiowire.properties = { asiowire.block = 64 }"}});
    unsetenv("ASIOWIRE_BLOCK");
    assert_true(silent(good) && silent(blank));
    assert_int_equal(good.settings.block, 1024);
    assert_int_equal(blank.settings.block, 64);
    assert_int_equal(bad.settings.block, 64);
    assert_true(said(bad, "ASIOWIRE_BLOCK=many is not within 16…8192; using 64"));
    assert_string_equal(good.settings.named_by.at("asiowire.block").c_str(), "ASIOWIRE_BLOCK");
}

void an_unknown_key_is_named_with_its_file(void**)
{
    const Config& config =
        read({{base, "asiowire.properties = { asiowire.blok = 64 asiowire.inputs = 4 }"}});
    assert_true(said(config, "~/conf/asiowire.conf: asiowire.blok is unknown"));
    assert_int_equal(config.settings.inputs, 4);
}

void a_bad_value_is_named_and_the_less_specific_one_used(void**)
{
    const Config& alone = read({{base, "asiowire.properties = { asiowire.block = 7 }"}});
    const Config& above = read({
        {base, "asiowire.properties = { asiowire.block = 64 }"},
        {first, "asiowire.properties = { asiowire.block = 64.5 }"},
        {second, "asiowire.properties = { asiowire.schedule = [ 1 ] }"},
    });
    assert_true(said(alone, "~/conf/asiowire.conf: asiowire.block = 7 is not within 16…8192; "
                            "using the graph's quantum"));
    assert_int_equal(alone.settings.block, 0);
    assert_int_equal(above.settings.block, 64);
    assert_int_equal(above.settings.remarks.size(), 2);
    assert_string_equal(above.settings.remarks[0].c_str(),
                        "~/conf/asiowire.conf.d/10-first.conf: asiowire.block = 64.5 is not "
                        "within 16…8192; using 64");
}

void sections_and_actions_that_nobody_knows_are_named(void**)
{
    assert_true(said(read({{base, "asiowire.propertys = { }"}}),
                     "~/conf/asiowire.conf: the section asiowire.propertys is unknown"));
    assert_true(said(read({{base, "asiowire.properties = [ ]"}}),
                     "~/conf/asiowire.conf: the section asiowire.properties is not within { }"));
    assert_true(said(read({{base, "asiowire.rules = { }"}}),
                     "~/conf/asiowire.conf: the section asiowire.rules is not within [ ]"));
    assert_true(said(read({{base, "asiowire.rules = [ { matches = [ { application.name = Live } ] "
                                  "actions = { quiet = true } } ]"}}),
                     "~/conf/asiowire.conf: the action quiet is unknown; update-props is"));
}

void a_broken_file_is_left_out_and_the_others_count(void**)
{
    const Config& config = read({
        {base, "asiowire.properties = { asiowire.block = 64 }"},
        {first, "asiowire.properties = {\n asiowire.block = 128\n asiowire.inputs = 4\n"},
        {second, "asiowire.properties = { asiowire.outputs = 8 }"},
    });
    assert_false(config.sound);
    assert_int_equal(config.settings.remarks.size(), 1);
    assert_non_null(strstr(config.settings.remarks[0].c_str(),
                           "10-first.conf: line 1: a { is never closed; the file is not used"));
    assert_true(config.settings.block == 64 && config.settings.inputs == 0);
    assert_int_equal(config.settings.outputs, 8);
}

/// What the host reads of a remark says where to look, however long path and value are.
bool place_is_in_what_hosts_read()
{
    const std::string deep = "asiowire.conf.d/" + std::string(200, 'x') + "-live.conf";
    const std::string text =
        "asiowire.properties = { asiowire.sample-type = " + std::string(300, 'y') + " }";
    const Config& config = read({{deep.c_str(), text.c_str()}});
    if (config.settings.remarks.size() != 1) return false;
    const std::string read_by_hosts = config.settings.remarks[0].substr(0, 123);
    return read_by_hosts.contains("-live.conf: asiowire.sample-type = yyy") &&
           read_by_hosts.contains("is none of float32");
}

void hosts_are_told_file_and_key_first(void**)
{
    assert_true(place_is_in_what_hosts_read());
}

/// Keys that the default file explains, each in a line like "#asiowire.block = 256".
std::multiset<std::string> documented(const std::string& text)
{
    std::multiset<std::string> keys;
    for (std::size_t at = text.find("#asiowire."); at != std::string::npos;
         at = text.find("#asiowire.", at + 1))
        keys.insert(text.substr(at + 1, text.find_first_of(" =", at) - at - 1));
    keys.erase("asiowire.rules");
    return keys;
}

struct DefaultFile {
    bool says_nothing = false; // as it comes
    bool complete = false;     // every key once, and no other
    bool examples_hold = false; // with every # before a key or a rule taken away
};

DefaultFile look_at_default_file()
{
    std::string text;
    if (!read_file(ASIOWIRE_SOURCE "/pipewire/asiowire.conf", text).empty()) return {};
    DefaultFile looked;
    const Config& as_it_comes = read({{base, text.c_str()}});
    looked.says_nothing =
        silent(as_it_comes) && differences(as_it_comes.settings, Settings()).empty();
    std::multiset<std::string> table;
    for (const SettingKey& key : setting_keys()) table.insert(key.name);
    looked.complete = documented(text) == table;
    constexpr std::string_view mark = "\n    #";
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
        const char* const behind = text.c_str() + at + mark.size();
        const bool prose = behind[0] == ' ' && behind[1] != ' ';
        if (!prose) text[at + mark.size() - 1] = ' ';
    }
    const Config& uncommented = read({{base, text.c_str()}}, "Ableton Live 11 Suite");
    looked.examples_hold = silent(uncommented) && uncommented.settings.named_by.size() ==
                                                      setting_keys().size();
    return looked;
}

void the_default_file_explains_every_key_and_sets_none(void**)
{
    const DefaultFile looked = look_at_default_file();
    assert_true(looked.says_nothing);
    assert_true(looked.complete);
    assert_true(looked.examples_hold);
}

} // namespace

int main()
{
    for (const SettingKey& key : setting_keys()) unsetenv(key.variable().c_str());
    const CMUnitTest tests[] = {
        cmocka_unit_test(without_files_everything_has_its_default),
        cmocka_unit_test(every_key_is_taken_from_a_file),
        cmocka_unit_test(later_fragments_win_key_by_key),
        cmocka_unit_test(null_takes_back_what_a_less_specific_file_said),
        cmocka_unit_test(rules_apply_to_the_programs_they_match),
        cmocka_unit_test(a_rule_wins_over_properties_and_a_later_rule_over_an_earlier),
        cmocka_unit_test(the_environment_wins_over_files),
        cmocka_unit_test(an_unknown_key_is_named_with_its_file),
        cmocka_unit_test(a_bad_value_is_named_and_the_less_specific_one_used),
        cmocka_unit_test(sections_and_actions_that_nobody_knows_are_named),
        cmocka_unit_test(a_broken_file_is_left_out_and_the_others_count),
        cmocka_unit_test(hosts_are_told_file_and_key_first),
        cmocka_unit_test(the_default_file_explains_every_key_and_sets_none),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
