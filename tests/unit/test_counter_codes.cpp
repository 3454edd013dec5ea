// SPDX-License-Identifier: MIT
#include "tools/asiohost/counter.hpp"

#include <vector>

#include "tests/cmocka.hpp"

// The numbered samples of a loopback run: what they are, and that they survive their sample type.

using namespace asiohost;

namespace {

constexpr Format kFormats[] = {Format::int16, Format::int24, Format::int32, Format::float32,
                               Format::float64};

void codes_are_what_the_layout_says(void**)
{
    // By hand: channel 3, frame 5 is ((3 << 17 | 5) << 1 | 1) - 2^23 = -7602165.
    float real = 0;
    fill_codes(kWide, Format::float32, 3, 5, 1, &real);
    const bool float_right = real == -7602165.0f / 8388608.0f;
    std::int32_t whole = 0;
    fill_codes(kWide, Format::int32, 3, 5, 1, &whole);
    unsigned char three[3];
    fill_codes(kWide, Format::int24, 3, 5, 1, three);
    // ((3 << 12 | 5) << 1 | 1) - 2^15 = -8181.
    std::int16_t narrow = 0;
    fill_codes(kNarrow, Format::int16, 3, 5, 1, &narrow);
    assert_true(float_right);
    assert_int_equal(whole, -7602165 * 256);
    assert_int_equal(three[0] | three[1] << 8 | three[2] << 16, 16777216 - 7602165);
    assert_int_equal(narrow, -8181);
}

void no_code_is_silence_or_full_scale(void**)
{
    int bad = 0;
    std::vector<float> samples(1 << 17);
    for (int channel = 0; channel < 64; channel++) {
        fill_codes(kWide, Format::float32, channel, 0, 1 << 17, samples.data());
        for (const float sample : samples)
            bad += sample == 0 || sample <= -1 || sample >= 1;
    }
    std::vector<std::int16_t> narrow(1 << 12);
    for (int channel = 0; channel < 8; channel++) {
        fill_codes(kNarrow, Format::int16, channel, 0, 1 << 12, narrow.data());
        for (const std::int16_t sample : narrow)
            bad += sample == 0 || sample == -32768;
    }
    assert_int_equal(bad, 0);
}

void every_code_reads_back(void**)
{
    int bad = 0;
    for (const Format format : kFormats) {
        const Layout layout = layout_for(format, format);
        char sample[8];
        for (int channel = 0; channel < 1 << layout.tag_bits; channel++) {
            for (std::int64_t frame = 0; frame < 1 << layout.count_bits; frame += 61) {
                fill_codes(layout, format, channel, frame, 1, sample);
                const auto count = read_code(layout, format, channel, sample, 0);
                bad += !count || *count != frame;
                bad += read_code(layout, format, channel + 1, sample, 0).has_value();
            }
        }
    }
    assert_int_equal(bad, 0);
}

void a_narrow_output_is_read_on_a_wide_input(void**)
{
    // Int16 out, Float32 in: the values of 16 bits, as floats.
    const Layout layout = layout_for(Format::int16, Format::float32);
    std::vector<std::int16_t> played(100);
    std::vector<float> heard(100);
    fill_codes(layout, Format::int16, 2, 0, 100, played.data());
    for (std::size_t i = 0; i < 100; i++)
        heard[i] = static_cast<float>(played[i]) / 32768;
    ChannelCheck check(layout, Format::float32, 2);
    check.feed(0, 100, heard.data());
    assert_true(check.heard());
    assert_int_equal(check.tally().corrupt, 0);
    assert_int_equal(check.tally().rtt, 0);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_what_the_layout_says),
        cmocka_unit_test(no_code_is_silence_or_full_scale),
        cmocka_unit_test(every_code_reads_back),
        cmocka_unit_test(a_narrow_output_is_read_on_a_wide_input),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
