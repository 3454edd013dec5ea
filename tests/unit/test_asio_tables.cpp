// SPDX-License-Identifier: MIT
#include "asio/asio_error.hpp"
#include "asio/error_text.hpp"
#include "asio/rates.hpp"
#include "asio/sample_types.hpp"
#include "asio/wide.hpp"

#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "tests/cmocka.hpp"

using namespace asiowire;

namespace {

void every_sample_type_has_its_asio_number_and_size(void**)
{
    // By ASIO's published numbers.
    const struct {
        SampleType type;
        std::int32_t number;
        std::uint32_t bytes;
    } rows[] = {
        {SampleType::int16, 16, 2},   {SampleType::int24, 17, 3},   {SampleType::int32, 18, 4},
        {SampleType::float32, 19, 4}, {SampleType::float64, 20, 8},
    };
    int wrong = 0;
    for (const auto& row : rows)
        wrong += asio_type(row.type) != row.number || bytes_per_sample(row.type) != row.bytes;
    assert_int_equal(wrong, 0);
    assert_int_equal(std::size(rows), sample_types);
}

void a_wide_number_has_its_high_half_first(void**)
{
    const struct {
        std::uint64_t value;
        std::uint32_t hi, lo;
    } rows[] = {
        {0, 0, 0},
        {1, 0, 1},
        {0xffff'ffff, 0, 0xffff'ffff},
        {0x1'0000'0000, 1, 0}, // a day and an hour at 48 kHz
        {48'000ull * 86'400 * 366, 353, 1'751'744'512},
        {0x0123'4567'89ab'cdef, 0x0123'4567, 0x89ab'cdef},
        {UINT64_MAX, 0xffff'ffff, 0xffff'ffff},
    };
    int wrong = 0;
    for (const auto& row : rows) {
        const asio::Wide found = wide(row.value);
        std::uint32_t words[2];
        std::memcpy(words, &found, sizeof words); // as a host reads it
        wrong += words[0] != row.hi || words[1] != row.lo;
    }
    assert_int_equal(wrong, 0);
}

void a_rate_is_rounded_to_whole_hertz(void**)
{
    const struct {
        double asked;
        std::uint32_t whole;
    } rows[] = {
        {44100, 44100},   {48000, 48000},       {47999.6, 48000}, {48000.4, 48000},
        {192000, 192000}, {1'000'000, 1000000}, {1, 1},
    };
    int wrong = 0;
    for (const auto& row : rows) wrong += whole_rate(row.asked) != row.whole;
    assert_int_equal(wrong, 0);
}

void a_rate_that_is_none_is_zero(void**)
{
    using Limits = std::numeric_limits<double>;
    int wrong = 0;
    for (const double rate : {0.0, -0.0, -1.0, -48000.0, 0.3, 1e6 + 1, 1e9, 1e300, Limits::max(),
                              Limits::denorm_min(), Limits::infinity(), -Limits::infinity(),
                              std::nan(""), -std::nan("")})
        wrong += whole_rate(rate) != 0;
    assert_int_equal(wrong, 0);
}

void no_refusal_of_a_rate_has_another_name_than_hosts_expect(void**)
{
    constexpr int statuses = static_cast<int>(Status::clock_held) + 1;
    int no_clock_from_set = 0;
    int ok_from_failure = 0;
    for (int i = 0; i < statuses; i++) {
        const auto status = static_cast<Status>(i);
        no_clock_from_set += asio_error(did_not_set_rate(status)) == asio::ASE_NoClock;
        ok_from_failure += status != Status::ok && (did_not_set_rate(status) == Status::ok ||
                                                    cannot_run_at(status) == Status::ok);
    }
    assert_int_equal(no_clock_from_set, 0);
    assert_int_equal(ok_from_failure, 0);
    assert_int_equal(did_not_set_rate(Status::ok), Status::ok);
    assert_int_equal(cannot_run_at(Status::ok), Status::ok);
    for (const Status refusal : {Status::no_clock, Status::clock_held, Status::bad_argument,
                                 Status::unsupported, Status::bad_state}) {
        assert_int_equal(asio_error(cannot_run_at(refusal)), asio::ASE_NoClock);
        assert_int_equal(asio_error(did_not_set_rate(refusal)), asio::ASE_InvalidMode);
    }
    assert_int_equal(asio_error(did_not_set_rate(Status::no_daemon)), asio::ASE_NotPresent);
}

/// What a host finds in its array, and how many bytes of it were written to.
struct Written {
    std::string text;
    std::size_t bytes;
};

Written written(const std::string& sentence)
{
    ErrorText text;
    text.store(sentence);
    char array[512];
    std::memset(array, 0x55, sizeof array);
    text.write(array);
    std::size_t bytes = sizeof array;
    while (bytes > 0 && array[bytes - 1] == 0x55) bytes--;
    return {array, bytes};
}

void an_error_text_never_takes_more_than_124_bytes(void**)
{
    int wrong = 0;
    for (std::size_t length = 0; length < 400; length++) {
        const Written found = written(std::string(length, 'x'));
        const std::size_t kept = length < 123 ? length : 123;
        wrong += found.text != std::string(kept, 'x') || found.bytes != kept + 1;
    }
    assert_int_equal(wrong, 0);
}

void an_error_text_is_not_cut_within_a_character(void**)
{
    const std::string three_bytes = "\xe2\x82\xac"; // the euro sign
    int wrong = 0;
    for (std::size_t before = 115; before < 130; before++) {
        const Written found = written(std::string(before, 'x') + three_bytes + "y");
        const std::size_t whole = before > 123 ? 123 : before + (before <= 120 ? 3 : 0);
        const std::size_t kept = before <= 119 ? before + 4 : whole;
        wrong += found.text.size() != kept || found.bytes != kept + 1;
    }
    assert_int_equal(wrong, 0);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(every_sample_type_has_its_asio_number_and_size),
        cmocka_unit_test(a_wide_number_has_its_high_half_first),
        cmocka_unit_test(a_rate_is_rounded_to_whole_hertz),
        cmocka_unit_test(a_rate_that_is_none_is_zero),
        cmocka_unit_test(no_refusal_of_a_rate_has_another_name_than_hosts_expect),
        cmocka_unit_test(an_error_text_never_takes_more_than_124_bytes),
        cmocka_unit_test(an_error_text_is_not_cut_within_a_character),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
