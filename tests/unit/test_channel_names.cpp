// SPDX-License-Identifier: MIT
#include "pipewire/channel_names.hpp"

#include <set>
#include <string>
#include <vector>

#include "tests/cmocka.hpp"

// What hosts show as a channel's name, of what a device calls its ports.

using namespace asiowire;

namespace {

using Labels = std::vector<std::string>;

void a_port_is_called_by_its_name_unless_somebody_gave_it_another(void**)
{
    const bool good = port_label("capture_AUX0", "X-USB Pro:capture_AUX0") == "Capture AUX0" &&
                      port_label("playback_FL", "") == "Playback FL" &&
                      port_label("capture_1", "system:Kick In") == "Kick In" &&
                      port_label("in_1", "a:b:Snare") == "Snare" && port_label("", "").empty() &&
                      port_label("1", "x:") == "1";
    assert_true(good);
}

void no_two_channels_have_the_same_name(void**)
{
    const bool good = told_apart({"FL", "FL", "FL (2)", "FL"}, "In") ==
                      Labels{"FL", "FL (2)", "FL (2) (2)", "FL (3)"};
    assert_true(good);
}

void channels_without_a_name_have_the_number_of_their_place(void**)
{
    const bool good = told_apart({"Out 2", "", "  ", "\t"}, "Out") ==
                      Labels{"Out 2", "Out 2 (2)", "Out 3", "Out 4"};
    assert_true(good);
}

/// How many names are too long, not printable, or there twice.
int bad(const Labels& labels)
{
    int count = 0;
    std::set<std::string> seen;
    for (const std::string& label : labels) {
        count += label.empty() || label.size() > 31 || !seen.insert(label).second;
        for (const char c : label)
            count += c < ' ' || c > '~';
    }
    return count;
}

void names_are_short_and_ascii_whatever_the_device_says(void**)
{
    Labels wild(64, std::string(200, 'x'));
    wild[1] = "Gitarre Verstärker größer 音";
    wild[2] = "\xff\xfe\x80 \x01\x7f";
    wild[3] = "\xf0";
    const Labels all = told_apart(wild, "In");
    const int wrong = bad(all);
    assert_int_equal(wrong, 0);
    assert_string_equal(all[1].c_str(), "Gitarre Verst?rker gr??er ?");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_port_is_called_by_its_name_unless_somebody_gave_it_another),
        cmocka_unit_test(no_two_channels_have_the_same_name),
        cmocka_unit_test(channels_without_a_name_have_the_number_of_their_place),
        cmocka_unit_test(names_are_short_and_ascii_whatever_the_device_says),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
