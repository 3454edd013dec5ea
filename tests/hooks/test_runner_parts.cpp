// SPDX-License-Identifier: MIT
#include "hooks/runner/backoff.hpp"
#include "hooks/runner/chosen_channels.hpp"
#include "hooks/runner/output_tail.hpp"
#include "hooks/runner/results.hpp"
#include "hooks/runner/spec.hpp"
#include "hooks/runner/text.hpp"
#include "hooks/runner/wire.hpp"

#include <cstring>
#include <limits>
#include <random>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/cmocka.hpp"

using namespace asiowire::hooks;

namespace {

constexpr std::uint64_t second = 1'000'000'000;

void waiting_doubles_up_to_a_minute(void**)
{
    Backoff backoff;
    std::uint64_t now = second;
    std::vector<double> waits;
    for (int i = 0; i < 10; i++) {
        backoff.began(now);
        waits.push_back(static_cast<double>(backoff.failed(now)) / 1e9);
        assert_int_equal(backoff.left(now), static_cast<std::uint64_t>(waits.back() * 1e9));
        now += backoff.left(now);
        assert_int_equal(backoff.left(now), 0);
    }
    const std::vector<double> expected = {0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60};
    assert_true(waits == expected);
}

void a_minute_without_trouble_is_forgiven(void**)
{
    Backoff backoff;
    for (int i = 0; i < 5; i++) static_cast<void>(backoff.failed(second));
    backoff.began(100 * second);
    assert_int_equal(backoff.failed(159 * second), 16 * second);
    backoff.began(200 * second);
    assert_int_equal(backoff.failed(260 * second), second / 2);
}

void a_printing_hook_keeps_its_end_and_a_flood_is_noticed(void**)
{
    OutputTail output;
    const auto lines = output.take("one\ntwo\nthr", second);
    assert_int_equal(lines.size(), 2);
    assert_string_equal(lines[1].c_str(), "two");
    assert_string_equal(output.take("ee\n", second)[0].c_str(), "three");
    assert_false(output.floods());
    const std::string kilobyte = std::string(1023, 'x') + "\n";
    std::size_t told = 0;
    for (int i = 0; i < 1024; i++) told += output.take(kilobyte, second).size();
    assert_true(output.floods());
    assert_true(told + 3 <= OutputTail::most_lines);
    assert_int_equal(output.tail().size(), OutputTail::most_kept);
    assert_int_equal(output.total(), 14 + 1024 * 1024);
}

void the_same_spread_over_time_is_no_flood(void**)
{
    OutputTail output;
    const std::string half(512 * 1024, 'x');
    for (std::uint64_t i = 1; i < 10; i++) {
        static_cast<void>(output.take(half, i * second));
        assert_false(output.floods());
    }
}

void channels_are_chosen_by_name_and_by_direction(void**)
{
    const std::vector<std::string> names = {"in_1", "in_2", "out_1", "out_2"};
    const auto is = [&](const char* wish, std::vector<std::size_t> expected) {
        const auto chosen = chosen_channels(wish, names);
        assert_true(chosen.has_value());
        assert_true(*chosen == expected);
    };
    is("all", {0, 1, 2, 3});
    is("inputs", {0, 1});
    is("outputs", {2, 3});
    is("out_2,in_1", {3, 0});
    for (const char* const wrong : {"", "in_3", "in_1,", "everything"}) {
        const auto chosen = chosen_channels(wrong, names);
        assert_false(chosen.has_value());
        assert_non_null(std::strstr(chosen.error().c_str(), "in_1 to out_2"));
    }
}

void text_of_others_is_made_harmless(void**)
{
    assert_string_equal(printable("gut \xc3\xbc \x1b[31m\n\xff").c_str(), "gut \xc3\xbc ?[31m??");
    assert_string_equal(json_text("a\"b\\c\n").c_str(), "\"a\\\"b\\\\c?\"");
    assert_string_equal(json_number(0.1).c_str(), "0.1");
    assert_string_equal(json_number(0.1F).c_str(), "0.1");
    assert_string_equal(json_number(std::numeric_limits<double>::quiet_NaN()).c_str(), "null");
    assert_true(is_name("loudness/short_term-2.5+x"));
    assert_false(is_name("") || is_name("a b") || is_name("\xc3\xbc") || is_name("a\"b"));
    assert_true(is_name(std::string(63, 'x')));
    assert_false(is_name(std::string(64, 'x')));
}

void what_is_sent_arrives(void**)
{
    std::array<int, 2> ends{};
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends.data()), 0);
    const std::vector<float> values(ASIOWIRE_HOOK_ARRAY_VALUES, 0.25F);
    WireHead head;
    head.said = Said::array;
    head.position = 77;
    std::strcpy(head.name.data(), "spectrum");
    assert_true(Wire(ends[0], false).send(head, std::as_bytes(std::span(values))));
    std::vector<std::byte> datagram(wire_most_bytes);
    const ssize_t bytes = recv(ends[1], datagram.data(), datagram.size(), 0);
    WireHead taken;
    const auto message =
        Message::of({datagram.data(), static_cast<std::size_t>(bytes)}, taken);
    close(ends[0]);
    close(ends[1]);
    assert_true(message.has_value());
    assert_int_equal(message->position, 77);
    assert_int_equal(message->values.size(), ASIOWIRE_HOOK_ARRAY_VALUES);
    Results results;
    assert_true(results.take(*message));
    assert_non_null(std::strstr(results.as_json().c_str(), "\"spectrum\": [0.25, 0.25"));
}

/// Random datagrams, and whole ones with random damage: nothing read beyond them, nothing kept that is
/// not a name. (Built with the sanitizers this says more.)
void scribbled_messages_do_no_harm(void**)
{
    std::mt19937 random(7);
    std::vector<std::byte> datagram(wire_most_bytes);
    Results results;
    int taken = 0;
    for (int i = 0; i < 20000; i++) {
        WireHead head;
        head.said = static_cast<Said>(random() % 9);
        std::strcpy(head.name.data(), "name");
        std::memcpy(datagram.data(), &head, sizeof head);
        for (unsigned n = random() % 4; n > 0; n--)
            datagram[random() % sizeof head] = static_cast<std::byte>(random());
        const std::size_t size = random() % 2 == 0 ? sizeof head + random() % 64
                                                   : random() % (sizeof head + 8);
        WireHead read;
        const auto message = Message::of({datagram.data(), size}, read);
        if (!message) continue;
        taken++;
        assert_true(message->name.size() <= ASIOWIRE_HOOK_NAME_BYTES);
        if (message->said == Said::number || message->said == Said::array) {
            assert_true(is_name(message->name));
            static_cast<void>(results.take(*message));
        }
    }
    assert_in_range(taken, 1000, 19000);
}

void more_names_than_allowed_are_left_out(void**)
{
    Results results;
    Message message;
    message.said = Said::number;
    std::vector<std::string> names;
    for (int i = 0; i <= ASIOWIRE_HOOK_RESULTS; i++) names.push_back("n" + std::to_string(i));
    for (int i = 0; i < ASIOWIRE_HOOK_RESULTS; i++) {
        message.name = names[static_cast<std::size_t>(i)];
        assert_true(results.take(message));
    }
    message.name = names.back();
    assert_false(results.take(message));
    message.name = names.front();
    assert_true(results.take(message));
}

void the_words_of_add_are_understood_or_refused_with_a_reason(void**)
{
    const auto refused = [](std::vector<std::string> words, const char* because) {
        const auto spec = HookSpec::of(words, "/nowhere");
        assert_false(spec.has_value());
        assert_non_null(std::strstr(spec.error().c_str(), because));
    };
    refused({}, "which hook?");
    refused({"levels"}, "no ready-made hook 'levels'");
    refused({"../levels"}, "No such file");
    refused({"/missing.c"}, "No such file");
    refused({"/bin/sh"}, "neither a C file");
    const std::string source = std::string(ASIOWIRE_SOURCE) + "/hooks/examples/my_hook.c";
    refused({source, "loud_db"}, "key=value");
    refused({source, "limit.ms=5"}, "from 10 to 60000");
    refused({source, "limit.mb=many"}, "from 1 to 65536");
    refused({source, "name=a b"}, "letters");
    const auto spec = HookSpec::of(
        {source, "loud_db=-6", "limit.ms=900", "limit.mb=64", "channels=inputs", "name=mine"}, "");
    assert_true(spec.has_value());
    assert_true(spec->compiled && spec->name == "mine" && spec->channels == "inputs");
    assert_true(spec->limit_ms == 900 && spec->memory_bytes == 64u << 20);
    assert_true(spec->settings.size() == 1 && spec->settings[0].key == "loud_db" &&
                spec->settings[0].value == "-6");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(waiting_doubles_up_to_a_minute),
        cmocka_unit_test(a_minute_without_trouble_is_forgiven),
        cmocka_unit_test(a_printing_hook_keeps_its_end_and_a_flood_is_noticed),
        cmocka_unit_test(the_same_spread_over_time_is_no_flood),
        cmocka_unit_test(channels_are_chosen_by_name_and_by_direction),
        cmocka_unit_test(text_of_others_is_made_harmless),
        cmocka_unit_test(what_is_sent_arrives),
        cmocka_unit_test(scribbled_messages_do_no_harm),
        cmocka_unit_test(more_names_than_allowed_are_left_out),
        cmocka_unit_test(the_words_of_add_are_understood_or_refused_with_a_reason),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
