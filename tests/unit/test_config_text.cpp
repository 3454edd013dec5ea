// SPDX-License-Identifier: MIT
#include "pipewire/config_text.hpp"

#include <string>
#include <utility>
#include <vector>

#include "tests/cmocka.hpp"

using namespace asiowire;

namespace {

/// How many of these texts are not judged so.
int not_said(const std::vector<std::pair<const char*, const char*>>& expected)
{
    int wrong = 0;
    for (const auto& [text, sentence] : expected) {
        const std::string said = fault_in(text);
        if (said == sentence) continue;
        print_error("of \"%s\" was said \"%s\"\n", text, said.c_str());
        wrong++;
    }
    return wrong;
}

void what_pipewire_reads_has_no_fault(void**)
{
    assert_int_equal(
        not_said({
            {"", ""},
            {"# nothing but a remark { [ \"", ""},
            {"a = b", ""},
            {"a = b # { \nc: d, e f", ""},
            {"{ a = b }", ""},
            {"a = { b = [ 1, 2 3 ] c = { } }\nd = [ { e = f } { g = h } ]", ""},
            {"\"a b\" = \"c } \\\" # d\"", ""},
            {"a=b#c", ""}, // a # within a word is part of it
            {"a = \"Grün\"", ""},
        }),
        0);
}

void half_a_file_is_no_file(void**)
{
    assert_int_equal(not_said({
                         {"a = {", "line 1: a { is never closed"},
                         {"a = {\n b = [ 1\n", "line 2: a [ is never closed"},
                         {"a = \"b", "line 1: a \" is never closed"},
                         {"a = \"b\nc = d\"", "line 1: a \" is never closed"},
                         {"a = { b = }", "line 1: the last key has no value"},
                         {"a = { b = c }\nd", "line 2: the last key has no value"},
                         {"{ a = b } c = d", "line 1: the last key has no value"},
                     }),
                     0);
}

void brackets_that_do_not_fit_are_named_with_their_line(void**)
{
    assert_int_equal(not_said({
                         {"a = b }", "line 1: a } closes nothing"},
                         {"\na = [ 1 }", "line 2: a } closes nothing"},
                         {"a = { b = 1 ]", "line 1: a ] closes nothing"},
                         {"a = { { b = c } = d }", "line 1: a { stands where a key should be"},
                     }),
                     0);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(what_pipewire_reads_has_no_fault),
        cmocka_unit_test(half_a_file_is_no_file),
        cmocka_unit_test(brackets_that_do_not_fit_are_named_with_their_line),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
