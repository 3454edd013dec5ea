// SPDX-License-Identifier: MIT
#include "pipewire/settings.hpp"

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "tests/cmocka.hpp"

using namespace asiowire;

namespace {

using Variables = std::vector<std::pair<const char*, const char*>>;

constexpr const char* all_variables[] = {"ASIOWIRE_PLAYBACK",
                                         "ASIOWIRE_CAPTURE",
                                         "ASIOWIRE_INPUTS",
                                         "ASIOWIRE_OUTPUTS",
                                         "ASIOWIRE_RECORD_INPUTS",
                                         "ASIOWIRE_RECORD_OUTPUTS",
                                         "ASIOWIRE_RECORD_FOLDER",
                                         "ASIOWIRE_RECORD_AUTOMATIC",
                                         "ASIOWIRE_RECORD_PREROLL",
                                         "ASIOWIRE_RECORD_POLY",
                                         "ASIOWIRE_RECORD_ROTATE",
                                         "ASIOWIRE_RECORD_HOOKS",
                                         "ASIOWIRE_BLOCK",
                                         "ASIOWIRE_RT_PRIORITY",
                                         "ASIOWIRE_HAND_OFF",
                                         "ASIOWIRE_SAMPLE_TYPE",
                                         "ASIOWIRE_FIXED_BLOCK",
                                         "ASIOWIRE_SCHEDULE",
                                         "ASIOWIRE_WATCHDOG_MS",
                                         "ASIOWIRE_PIN",
                                         "ASIOWIRE_RT",
                                         "ASIOWIRE_AFFINITY",
                                         "ASIOWIRE_FOLLOW_DEFAULT"};

/// What is read from an environment with these variables and no other of ours. Kept until the end,
/// because a failed assertion jumps past destructors.
const Settings& read(const Variables& variables)
{
    for (const char* name : all_variables)
        unsetenv(name);
    for (const auto& [name, value] : variables)
        setenv(name, value, 1);
    static std::deque<Settings> all;
    return all.emplace_back(Settings::from_environment());
}

bool is_default(const Settings& settings)
{
    return settings.playback.empty() && settings.capture.empty() && settings.inputs == 0 &&
           settings.outputs == 0 && settings.block == 0 &&
           settings.realtime().mode == Realtime::automatic && settings.realtime().priority == 0 &&
           settings.realtime().processors.empty() && settings.sample_type == SampleType::float32 &&
           !settings.fixed_block && settings.schedule == Schedule::synchronous &&
           settings.watchdog_ms == 100 && !settings.hand_off && !settings.pin && settings.follow_default &&
           settings.record_inputs == "all" && settings.record_outputs == "all" &&
           settings.record_folder.empty() && !settings.record_automatic &&
           settings.record_preroll == 0 && !settings.record_poly && settings.record_rotate == 0 &&
           !settings.record_hooks;
}

/// How many of these values are not refused in words: default kept, and one remark that names the
/// variable and the value.
int not_refused(const char* name, const std::vector<std::string>& values)
{
    int wrong = 0;
    for (const std::string& value : values) {
        const Settings& settings = read({{name, value.c_str()}});
        const bool told = settings.remarks.size() == 1 &&
                          settings.remarks[0].find(name) != std::string::npos &&
                          settings.remarks[0].find(value.substr(0, 16)) != std::string::npos;
        if (is_default(settings) && told) continue;
        print_error("%s=%s was not refused in words\n", name, value.c_str());
        wrong++;
    }
    return wrong;
}

void nothing_said_is_the_default_without_a_remark(void**)
{
    const Settings& nothing = read({});
    const Settings& blank = read({{"ASIOWIRE_PLAYBACK", ""},
                                  {"ASIOWIRE_CAPTURE", ""},
                                  {"ASIOWIRE_INPUTS", ""},
                                  {"ASIOWIRE_OUTPUTS", ""},
                                  {"ASIOWIRE_BLOCK", ""},
                                  {"ASIOWIRE_RT_PRIORITY", ""},
                                  {"ASIOWIRE_HAND_OFF", ""}});
    assert_true(is_default(nothing) && nothing.remarks.empty());
    assert_true(is_default(blank) && blank.remarks.empty());
}

void good_values_are_used(void**)
{
    const Settings& settings = read({{"ASIOWIRE_PLAYBACK", "alsa_output.usb X32"},
                                     {"ASIOWIRE_CAPTURE", "mic"},
                                     {"ASIOWIRE_INPUTS", "2"},
                                     {"ASIOWIRE_OUTPUTS", "64"},
                                     {"ASIOWIRE_BLOCK", "480"},
                                     {"ASIOWIRE_RT_PRIORITY", "0"},
                                     {"ASIOWIRE_HAND_OFF", "1"},
                                     {"ASIOWIRE_SAMPLE_TYPE", "int24"},
                                     {"ASIOWIRE_FIXED_BLOCK", "1"},
                                     {"ASIOWIRE_SCHEDULE", "buffered"},
                                     {"ASIOWIRE_WATCHDOG_MS", "250"},
                                     {"ASIOWIRE_PIN", "1"},
                                     {"ASIOWIRE_FOLLOW_DEFAULT", "0"},
                                     {"ASIOWIRE_AFFINITY", "0,2-4"}});
    assert_string_equal(settings.playback.c_str(), "alsa_output.usb X32");
    assert_string_equal(settings.capture.c_str(), "mic");
    assert_int_equal(settings.inputs, 2);
    assert_int_equal(settings.outputs, 64);
    assert_int_equal(settings.block, 480);
    assert_true(settings.realtime().mode == Realtime::off); // priority 0
    assert_int_equal(settings.realtime().processors.size(), 4);
    assert_true(settings.hand_off && settings.pin && !settings.follow_default);
    assert_true(settings.sample_type == SampleType::int24 && settings.fixed_block);
    assert_true(settings.schedule == Schedule::buffered);
    assert_int_equal(settings.watchdog_ms, 250);
    assert_true(settings.remarks.empty());
}

void the_limits_themselves_are_good(void**)
{
    const Settings& low = read({{"ASIOWIRE_BLOCK", "16"}, {"ASIOWIRE_RT_PRIORITY", "98"}});
    const Settings& high = read({{"ASIOWIRE_BLOCK", "8192"}, {"ASIOWIRE_INPUTS", "64"}});
    assert_true(low.block == 16 && low.realtime().priority == 98 && low.remarks.empty());
    assert_true(high.block == 8192 && high.inputs == 64 && high.remarks.empty());
}

void a_value_out_of_range_is_named_and_the_default_used(void**)
{
    assert_int_equal(not_refused("ASIOWIRE_INPUTS", {"0", "1", "65", "4294967298"}), 0);
    assert_int_equal(not_refused("ASIOWIRE_OUTPUTS", {"0", "1", "65", "1000000"}), 0);
    assert_int_equal(not_refused("ASIOWIRE_BLOCK", {"0", "15", "8193", "99999999999999999999"}), 0);
    assert_int_equal(not_refused("ASIOWIRE_RT_PRIORITY", {"-1", "99", "100", "2147483648"}), 0);
    assert_int_equal(not_refused("ASIOWIRE_WATCHDOG_MS", {"-1", "60001", "100ms"}), 0);
}

int not_refused_as_numbers(const char* name)
{
    return not_refused(name, {"many", " 64", "64 ", "+64", "6 4", "0x40", "64.0", "64k", "-64",
                              "٦٤", "\t", "64\n", "--"});
}

void a_value_that_is_no_number_is_named_and_the_default_used(void**)
{
    assert_int_equal(not_refused_as_numbers("ASIOWIRE_INPUTS"), 0);
    assert_int_equal(not_refused_as_numbers("ASIOWIRE_OUTPUTS"), 0);
    assert_int_equal(not_refused_as_numbers("ASIOWIRE_BLOCK"), 0);
    assert_int_equal(not_refused_as_numbers("ASIOWIRE_RT_PRIORITY"), 0);
}

void a_list_of_channels_that_is_none_is_named(void**)
{
    for (const char* name : {"ASIOWIRE_RECORD_INPUTS", "ASIOWIRE_RECORD_OUTPUTS"})
        assert_int_equal(not_refused(name, {"0", "1-65", "1,1", "3-2", "1-", "-2", "1,,2", "some"}),
                         0);
}

void an_absurdly_long_value_gives_a_short_remark(void**)
{
    static const std::string long_value(100'000, '7');
    const Settings& settings = read({{"ASIOWIRE_BLOCK", long_value.c_str()}});
    const std::size_t bytes = settings.remarks.empty() ? 0 : settings.remarks[0].size();
    assert_true(is_default(settings));
    assert_in_range(bytes, 1, 123); // what hosts read of a message
}

void a_remark_fits_the_message_that_hosts_see(void**)
{
    std::size_t longest = 0;
    for (const char* name : all_variables) {
        const Settings& settings = read({{name, "not a number, and rather long for one"}});
        for (const std::string& remark : settings.remarks)
            longest = std::max(longest, remark.size());
    }
    assert_true(longest > 0 && longest <= 123); // what ASIO hosts read, less the NUL
}

void several_bad_values_are_all_named(void**)
{
    const Settings& settings = read({{"ASIOWIRE_INPUTS", "x"},
                                     {"ASIOWIRE_OUTPUTS", "32"},
                                     {"ASIOWIRE_BLOCK", "y"},
                                     {"ASIOWIRE_RT_PRIORITY", "z"}});
    assert_int_equal(settings.remarks.size(), 3);
    assert_int_equal(settings.outputs, 32); // a good one beside bad ones still counts
}

void a_switch_that_is_neither_on_nor_off_is_named(void**)
{
    const Settings& off = read({{"ASIOWIRE_HAND_OFF", "0"}});
    assert_true(is_default(off) && off.remarks.empty());
    assert_int_equal(not_refused("ASIOWIRE_HAND_OFF", {"yes", "2", "on"}), 0);
    assert_int_equal(not_refused("ASIOWIRE_FIXED_BLOCK", {"yes", "2", "256"}), 0);
    assert_int_equal(not_refused("ASIOWIRE_PIN", {"yes", "2", "256"}), 0);
}

void a_word_that_is_none_of_the_known_is_named(void**)
{
    assert_int_equal(not_refused("ASIOWIRE_SAMPLE_TYPE", {"float", "Int24", "24", "int24 "}), 0);
    assert_int_equal(not_refused("ASIOWIRE_RT", {"yes", "1", "Auto", "automatic"}), 0);
    assert_int_equal(not_refused("ASIOWIRE_AFFINITY", {"a", "1,", ",1", "3-1", "-1", "1-", "1 2",
                                                       "1024", "1--2", "99999999999"}),
                     0);
    assert_int_equal(not_refused("ASIOWIRE_SCHEDULE", {"sync", "async", "Buffered"}), 0);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(nothing_said_is_the_default_without_a_remark),
        cmocka_unit_test(good_values_are_used),
        cmocka_unit_test(the_limits_themselves_are_good),
        cmocka_unit_test(a_value_out_of_range_is_named_and_the_default_used),
        cmocka_unit_test(a_value_that_is_no_number_is_named_and_the_default_used),
        cmocka_unit_test(a_list_of_channels_that_is_none_is_named),
        cmocka_unit_test(an_absurdly_long_value_gives_a_short_remark),
        cmocka_unit_test(a_remark_fits_the_message_that_hosts_see),
        cmocka_unit_test(several_bad_values_are_all_named),
        cmocka_unit_test(a_switch_that_is_neither_on_nor_off_is_named),
        cmocka_unit_test(a_word_that_is_none_of_the_known_is_named),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
