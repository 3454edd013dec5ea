// SPDX-License-Identifier: MIT
#include "taps/x32_session.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>

#include "tests/cmocka.hpp"

// The dialogue with a console over hours, on a clock of our own. What the answers mean is judged on
// loopback (tests/taps/x32_names.py); here it is when what is sent, and how much of it.

using namespace asiowire;

namespace {

using namespace std::chrono_literals;
using Time = X32Session::Time;

struct Sent {
    Time when;
    std::string question;
};

/// A console at the other end, or none.
struct World {
    Time now = Time(1000s);
    X32Session session{"here"};
    std::vector<Sent> sent;
    bool there = true;
    std::function<bool(const std::string&)> answers = [](const std::string&) { return true; };

    std::map<std::string, OscValue> values; ///< what was changed at the desk

    OscMessage answer_to(const std::string& question) const
    {
        if (const auto changed = values.find(question); changed != values.end())
            return {question, {changed->second}};
        if (question == "/info" || question == "/xinfo")
            return {question, {"V2.07", "name", "X32", "4.06"}};
        if (question.ends_with("/name")) return {question, {"n" + question}};
        return {question, {1}};
    }

    void speak()
    {
        const X32Session::Due due = session.due(now);
        bool heard = false;
        for (const std::string& question : due.questions) {
            sent.push_back({now, question});
            if (!there || question == "/xremote" || !answers(question)) continue;
            session.hear(answer_to(question), now);
            heard = true;
        }
        assert_true(due.again >= now);
        now = heard ? now + 1ms : std::clamp(due.again, now + 1ms, now + 100ms);
    }
    void change(const std::string& address, OscValue value)
    {
        values[address] = value;
        session.hear({address, {value}}, now);
    }
    void pass(X32Session::Clock::duration time)
    {
        for (const Time end = now + time; now < end;) speak();
    }

    std::vector<Time> times_of(const std::string& question) const
    {
        std::vector<Time> times;
        for (const Sent& one : sent)
            if (one.question == question) times.push_back(one.when);
        return times;
    }
    std::vector<std::string> remarks()
    {
        std::vector<std::string> all;
        while (const auto remark = session.take_remark()) all.push_back(*remark);
        return all;
    }
};

X32Session::Clock::duration longest_gap(const std::vector<Time>& times)
{
    auto longest = X32Session::Clock::duration::zero();
    for (std::size_t i = 1; i < times.size(); i++)
        longest = std::max(longest, times[i] - times[i - 1]);
    return longest;
}

void the_console_hears_of_us_twice_before_it_would_forget(void**)
{
    World world;
    world.pass(1h);
    const auto renewed = world.times_of("/xremote");
    assert_in_range(renewed.size(), 3600 / 5, 3600 / 3);
    assert_true(longest_gap(renewed) < 5s);
    assert_true(world.remarks().empty());
    assert_true(world.session.settled());
}

void an_hour_of_a_console_that_is_there_is_few_packets(void**)
{
    World world;
    world.pass(1h);
    assert_in_range(world.sent.size(), 200, 3600 * 3);
    assert_int_equal(world.session.counters().sent, world.sent.size());
}

void everything_is_asked_again_within_two_minutes(void**)
{
    World world;
    world.pass(10min);
    for (const std::string& question : X32Book::questions())
        assert_true(longest_gap(world.times_of(question)) < 2min);
}

void a_console_that_is_not_there_is_one_sentence_and_few_packets(void**)
{
    World world;
    world.there = false;
    world.pass(1h);
    assert_in_range(world.sent.size(), 100, 2 * (3600 / 8 + 8));
    assert_true(longest_gap(world.times_of("/info")) <= 8s);
    const auto remarks = world.remarks();
    assert_int_equal(remarks.size(), 1);
    assert_non_null(strstr(remarks[0].c_str(), "nothing answers at here"));
    assert_true(world.session.tracks().empty());
}

void questions_wait_for_answers_eight_at_a_time(void**)
{
    World world;
    world.answers = [](const std::string& question) { return !question.starts_with("/c"); };
    world.pass(200ms);
    const auto open = std::ranges::count_if(
        world.sent, [](const Sent& one) { return one.question.starts_with("/c"); });
    assert_int_equal(open, 8);
}

void a_question_without_answer_is_given_up_after_three_tries(void**)
{
    World world;
    world.answers = [](const std::string& question) { return question != "/ch/05/config/name"; };
    world.pass(3s);
    assert_true(world.session.settled());
    assert_int_equal(world.times_of("/ch/05/config/name").size(), 3);
    assert_int_equal(world.session.counters().unanswered, 1);
    const auto remarks = world.remarks();
    assert_int_equal(remarks.size(), 1);
    assert_non_null(strstr(remarks[0].c_str(), "/ch/05/config/name"));
    assert_string_equal(world.session.tracks()[0].name.c_str(), "n/ch/01/config/name");
}

void an_answer_that_comes_after_it_was_given_up_is_taken(void**)
{
    World world;
    world.answers = [](const std::string& question) { return question != "/ch/01/config/name"; };
    world.pass(3s);
    assert_string_equal(world.session.tracks()[0].name.c_str(), "Ch 01");
    world.change("/ch/01/config/name", "late");
    world.pass(1s);
    const auto change = world.session.take_rename();
    assert_true(change.has_value());
    assert_string_equal(change->words().c_str(), "USB 1: \"Ch 01\" is now \"late\"");
}

void silence_is_told_after_twelve_seconds_and_so_is_its_end(void**)
{
    World world;
    world.pass(1min);
    world.there = false;
    world.pass(7s); // the last answer is at most 4 s old
    assert_true(world.session.in_contact());
    world.pass(6s);
    assert_false(world.session.in_contact());
    assert_false(world.session.tracks().empty());
    world.there = true;
    world.pass(9s);
    assert_true(world.session.in_contact());
    const auto remarks = world.remarks();
    assert_int_equal(remarks.size(), 2);
    assert_non_null(strstr(remarks[0].c_str(), "no longer answers"));
    assert_non_null(strstr(remarks[1].c_str(), "the console at here answers"));
    assert_false(world.session.take_rename().has_value()); // nothing had changed
}

void changes_that_are_not_taken_become_one(void**)
{
    World world;
    world.pass(1s);
    for (const char* name : {"one", "two", "three"}) {
        world.change("/ch/01/config/name", name);
        world.pass(1s);
    }
    const auto change = world.session.take_rename();
    assert_true(change.has_value());
    assert_string_equal(change->words().c_str(), "USB 1: \"n/ch/01/config/name\" is now \"three\"");
    // Our answers put the same socket on USB 9, 17 and 25, too.
    for (const int usb : {9, 17, 25}) assert_int_equal(world.session.take_rename()->usb, usb);
    assert_false(world.session.take_rename().has_value());
}

void a_change_that_is_taken_back_is_none(void**)
{
    World world;
    world.pass(1s);
    world.change("/ch/01/config/name", "other");
    world.pass(1s);
    world.change("/ch/01/config/name", "n/ch/01/config/name");
    world.pass(1s);
    assert_false(world.session.take_rename().has_value());
}

void what_comes_after_the_caller_has_stopped_waiting_is_a_change(void**)
{
    World world;
    world.there = false;
    world.pass(2s);
    world.session.settle_for_now();
    assert_true(world.session.tracks().empty());
    world.there = true;
    world.pass(9s);
    const auto change = world.session.take_rename();
    assert_true(change.has_value());
    assert_string_equal(change->words().c_str(), "USB 1 is \"n/ch/01/config/name\"");
}

void a_change_that_is_no_new_name_says_what_it_is(void**)
{
    World world;
    world.pass(1s);
    world.change("/ch/01/config/color", 10);
    world.pass(1s);
    const auto colour = world.session.take_rename();
    assert_true(colour && !colour->renamed());
    assert_string_equal(colour->words().c_str(),
                        "USB 1 \"n/ch/01/config/name\": red is now green inverted");
    world.change("/config/routing/IN/1-8", 2);
    world.change("/config/routing/CARD/1-8", 2);
    world.pass(1s);
    const auto signal = world.session.take_rename();
    assert_true(signal && !signal->renamed());
    assert_string_equal(signal->words().c_str(), "USB 1 \"n/ch/01/config/name\" is now Local 17");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_console_hears_of_us_twice_before_it_would_forget),
        cmocka_unit_test(an_hour_of_a_console_that_is_there_is_few_packets),
        cmocka_unit_test(everything_is_asked_again_within_two_minutes),
        cmocka_unit_test(a_console_that_is_not_there_is_one_sentence_and_few_packets),
        cmocka_unit_test(questions_wait_for_answers_eight_at_a_time),
        cmocka_unit_test(a_question_without_answer_is_given_up_after_three_tries),
        cmocka_unit_test(an_answer_that_comes_after_it_was_given_up_is_taken),
        cmocka_unit_test(silence_is_told_after_twelve_seconds_and_so_is_its_end),
        cmocka_unit_test(changes_that_are_not_taken_become_one),
        cmocka_unit_test(a_change_that_is_taken_back_is_none),
        cmocka_unit_test(what_comes_after_the_caller_has_stopped_waiting_is_a_change),
        cmocka_unit_test(a_change_that_is_no_new_name_says_what_it_is),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
