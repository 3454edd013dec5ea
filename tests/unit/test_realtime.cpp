// SPDX-License-Identifier: MIT
#include "pipewire/realtime.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <string>
#include <vector>

#include "tests/cmocka.hpp"

// Which priority is asked for, and of whom, on systems that give more or less.

using namespace asiowire;

namespace {

/// A system with a limit, and brokers that give up to so much.
class FakeSystem final : public RealtimeSystem {
public:
    int fifo(int priority) override
    {
        asked.push_back("fifo " + std::to_string(priority));
        if (refusal != 0) return refusal;
        return priority <= soft ? 0 : EPERM;
    }
    int limit() override { return soft = hard; }
    Result<int> ask(Broker broker, int priority) override
    {
        asked.push_back((broker == Broker::portal ? "portal " : "rtkit ") +
                        std::to_string(priority));
        const int most = broker == Broker::portal ? portal : rtkit;
        if (most == 0) return std::unexpected(Status::system_error);
        return std::min(most, priority);
    }
    bool bind(const std::vector<int>& processors) override { return processors.front() < 4; }

    int soft = 0;
    int hard = 0;
    int portal = 0;
    int rtkit = 0;
    int refusal = 0;
    std::vector<std::string> asked;
};

/// Kept until the end, because a failed assertion jumps past destructors.
const Scheduling& got(const RealtimeWish& wish, int daemon, FakeSystem& system)
{
    static std::deque<Scheduling> all;
    return all.emplace_back(obtain(wish, daemon, system));
}

constexpr int unknown = -1;

void automatic_is_always_below_the_daemon(void**)
{
    const RealtimeWish automatic;
    int above = 0;
    for (int daemon = 1; daemon <= 99; daemon++)
        above += priority_to_ask(automatic, daemon) >= daemon;
    assert_int_equal(above, 0);
    assert_int_equal(priority_to_ask(automatic, 88), 15);
    assert_int_equal(priority_to_ask(automatic, 10), 9);
    assert_int_equal(priority_to_ask(automatic, 1), 0); // below 1 is ordinary
    assert_int_equal(priority_to_ask(automatic, unknown), 15);
}

void an_ordinary_daemon_has_ordinary_clients_unless_told_otherwise(void**)
{
    assert_int_equal(priority_to_ask({}, 0), 0);
    assert_int_equal(priority_to_ask({.mode = Realtime::on}, 0), 15);
    assert_int_equal(priority_to_ask({.mode = Realtime::on}, 12), 11);
}

void a_number_is_the_users_own_word_and_off_is_off(void**)
{
    assert_int_equal(priority_to_ask({.priority = 40}, 20), 40);
    assert_int_equal(priority_to_ask({.mode = Realtime::off, .priority = 40}, 88), 0);
    static FakeSystem system;
    system.soft = 99;
    const Scheduling& above = got({.priority = 40}, 20, system);
    assert_non_null(std::strstr(above.story.c_str(), "NOT below the daemon's 20"));
    const Scheduling& off = got({.mode = Realtime::off}, 20, system);
    assert_true(off.way == Scheduling::Way::ordinary);
    assert_int_equal(system.asked.size(), 1); // nothing was tried for off
}

void the_limit_goes_first_and_nobody_else_is_asked(void**)
{
    static FakeSystem system;
    system.soft = 20;
    system.portal = system.rtkit = 20;
    const Scheduling& result = got({}, 88, system);
    assert_true(result.way == Scheduling::Way::limit);
    assert_int_equal(result.priority, 15);
    assert_int_equal(system.asked.size(), 1);
}

void a_soft_limit_is_raised_and_a_low_one_is_used(void**)
{
    static FakeSystem raised;
    raised.hard = 95;
    const Scheduling& first = got({}, 88, raised);
    assert_true(first.way == Scheduling::Way::limit);
    assert_int_equal(first.priority, 15);
    static FakeSystem low;
    low.soft = low.hard = 5;
    const Scheduling& second = got({}, 88, low);
    assert_true(second.way == Scheduling::Way::limit);
    assert_int_equal(second.priority, 5);
}

void without_a_limit_the_portal_is_asked_and_then_rtkit(void**)
{
    static FakeSystem both;
    both.portal = 10;
    both.rtkit = 20;
    const Scheduling& first = got({}, 88, both);
    assert_true(first.way == Scheduling::Way::portal);
    assert_int_equal(first.priority, 10);
    static FakeSystem system;
    system.rtkit = 20;
    const Scheduling& second = got({}, 12, system);
    assert_true(second.way == Scheduling::Way::rtkit);
    assert_int_equal(second.priority, 11);
    assert_string_equal(system.asked.back().c_str(), "rtkit 11");
}

void who_gets_nothing_is_told_why(void**)
{
    static FakeSystem system;
    const Scheduling& result = got({}, 88, system);
    assert_true(result.way == Scheduling::Way::ordinary && result.priority == 0);
    assert_non_null(std::strstr(result.story.c_str(), "15 was refused"));
    assert_int_equal(system.asked.size(), 3);
}

void processors_are_bound_and_a_refusal_is_told(void**)
{
    static FakeSystem system;
    assert_int_equal(got({.processors = {1, 2}}, 88, system).processors, 2);
    const Scheduling& refused = got({.processors = {7}}, 88, system);
    assert_int_equal(refused.processors, 0);
    assert_non_null(std::strstr(refused.story.c_str(), "processors asked for were refused"));
}

void a_list_of_processors_is_read(void**)
{
    const auto is = [](const char* text, std::vector<int> expected) {
        return processor_list(text) == expected;
    };
    assert_true(is("0", {0}));
    assert_true(is("3,1", {3, 1}));
    assert_true(is("0-2,1,5", {0, 1, 2, 5}));
    assert_true(is("1023", {1023}));
    assert_true(is("", {}) && is("1024", {}) && is("2-1", {}) && is("1,,2", {}) && is("1-", {}));
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(automatic_is_always_below_the_daemon),
        cmocka_unit_test(an_ordinary_daemon_has_ordinary_clients_unless_told_otherwise),
        cmocka_unit_test(a_number_is_the_users_own_word_and_off_is_off),
        cmocka_unit_test(the_limit_goes_first_and_nobody_else_is_asked),
        cmocka_unit_test(a_soft_limit_is_raised_and_a_low_one_is_used),
        cmocka_unit_test(without_a_limit_the_portal_is_asked_and_then_rtkit),
        cmocka_unit_test(who_gets_nothing_is_told_why),
        cmocka_unit_test(processors_are_bound_and_a_refusal_is_told),
        cmocka_unit_test(a_list_of_processors_is_read),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
