// SPDX-License-Identifier: MIT
#include "tools/asiohost/counter.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>
#include <vector>

#include "tests/cmocka.hpp"

// The judge of every loopback run: it must find each kind of fault, and nothing where there is
// none.

using namespace asiohost;

namespace {

constexpr Format kFormats[] = {Format::int16, Format::int24, Format::int32, Format::float32,
                               Format::float64};

/// What arrives on one channel, sample by sample, as raw bytes.
class Arrival {
public:
    explicit Arrival(Format format) : format_(format) {}

    void silence(int frames) { bytes_.resize(bytes_.size() + size(frames), '\0'); }

    void codes(std::int64_t first, int frames, int channel = 0)
    {
        const std::size_t at = bytes_.size();
        silence(frames);
        fill_codes(layout(), format_, channel, first, frames, bytes_.data() + at);
    }

    void flip_bit(int frame, int byte, int bit)
    {
        bytes_[size(frame) + static_cast<std::size_t>(byte)] ^= static_cast<char>(1 << bit);
    }

    template <class Sample> void put(int frame, Sample value)
    {
        std::memcpy(bytes_.data() + size(frame), &value, sizeof value);
    }

    /// Feeds it in blocks of an odd size, so that faults lie anywhere in a block.
    /// What came before frame `forgiven`, a multiple of the block, is forgiven.
    ChannelTally judge(int channel = 0, int block = 37, int forgiven = 0) const
    {
        ChannelCheck check(layout(), format_, channel);
        const int frames = static_cast<int>(bytes_.size()) / bytes_of(format_);
        for (int at = 0; at < frames; at += block) {
            if (at == forgiven) check.forgive();
            check.feed(at, std::min(block, frames - at), bytes_.data() + size(at));
        }
        return check.tally();
    }

    Layout layout() const { return layout_for(format_, format_); }
    Format format() const { return format_; }

private:
    std::size_t size(int frames) const
    {
        return static_cast<std::size_t>(frames * bytes_of(format_));
    }

    Format format_;
    std::vector<char> bytes_;
};

struct Want {
    std::int64_t lost = 0, duplicated = 0, corrupt = 0, rtt = 0, rtt_changes = 0;
};

/// Judges one arrival per format; 0, or which format (1 …) gave what was not wanted.
int wrong_format(const std::function<void(Arrival&)>& arrive, const Want& want, int channel = 0)
{
    int number = 0;
    for (const Format format : kFormats) {
        number++;
        Arrival arrival(format);
        arrive(arrival);
        const ChannelTally got = arrival.judge(channel);
        if (got.lost != want.lost || got.duplicated != want.duplicated ||
            got.corrupt != want.corrupt || got.rtt != want.rtt ||
            got.rtt_changes != want.rtt_changes)
            return number;
    }
    return 0;
}

void a_clean_loop_is_clean_over_the_repeat_of_the_count(void**)
{
    const auto arrive = [](Arrival& a) {
        a.silence(256);
        a.codes(0, 300'000);
    };
    assert_int_equal(wrong_format(arrive, {.rtt = 256}), 0);
}

void a_loop_that_opens_late_has_its_true_round_trip(void**)
{
    const auto arrive = [](Arrival& a) {
        a.silence(1000); // frames 0 … 743 never arrived: the link was not there yet
        a.codes(744, 2000);
    };
    assert_int_equal(wrong_format(arrive, {.rtt = 256}), 0);
}

void a_round_trip_beyond_the_narrow_repeat_is_exact(void**)
{
    const auto arrive = [](Arrival& a) {
        a.silence(9000); // more than two repeats of 4096
        a.codes(0, 2000);
    };
    assert_int_equal(wrong_format(arrive, {.rtt = 9000}), 0);
}

void the_first_and_the_last_fault_are_placed_in_time(void**)
{
    Arrival arrival(Format::float32);
    arrival.silence(64);
    arrival.codes(0, 300);
    arrival.codes(310, 200); // at 364
    arrival.silence(3);      // at 564, 565, 566
    arrival.codes(513, 100);
    const ChannelTally got = arrival.judge();
    Arrival clean(Format::float32);
    clean.codes(0, 1000);
    assert_int_equal(got.first_wrong, 364);
    assert_int_equal(got.last_wrong, 566);
    assert_int_equal(clean.judge().first_wrong, -1);
}

void what_was_forgiven_does_not_count_and_the_round_trip_is_the_present_one(void**)
{
    for (const Format format : kFormats) {
        Arrival arrival(format);
        arrival.silence(512);
        arrival.codes(0, 100);
        arrival.codes(356, 144); // 256 lost: 756 in all, the round trip is 256 from here on
        const Arrival before = arrival;
        arrival.codes(500, 300);
        arrival.silence(1);
        const ChannelTally got = arrival.judge(0, 36, 756);
        assert_int_equal(before.judge().lost, 256);
        assert_int_equal(got.lost, 0);
        assert_int_equal(got.rtt, 256);
        assert_int_equal(got.rtt_changes, 0);
        assert_int_equal(got.corrupt, 1);
        assert_int_equal(got.first_wrong, 1056);
    }
}

void lost_frames_are_counted_exactly(void**)
{
    const auto arrive = [](Arrival& a) {
        a.codes(0, 500);
        a.codes(564, 500);
    };
    assert_int_equal(wrong_format(arrive, {.lost = 64, .rtt_changes = 1}), 0);
}

void duplicated_frames_are_counted_exactly(void**)
{
    const auto arrive = [](Arrival& a) {
        a.codes(0, 500);
        a.codes(436, 500);
    };
    assert_int_equal(wrong_format(arrive, {.duplicated = 64, .rtt_changes = 1}), 0);
}

void one_lost_frame_on_the_repeat_of_the_count_is_found(void**)
{
    const auto arrive = [](Arrival& a) {
        const int repeat = 1 << a.layout().count_bits;
        a.codes(0, repeat - 1);
        a.codes(repeat, 100); // count 0 where repeat - 1 was due
    };
    assert_int_equal(wrong_format(arrive, {.lost = 1, .rtt_changes = 1}), 0);
}

void a_block_replaced_by_silence_is_corrupt_only(void**)
{
    const auto arrive = [](Arrival& a) {
        a.codes(0, 500);
        a.silence(64);
        a.codes(564, 500);
    };
    assert_int_equal(wrong_format(arrive, {.corrupt = 64}), 0);
}

void silence_put_in_between_is_corrupt_and_changes_the_round_trip(void**)
{
    const auto arrive = [](Arrival& a) {
        a.codes(0, 500);
        a.silence(64);
        a.codes(500, 500);
    };
    assert_int_equal(wrong_format(arrive, {.corrupt = 64, .rtt_changes = 1}), 0);
}

void silence_and_lost_frames_together_are_both_counted(void**)
{
    const auto arrive = [](Arrival& a) {
        a.codes(0, 500);
        a.silence(64);
        a.codes(600, 500); // 64 replaced, 36 more gone
    };
    assert_int_equal(wrong_format(arrive, {.lost = 36, .corrupt = 64, .rtt_changes = 1}), 0);
}

void silence_and_repeated_frames_together_are_both_counted(void**)
{
    const auto arrive = [](Arrival& a) {
        a.codes(0, 500);
        a.silence(64);
        a.codes(490, 500);
    };
    assert_int_equal(wrong_format(arrive, {.duplicated = 10, .corrupt = 64, .rtt_changes = 1}), 0);
}

void silence_partly_put_in_between_is_corrupt_only(void**)
{
    const auto arrive = [](Arrival& a) {
        a.codes(0, 500);
        a.silence(64);
        a.codes(520, 500); // 20 replaced, 44 put in between
    };
    assert_int_equal(wrong_format(arrive, {.corrupt = 64, .rtt_changes = 1}), 0);
}

void a_signal_that_ends_is_corrupt(void**)
{
    const auto arrive = [](Arrival& a) {
        a.codes(0, 500);
        a.silence(100);
    };
    assert_int_equal(wrong_format(arrive, {.corrupt = 100}), 0);
}

void another_channels_signal_is_corrupt(void**)
{
    const auto arrive = [](Arrival& a) {
        a.codes(0, 500, 2);
        a.codes(500, 100, 3);
        a.codes(600, 100, 2);
    };
    assert_int_equal(wrong_format(arrive, {.corrupt = 100}, 2), 0);
}

void channels_swapped_from_the_start_are_corrupt_and_never_heard(void**)
{
    const auto arrive = [](Arrival& a) {
        a.silence(64);
        a.codes(0, 500, 1);
    };
    assert_int_equal(wrong_format(arrive, {.corrupt = 500, .rtt = -1}), 0);
}

void nothing_but_silence_is_not_corrupt_and_not_heard(void**)
{
    const auto arrive = [](Arrival& a) { a.silence(5000); };
    assert_int_equal(wrong_format(arrive, {.rtt = -1}), 0);
}

void a_single_flipped_bit_is_found(void**)
{
    // Every bit of one sample in turn; some lead to another frame's code, none goes unnoticed.
    int unnoticed = 0;
    for (const Format format : kFormats) {
        for (int bit = 0; bit < 8 * bytes_of(format); bit++) {
            Arrival arrival(format);
            arrival.codes(0, 500);
            arrival.flip_bit(250, bit / 8, bit % 8);
            const ChannelTally got = arrival.judge();
            unnoticed += got.corrupt + got.lost + got.duplicated == 0;
        }
    }
    assert_int_equal(unnoticed, 0);
}

void values_that_are_no_codes_are_corrupt(void**)
{
    Arrival arrival(Format::float32);
    arrival.codes(0, 500);
    arrival.put(100, std::numeric_limits<float>::quiet_NaN());
    arrival.put(200, std::numeric_limits<float>::infinity());
    arrival.put(300, -1.0f);
    arrival.put(400, 1e-30f);
    const ChannelTally got = arrival.judge();
    assert_int_equal(got.corrupt, 4);
    assert_int_equal(got.lost + got.duplicated + got.rtt_changes, 0);
}

void a_changed_volume_is_corrupt(void**)
{
    std::vector<float> heard(500);
    fill_codes(kWide, Format::float32, 0, 0, 500, heard.data());
    for (float& sample : heard)
        sample *= 0.7f;
    ChannelCheck check(kWide, Format::float32, 0);
    check.feed(0, 500, heard.data());
    assert_true(check.tally().corrupt >= 499); // one may fall on a code by chance
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_clean_loop_is_clean_over_the_repeat_of_the_count),
        cmocka_unit_test(a_loop_that_opens_late_has_its_true_round_trip),
        cmocka_unit_test(a_round_trip_beyond_the_narrow_repeat_is_exact),
        cmocka_unit_test(the_first_and_the_last_fault_are_placed_in_time),
        cmocka_unit_test(what_was_forgiven_does_not_count_and_the_round_trip_is_the_present_one),
        cmocka_unit_test(lost_frames_are_counted_exactly),
        cmocka_unit_test(duplicated_frames_are_counted_exactly),
        cmocka_unit_test(one_lost_frame_on_the_repeat_of_the_count_is_found),
        cmocka_unit_test(a_block_replaced_by_silence_is_corrupt_only),
        cmocka_unit_test(silence_put_in_between_is_corrupt_and_changes_the_round_trip),
        cmocka_unit_test(silence_and_lost_frames_together_are_both_counted),
        cmocka_unit_test(silence_and_repeated_frames_together_are_both_counted),
        cmocka_unit_test(silence_partly_put_in_between_is_corrupt_only),
        cmocka_unit_test(a_signal_that_ends_is_corrupt),
        cmocka_unit_test(another_channels_signal_is_corrupt),
        cmocka_unit_test(channels_swapped_from_the_start_are_corrupt_and_never_heard),
        cmocka_unit_test(nothing_but_silence_is_not_corrupt_and_not_heard),
        cmocka_unit_test(a_single_flipped_bit_is_found),
        cmocka_unit_test(values_that_are_no_codes_are_corrupt),
        cmocka_unit_test(a_changed_volume_is_corrupt),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
