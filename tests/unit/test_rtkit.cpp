// SPDX-License-Identifier: MIT
#include "pipewire/broker.hpp"
#include "tests/unit/fake_broker.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/cmocka.hpp"

// What the brokers of real-time priorities are asked, on a bus of our own with brokers of our own.

using namespace asiowire;

namespace {

/// RLIMIT_RTTIME can only be lowered by those who are not root: each test lives in a child.
struct Outcome {
    int given = -1; // −1: refused
    rlim_t time_soft = 0;
    rlim_t time_hard = 0;
};

constexpr rlim_t brokers_time = 200'000; // microseconds
constexpr pid_t some_thread = 4711;

Outcome ask_in_child(Broker broker, int priority, rlim_t time_before)
{
    Outcome outcome;
    int ends[2];
    if (pipe(ends) != 0) return outcome;
    const pid_t child = fork();
    if (child == 0) {
        const rlimit before{time_before, time_before};
        setrlimit(RLIMIT_RTTIME, &before);
        const Result<int> given = ask_broker(broker, some_thread, priority);
        if (given) outcome.given = *given;
        rlimit after{};
        getrlimit(RLIMIT_RTTIME, &after);
        outcome.time_soft = after.rlim_cur;
        outcome.time_hard = after.rlim_max;
        _exit(write(ends[1], &outcome, sizeof outcome) == sizeof outcome ? 0 : 1);
    }
    close(ends[1]);
    if (read(ends[0], &outcome, sizeof outcome) != sizeof outcome) outcome.given = -2;
    close(ends[0]);
    waitpid(child, nullptr, 0);
    return outcome;
}

#define NEEDS_A_BUS                                                                                \
    if (!FakeBroker::possible()) {                                                                 \
        print_message("skipped: there is no dbus-daemon, or this was built without D-Bus\n");      \
        skip();                                                                                    \
    }

void rtkit_is_asked_for_the_thread_and_gives_what_it_may(void**)
{
    NEEDS_A_BUS
    static FakeBroker broker(false);
    const Outcome outcome = ask_in_child(Broker::rtkit, 15, RLIM_INFINITY);
    const FakeBroker::Asked asked = broker.asked();
    assert_int_equal(outcome.given, 15);
    assert_int_equal(asked.count, 1);
    assert_int_equal(asked.thread, some_thread);
    assert_int_equal(asked.priority, 15);
    assert_int_equal(asked.process, asked.sender); // ourselves, as the bus knows it
    assert_string_equal(asked.interface, "org.freedesktop.RealtimeKit1");
}

void the_portal_is_asked_in_the_same_words(void**)
{
    NEEDS_A_BUS
    static FakeBroker broker(false);
    const Outcome outcome = ask_in_child(Broker::portal, 12, RLIM_INFINITY);
    const FakeBroker::Asked asked = broker.asked();
    assert_int_equal(outcome.given, 12);
    assert_int_equal(asked.thread, some_thread);
    assert_string_equal(asked.interface, "org.freedesktop.portal.Realtime");
}

void never_more_than_the_broker_gives_is_asked(void**)
{
    NEEDS_A_BUS
    static FakeBroker broker(false);
    const Outcome outcome = ask_in_child(Broker::rtkit, 80, RLIM_INFINITY);
    assert_int_equal(outcome.given, 20);
    assert_int_equal(broker.asked().priority, 20);
}

void a_limit_of_cpu_time_is_set_where_there_is_none(void**)
{
    NEEDS_A_BUS
    static FakeBroker broker(false);
    const Outcome outcome = ask_in_child(Broker::rtkit, 15, RLIM_INFINITY);
    assert_true(outcome.time_soft == brokers_time && outcome.time_hard == brokers_time);
}

void a_limit_that_is_there_is_never_touched(void**)
{
    NEEDS_A_BUS
    static FakeBroker broker(false);
    const Outcome high = ask_in_child(Broker::rtkit, 15, 3'000'000);
    const Outcome low = ask_in_child(Broker::rtkit, 15, 100'000);
    assert_true(high.time_soft == 3'000'000 && high.time_hard == 3'000'000);
    assert_true(low.time_soft == 100'000 && low.time_hard == 100'000);
    assert_int_equal(low.given, 15);
}

void a_refusal_and_an_absence_are_told(void**)
{
    NEEDS_A_BUS
    static FakeBroker broker(true);
    assert_int_equal(ask_in_child(Broker::rtkit, 15, RLIM_INFINITY).given, -1);
    assert_int_equal(broker.asked().count, 1);
    setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus", 1);
    assert_int_equal(ask_in_child(Broker::rtkit, 15, RLIM_INFINITY).given, -1);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(rtkit_is_asked_for_the_thread_and_gives_what_it_may),
        cmocka_unit_test(the_portal_is_asked_in_the_same_words),
        cmocka_unit_test(never_more_than_the_broker_gives_is_asked),
        cmocka_unit_test(a_limit_of_cpu_time_is_set_where_there_is_none),
        cmocka_unit_test(a_limit_that_is_there_is_never_touched),
        cmocka_unit_test(a_refusal_and_an_absence_are_told),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
