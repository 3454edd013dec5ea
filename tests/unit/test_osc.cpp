// SPDX-License-Identifier: MIT
#include "taps/osc.hpp"

#include <random>
#include <string_view>

#include "tests/cmocka.hpp"

// Packets byte by byte as the OSC 1.0 specification and the console's document have them; then bytes
// that are no packets.

using namespace asiowire;

namespace {

using namespace std::string_view_literals;

std::optional<OscMessage> read(std::string_view bytes)
{
    // In memory of exactly this size, so that a memory checker sees what is read beyond it.
    std::vector<std::uint8_t> packet(bytes.begin(), bytes.end());
    packet.shrink_to_fit();
    return read_osc(packet);
}

void a_question_is_an_address_with_no_arguments(void**)
{
    const auto is = [](const char* address, std::string_view bytes) {
        const auto packet = osc_question(address);
        assert_int_equal(packet.size(), bytes.size());
        assert_memory_equal(packet.data(), bytes.data(), bytes.size());
    };
    is("/info", "/info\0\0\0,\0\0\0"sv);
    is("/status", "/status\0,\0\0\0"sv);
    is("/xremote", "/xremote\0\0\0\0,\0\0\0"sv);
    is("/ch/01/config/name", "/ch/01/config/name\0\0,\0\0\0"sv);
}

void the_consoles_answers_are_read(void**)
{
    const auto info = read("/info\0\0\0,ssss\0\0\0V2.05\0\0\0osc-server\0\0X32C\0\0\0\0002.08\0\0\0\0"sv);
    assert_true(info.has_value());
    assert_string_equal(info->address.c_str(), "/info");
    const std::vector<OscValue> expected{"V2.05", "osc-server", "X32C", "2.08"};
    assert_true(info->values == expected);

    const auto colour = read("/ch/01/config/color\0,i\0\0\xff\xff\xff\x0c"sv);
    assert_true(colour && colour->values == std::vector<OscValue>{-244});
    const auto fader = read("/ch/01/mix/fader\0\0\0\0,f\0\0\x3f\x53\x34\xcd"sv);
    assert_true(fader && fader->values == std::vector<OscValue>{std::monostate()});
    const auto empty = read("/ch/01/config/name\0\0,s\0\0\0\0\0\0"sv);
    assert_true(empty && empty->values == std::vector<OscValue>{""});
}

void what_is_no_message_is_refused(void**)
{
    for (const std::string_view bytes : {
             ""sv, "/"sv, "/a"sv, "/abc"sv, "abc\0,\0\0\0"sv, "\0\0\0\0,\0\0\0"sv,
             "/ab\0,i\0\0"sv, "/ab\0,i\0\0\0\0\0"sv, "/ab\0,s\0\0abcd"sv, "/ab\0i\0\0\0\0\0\0\1"sv,
             "/ab\0,b\0\0\x7f\xff\xff\xff"sv, "/ab\0,b\0\0\xff\xff\xff\xff"sv, "/ab\0,?\0\0\0\0\0\1"sv,
             "#bundle\0\0\0\0\0\0\0\0\1\0\0\0\x08/ab\0,\0\0\0"sv})
        assert_false(read(bytes).has_value());
}

/// A good packet with bytes changed, cut or put at its end.
void no_bytes_whatever_bring_the_reader_down(void**)
{
    std::mt19937 dice(32);
    const std::string_view good = "/ch/01/config/name\0\0,sib\0\0\0\0Kick\0\0\0\0\0\0\0\5\0\0\0\3abc\0"sv;
    assert_true(read(good).has_value());
    int refused = 0;
    for (int i = 0; i < 200'000; i++) {
        std::string bytes(good.substr(0, dice() % 4 == 0 ? dice() % (good.size() + 1) : good.size()));
        for (unsigned changes = dice() % 4; changes > 0 && !bytes.empty(); changes--)
            bytes[dice() % bytes.size()] = static_cast<char>(dice() % 3 == 0 ? dice() : 0);
        if (dice() % 8 == 0) bytes.append(dice() % 9, static_cast<char>(dice()));
        refused += !read(bytes).has_value();
    }
    assert_in_range(refused, 20'000, 180'000);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_question_is_an_address_with_no_arguments),
        cmocka_unit_test(the_consoles_answers_are_read),
        cmocka_unit_test(what_is_no_message_is_refused),
        cmocka_unit_test(no_bytes_whatever_bring_the_reader_down),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
