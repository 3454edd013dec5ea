// SPDX-License-Identifier: MIT
#include "core/convert.hpp"

#include <bit>
#include <cfloat>
#include <climits>
#include <cmath>
#include <limits>
#include <random>

#include "tests/cmocka.hpp"
#include "tests/unit/convert_sets.hpp"

// The values of every instruction set that is here, against the rule worked out in long double,
// which holds every product and quotient exactly.

using namespace asiowire;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::int64_t expected_code(float sample, int bits)
{
    if (std::isnan(sample)) return 0;
    const long double scale = std::ldexp(1.0L, bits - 1);
    const long double nearest = std::rint(sample * scale); // to even, by default
    if (nearest < -scale) return static_cast<std::int64_t>(-scale);
    if (nearest > scale - 1) return static_cast<std::int64_t>(scale - 1);
    return static_cast<std::int64_t>(nearest);
}

float expected_sample(std::int64_t code, int bits)
{
    return static_cast<float>(std::ldexp(static_cast<long double>(code), 1 - bits));
}

SampleType type_of(int bits)
{
    return bits == 16 ? SampleType::int16 : bits == 24 ? SampleType::int24 : SampleType::int32;
}

std::vector<unsigned char> bytes_of(const std::vector<std::int64_t>& codes, int bits)
{
    std::vector<unsigned char> bytes;
    for (const std::int64_t code : codes)
        for (int shift = 0; shift < bits; shift += 8)
            bytes.push_back(static_cast<unsigned char>(code >> shift & 0xff));
    return bytes;
}

/// How many codes become another float than they should, in any set.
long wrong_samples(const std::vector<std::int64_t>& codes, int bits)
{
    long wrong = 0;
    const std::vector<unsigned char> bytes = bytes_of(codes, bits);
    std::vector<float> samples(codes.size());
    for (const InstructionSet set : sets_here()) {
        converter(type_of(bits), set).to_float(samples.data(), bytes.data(), codes.size());
        for (std::size_t i = 0; i < codes.size(); i++)
            wrong += samples[i] != expected_sample(codes[i], bits);
    }
    return wrong;
}

/// How many codes do not come back as they were, in any set.
long lost_codes(const std::vector<std::int64_t>& codes, int bits)
{
    long lost = 0;
    const std::vector<unsigned char> bytes = bytes_of(codes, bits);
    std::vector<unsigned char> back(bytes.size());
    std::vector<float> samples(codes.size());
    for (const InstructionSet set : sets_here()) {
        const Converter convert = converter(type_of(bits), set);
        convert.to_float(samples.data(), bytes.data(), codes.size());
        convert.from_float(back.data(), samples.data(), codes.size());
        for (std::size_t i = 0; i < bytes.size(); i++)
            lost += back[i] != bytes[i];
    }
    return lost;
}

/// How many floats become another code than they should, in any set.
long wrong_codes(const std::vector<float>& samples, int bits)
{
    long wrong = 0;
    std::vector<std::int64_t> expected;
    for (const float sample : samples)
        expected.push_back(expected_code(sample, bits));
    const std::vector<unsigned char> expected_bytes = bytes_of(expected, bits);
    std::vector<unsigned char> bytes(expected_bytes.size());
    for (const InstructionSet set : sets_here()) {
        converter(type_of(bits), set).from_float(bytes.data(), samples.data(), samples.size());
        for (std::size_t i = 0; i < bytes.size(); i++)
            wrong += bytes[i] != expected_bytes[i];
    }
    return wrong;
}

struct Tally {
    std::int64_t codes = 0;
    long wrong = 0;
    long lost = 0;
};

/// Every code of `bits` bits that is a multiple of `step`.
Tally all_codes(int bits, std::int64_t step)
{
    Tally tally;
    const std::int64_t end = std::int64_t{1} << (bits - 1);
    std::vector<std::int64_t> codes;
    for (std::int64_t code = -end; code < end; code += step) {
        codes.push_back(code);
        if (codes.size() < 1 << 14 && code + step < end) continue;
        tally.codes += static_cast<std::int64_t>(codes.size());
        tally.wrong += wrong_samples(codes, bits);
        tally.lost += lost_codes(codes, bits);
        codes.clear();
    }
    return tally;
}

void every_16_bit_code_survives(void**)
{
    const Tally tally = all_codes(16, 1);
    assert_int_equal(tally.codes, 1 << 16);
    assert_int_equal(tally.wrong, 0);
    assert_int_equal(tally.lost, 0);
}

void every_24_bit_code_survives(void**)
{
    const Tally tally = all_codes(24, 1);
    assert_int_equal(tally.codes, 1 << 24);
    assert_int_equal(tally.wrong, 0);
    assert_int_equal(tally.lost, 0);
}

void every_24_bit_code_in_32_bits_survives(void**)
{
    const Tally tally = all_codes(32, 256);
    assert_int_equal(tally.codes, 1 << 24);
    assert_int_equal(tally.wrong, 0);
    assert_int_equal(tally.lost, 0);
}

void codes_of_more_than_24_bits_become_the_nearest_float(void**)
{
    std::mt19937 random(32);
    std::vector<std::int64_t> codes = {INT32_MAX, INT32_MAX - 1, INT32_MIN, INT32_MIN + 1, 0, 1,
                                       -1};
    for (int i = 0; i < 1 << 18; i++) {
        const auto code = static_cast<std::int32_t>(random());
        codes.push_back(code);
        codes.push_back(code >> random() % 8);
        codes.push_back((code & ~127) | 64); // a tie in the upper half of the range
        codes.push_back((code & ~63) >> 1 | 32);
    }
    assert_int_equal(wrong_samples(codes, 32), 0);
}

void known_floats_become_known_codes(void**)
{
    struct Known {
        float sample;
        std::int64_t codes[3]; // of 16, 24, 32 bits
    };
    constexpr std::int64_t low = INT32_MIN, high = INT32_MAX;
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const Known known[] = {
        {0.0f, {0, 0, 0}},
        {-0.0f, {0, 0, 0}},
        {nan, {0, 0, 0}},
        {-nan, {0, 0, 0}},
        {std::bit_cast<float>(0x7f800001u), {0, 0, 0}}, // the smallest signalling NaN
        {FLT_TRUE_MIN, {0, 0, 0}},
        {-FLT_MIN, {0, 0, 0}},
        {0.5f, {16384, 4194304, 1 << 30}},
        {1.0f, {32767, 8388607, high}},
        {-1.0f, {-32768, -8388608, low}},
        {1.5f, {32767, 8388607, high}},
        {-1.5f, {-32768, -8388608, low}},
        {FLT_MAX, {32767, 8388607, high}},
        {-FLT_MAX, {-32768, -8388608, low}},
        {kInfinity, {32767, 8388607, high}},
        {-kInfinity, {-32768, -8388608, low}},
        {0x1.fffffep-1f, {32767, 8388607, 2147483520}}, // the float before 1
        {-0x1.fffffep-1f, {-32768, -8388608, -2147483520}},
        {0x1p-16f, {0, 128, 32768}},      // half of a 16-bit step: to even
        {0x3p-16f, {2, 384, 98304}},      // one and a half
        {-0x5p-16f, {-2, -640, -163840}}, // two and a half
        {0x1p-24f, {0, 0, 128}},
        {-0x3p-24f, {0, -2, -384}},
        {0x1p-32f, {0, 0, 0}},
        {0x3p-32f, {0, 0, 2}},
    };
    long wrong = 0;
    for (const Known& one : known) {
        for (int i = 0; i < 3; i++) {
            const int bits = 16 + 8 * i;
            wrong += expected_code(one.sample, bits) != one.codes[i];
            wrong += wrong_codes(std::vector<float>(33, one.sample), bits) != 0;
        }
    }
    assert_int_equal(wrong, 0);
}

void ties_go_to_the_even_code(void**)
{
    long wrong = 0;
    for (const int bits : {16, 24, 32}) {
        const int highest = std::min(bits, 24) - 1; // beyond 24 bits a float has no halves
        std::vector<float> ties;
        for (std::int64_t k = -(std::int64_t{1} << highest); k < std::int64_t{1} << highest;
             k += bits == 16 ? 1 : 127)
            ties.push_back(static_cast<float>(std::ldexp(static_cast<double>(2 * k + 1), -bits)));
        wrong += wrong_codes(ties, bits);
    }
    assert_int_equal(wrong, 0);
}

void any_float_becomes_its_nearest_code(void**)
{
    std::mt19937 random(24);
    std::uniform_real_distribution<float> loud(-1.1f, 1.1f);
    std::vector<float> samples;
    for (int i = 0; i < 1 << 18; i++) {
        samples.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(random())));
        samples.push_back(loud(random));
        samples.push_back(std::ldexp(loud(random), -static_cast<int>(random() % 32)));
    }
    for (const int bits : {16, 24, 32})
        assert_int_equal(wrong_codes(samples, bits), 0);
}

std::vector<float> all_kinds_of_floats()
{
    std::mt19937 random(64);
    std::vector<float> samples = {0.0f, -0.0f, FLT_TRUE_MIN, -FLT_MAX, kInfinity, -kInfinity};
    samples.push_back(std::bit_cast<float>(0x7f800001u));
    samples.push_back(std::bit_cast<float>(0xffc12345u));
    for (int i = 0; i < 1 << 18; i++) {
        const auto bits = static_cast<std::uint32_t>(random());
        samples.push_back(std::bit_cast<float>(bits));
        samples.push_back(std::bit_cast<float>(bits & 0x807fffffu)); // a denormal
    }
    return samples;
}

/// Whether a float is the one nearest to a double, the even one of two.
bool nearest(float sample, double wanted)
{
    if (std::isnan(wanted)) return std::isnan(sample);
    if (std::abs(wanted) >= 0x1.ffffffp127) // from half a step beyond the last float
        return sample == std::copysign(kInfinity, static_cast<float>(wanted > 0 ? 1 : -1));
    if (!std::isfinite(sample) || std::signbit(sample) != std::signbit(wanted)) return false;
    const bool even = (std::bit_cast<std::uint32_t>(sample) & 1) == 0;
    const long double off = std::abs(static_cast<long double>(wanted) - sample);
    for (const float towards : {-kInfinity, kInfinity}) {
        const long double other = std::nextafter(sample, towards);
        const long double other_off = std::abs(wanted - other);
        if (other_off < off || (other_off == off && !even)) return false;
    }
    return true;
}

void a_float_in_64_bits_is_itself(void**)
{
    long wrong = 0;
    const std::vector<float> samples = all_kinds_of_floats();
    std::vector<double> wide(samples.size());
    std::vector<float> back(samples.size());
    for (const InstructionSet set : sets_here()) {
        const Converter convert = converter(SampleType::float64, set);
        convert.from_float(wide.data(), samples.data(), samples.size());
        convert.to_float(back.data(), wide.data(), samples.size());
        for (std::size_t i = 0; i < samples.size(); i++) {
            if (std::isnan(samples[i])) {
                wrong += !std::isnan(wide[i]) || !std::isnan(back[i]);
                continue;
            }
            wrong += static_cast<long double>(wide[i]) != static_cast<long double>(samples[i]);
            wrong +=
                std::bit_cast<std::uint32_t>(back[i]) != std::bit_cast<std::uint32_t>(samples[i]);
        }
    }
    assert_int_equal(wrong, 0);
}

void a_64_bit_sample_becomes_the_nearest_float(void**)
{
    std::mt19937_64 random(53);
    std::vector<double> wide = {
        0x1.fffffefp127, 0x1.ffffffp127, -0x1.ffffffp127, 0x1p-150, 0x3p-150,
        -0x1p-151,       DBL_MAX,        -DBL_TRUE_MIN,   INFINITY, NAN};
    for (const float sample : all_kinds_of_floats()) {
        if (!std::isfinite(sample)) continue;
        const double next = std::nextafter(sample, kInfinity);
        const double middle = (static_cast<double>(sample) + next) / 2; // a tie
        wide.push_back(std::bit_cast<double>(random()));
        wide.push_back(middle);
        wide.push_back(std::nextafter(middle, 0));
    }
    long wrong = 0;
    std::vector<float> samples(wide.size());
    for (const InstructionSet set : sets_here()) {
        converter(SampleType::float64, set).to_float(samples.data(), wide.data(), wide.size());
        for (std::size_t i = 0; i < wide.size(); i++)
            wrong += !nearest(samples[i], wide[i]);
    }
    assert_int_equal(wrong, 0);
}

void a_32_bit_float_is_copied_bit_for_bit(void**)
{
    long wrong = 0;
    const std::vector<float> samples = all_kinds_of_floats();
    std::vector<float> there(samples.size()), back(samples.size());
    for (const InstructionSet set : sets_here()) {
        const Converter convert = converter(SampleType::float32, set);
        convert.from_float(there.data(), samples.data(), samples.size());
        convert.to_float(back.data(), there.data(), samples.size());
        for (std::size_t i = 0; i < samples.size(); i++)
            wrong +=
                std::bit_cast<std::uint32_t>(back[i]) != std::bit_cast<std::uint32_t>(samples[i]);
    }
    assert_int_equal(wrong, 0);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(every_16_bit_code_survives),
        cmocka_unit_test(every_24_bit_code_survives),
        cmocka_unit_test(every_24_bit_code_in_32_bits_survives),
        cmocka_unit_test(codes_of_more_than_24_bits_become_the_nearest_float),
        cmocka_unit_test(known_floats_become_known_codes),
        cmocka_unit_test(ties_go_to_the_even_code),
        cmocka_unit_test(any_float_becomes_its_nearest_code),
        cmocka_unit_test(a_float_in_64_bits_is_itself),
        cmocka_unit_test(a_64_bit_sample_becomes_the_nearest_float),
        cmocka_unit_test(a_32_bit_float_is_copied_bit_for_bit),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
