// SPDX-License-Identifier: MIT
#include "pipewire/client_wishes.hpp"
#include "pipewire/delivery.hpp"

#include <cstdlib>
#include <deque>
#include <string>
#include <vector>

#include "tests/cmocka.hpp"

// What PipeWire's variables wish, and what is said of a graph that does not do as it is told.

using namespace asiowire;

namespace {

struct Read {
    ClientWishes wishes;
    std::vector<std::string> remarks;
};

/// Kept until the end, because a failed assertion jumps past destructors.
const Read& read(const char* quantum, const char* latency, const char* rate)
{
    const auto put = [](const char* name, const char* value) {
        value == nullptr ? unsetenv(name) : setenv(name, value, 1);
    };
    put("PIPEWIRE_QUANTUM", quantum);
    put("PIPEWIRE_LATENCY", latency);
    put("PIPEWIRE_RATE", rate);
    static std::deque<Read> all;
    Read& read = all.emplace_back();
    read.wishes = ClientWishes::from_environment(read.remarks);
    return read;
}

void nothing_said_is_nothing_wished(void**)
{
    const Read& none = read(nullptr, nullptr, nullptr);
    const Read& blank = read("", "", "");
    assert_true(none.wishes.block_at(48000) == 0 && none.wishes.rate == 0);
    assert_true(blank.wishes.block_at(48000) == 0 && blank.wishes.rate == 0);
    assert_true(none.remarks.empty() && blank.remarks.empty());
}

void a_later_variable_of_pipewire_wins_over_an_earlier_one(void**)
{
    const Read& quantum = read("128/44100", nullptr, nullptr);
    assert_int_equal(quantum.wishes.block_at(44100), 128);
    assert_int_equal(quantum.wishes.rate, 44100);
    const Read& all = read("128/44100", "256/48000", "1/96000");
    assert_int_equal(all.wishes.block_at(48000), 256);
    assert_int_equal(all.wishes.rate, 96000);
    assert_int_equal(read(nullptr, "64/48000", nullptr).wishes.rate, 0); // says nothing of the rate
}

void a_latency_is_a_time_and_becomes_frames_at_the_graphs_rate(void**)
{
    const ClientWishes& wishes = read(nullptr, "256/48000", nullptr).wishes;
    assert_int_equal(wishes.block_at(96000), 512);
    assert_int_equal(wishes.block_at(24000), 128);
    assert_int_equal(read(nullptr, "1/48000", nullptr).wishes.block_at(48000), 16);
    assert_int_equal(read(nullptr, "4294967295/1", nullptr).wishes.block_at(192000), 8192);
}

void an_unusable_variable_is_named_and_not_used(void**)
{
    int wrong = 0;
    for (const char* text : {"256", "256/", "/48000", "0/48000", "256/0", "256/48000x", "-1/48000",
                             "a/b", "256/768001", "99999999999/48000", " 256/48000"}) {
        const Read& refused = read(text, text, text);
        const bool silent = refused.wishes.block_at(48000) == 0 && refused.wishes.rate == 0;
        if (silent && refused.remarks.size() == 3 && refused.remarks[0].size() <= 123) continue;
        print_error("%s was taken\n", text);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

constexpr std::uint64_t second = 1'000'000'000;
constexpr Forced wanted{.quantum = 480, .rate = 44100};

void what_is_delivered_is_not_spoken_of(void**)
{
    Delivery delivery;
    std::string said;
    for (std::uint64_t t = 0; t < 10; t++)
        said += delivery.look(wanted, wanted, t * second);
    const Forced quantum_only{.quantum = 480};
    for (std::uint64_t t = 10; t < 20; t++)
        said += delivery.look(quantum_only, {.quantum = 480, .rate = 96000}, t * second);
    assert_string_equal(said.c_str(), "");
}

void what_is_not_delivered_is_said_once_with_both_numbers(void**)
{
    static Delivery delivery;
    static std::string first;
    const Forced runs{.quantum = 256, .rate = 48000};
    first = delivery.look(wanted, runs, 1 * second);
    assert_string_equal(first.c_str(), ""); // the graph may be about to follow
    first = delivery.look(wanted, runs, 2 * second);
    assert_string_equal(first.c_str(),
                        "the graph runs at quantum 256 although 480 is forced (audio goes on, "
                        "re-blocked), and at rate 48000 although 44100 is forced");
    assert_string_equal(delivery.look(wanted, runs, 3 * second).c_str(), "");
}

void every_change_is_said_anew_and_a_passing_one_is_not(void**)
{
    static Delivery delivery;
    int said = 0;
    std::uint64_t now = 0;
    const auto run = [&](Frames quantum, std::uint64_t ns) {
        for (const std::uint64_t end = now + ns; now < end; now += second / 40)
            said += !delivery.look(wanted, {.quantum = quantum, .rate = 44100}, now).empty();
    };
    run(256, second / 4); // on its way
    run(480, second);
    assert_int_equal(said, 0);
    run(256, second);
    run(128, second);
    run(480, second);
    run(128, second);
    assert_int_equal(said, 3);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(nothing_said_is_nothing_wished),
        cmocka_unit_test(a_later_variable_of_pipewire_wins_over_an_earlier_one),
        cmocka_unit_test(a_latency_is_a_time_and_becomes_frames_at_the_graphs_rate),
        cmocka_unit_test(an_unusable_variable_is_named_and_not_used),
        cmocka_unit_test(what_is_delivered_is_not_spoken_of),
        cmocka_unit_test(what_is_not_delivered_is_said_once_with_both_numbers),
        cmocka_unit_test(every_change_is_said_anew_and_a_passing_one_is_not),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
