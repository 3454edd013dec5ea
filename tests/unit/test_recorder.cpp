// SPDX-License-Identifier: MIT
#include "tests/unit/studio.hpp"

#include <cmath>

#include "tests/cmocka.hpp"

// From the ring to the take, with a disk that does as it is told: what is in a take, what is lost,
// and what is said of it.

using namespace asiowire;

namespace {

using State = RecorderStatus::State;

/// Frames of a take that are not what the source had pushed from `position` on; silence is not
/// right.
std::uint64_t wrong_frames(const FakeDisk::Written& take, std::uint64_t position)
{
    std::uint64_t wrong = take.first.size() != take.second.size();
    for (std::size_t i = 0; i < take.first.size(); i++)
        wrong += take.first[i] != sample_at(position + i, 0) ||
                 take.second[i] != sample_at(position + i, 1);
    return wrong;
}

void a_take_is_what_was_pushed_between_start_and_stop(void**)
{
    Studio studio;
    studio.push(5); // before
    Studio::breathe();
    studio.start();
    const State waiting = studio.recorder->status().state;
    studio.push(7);
    studio.recorder->stop();
    studio.push(3); // behind
    studio.settle();
    const RecorderStatus now = studio.recorder->status();
    const auto& take = studio.take(0);
    const std::uint64_t wrong = wrong_frames(take, 500);
    assert_true(waiting == State::waiting);
    assert_true(now.state == State::idle);
    assert_int_equal(take.first.size(), 700);
    assert_int_equal(wrong, 0);
    assert_true(take.finished);
    assert_int_equal(take.settings.rate, 48000);
    assert_int_equal(now.damages, 0);
    assert_string_equal(now.folder.c_str(), "/takes/take");
}

void the_preroll_comes_before_the_start(void**)
{
    Studio studio(0.05); // 2400 frames
    for (int i = 0; i < 10; i++) {
        studio.push(10);
        Studio::breathe();
    }
    studio.start();
    studio.push(5);
    studio.recorder->stop();
    studio.settle();
    const auto& take = studio.take(0);
    const std::uint64_t wrong = wrong_frames(take, 10'000 - 2400);
    assert_int_equal(take.first.size(), 2400 + 500);
    assert_int_equal(wrong, 0);
}

void a_preroll_does_not_reach_over_an_interruption(void**)
{
    Studio studio(0.05);
    studio.push(20);
    Studio::breathe();
    studio.recorder->interrupt();
    studio.settle();
    studio.push(3);
    Studio::breathe();
    studio.start();
    studio.push(1);
    studio.recorder->stop();
    studio.settle();
    const std::uint64_t wrong = wrong_frames(studio.take(0), 2000);
    assert_int_equal(studio.take(0).first.size(), 400);
    assert_int_equal(wrong, 0);
}

void a_disk_that_stands_still_for_less_than_the_ring_costs_nothing(void**)
{
    Studio studio;
    studio.start();
    studio.push(1);
    Studio::breathe();
    studio.disk.stand_still(true);
    studio.push(70);
    Studio::breathe();
    const RecorderStatus meanwhile = studio.recorder->status(); // answers all the same
    studio.disk.stand_still(false);
    studio.recorder->stop();
    studio.settle();
    const RecorderStatus now = studio.recorder->status();
    const std::uint64_t wrong = wrong_frames(studio.take(0), 0);
    assert_int_equal(studio.take(0).first.size(), 7100);
    assert_int_equal(wrong, 0);
    assert_int_equal(now.counts.gaps, 0);
    assert_true(meanwhile.fill > 0.3);
    assert_true(now.fill_highest >= meanwhile.fill);
    assert_true(now.fill < 0.01);
}

/// What of a take with gaps is right: everything but the silence, each frame in its place.
struct Gaps {
    std::uint64_t silent = 0;
    std::uint64_t wrong = 0;
};

Gaps gaps_of(const FakeDisk::Written& take)
{
    Gaps gaps;
    for (std::size_t i = 0; i < take.second.size(); i++) {
        const bool silent = take.first[i] == 0 && take.second[i] == 0;
        gaps.silent += silent;
        gaps.wrong +=
            !silent && (take.first[i] != sample_at(i, 0) || take.second[i] != sample_at(i, 1));
    }
    return gaps;
}

void a_disk_that_stands_still_too_long_costs_what_is_said_and_silence_takes_its_place(void**)
{
    Studio studio;
    studio.start();
    studio.push(1);
    Studio::breathe();
    for (int stall = 0; stall < 2; stall++) {
        studio.disk.stand_still(true);
        studio.push(200);
        Studio::breathe();
        studio.disk.stand_still(false);
        Studio::breathe();
        studio.push(10);
        Studio::breathe();
    }
    studio.recorder->stop();
    studio.settle();
    const auto& take = studio.take(0);
    const RecorderStatus now = studio.recorder->status();
    const std::uint64_t dropped = studio.ring->header().dropped;
    const std::uint64_t pushed = studio.source.position;
    const Gaps gaps = gaps_of(take);
    assert_true(dropped > 1000);
    assert_int_equal(take.counts.gap_frames, dropped);
    assert_int_equal(take.first.size(), pushed);
    assert_int_equal(gaps.wrong, 0);
    assert_int_equal(gaps.silent, dropped);
    assert_int_equal(now.counts.gaps, 2);
    assert_int_equal(now.damages, 2);
}

void a_gap_lies_between_the_blocks_that_it_fell_between(void**)
{
    Studio studio;
    studio.start();
    studio.disk.stand_still(true);
    studio.push(1); // which the disk thread holds; all others are written together
    Studio::breathe();
    while (studio.source.push(longest)) continue;
    const bool small_ones_fit = studio.source.push(20) && studio.source.push(20);
    studio.disk.stand_still(false);
    studio.stop();
    const Gaps gaps = gaps_of(studio.take(0));
    const RecorderStatus now = studio.recorder->status();
    assert_true(small_ones_fit);
    assert_int_equal(now.counts.gaps, 1);
    assert_int_equal(gaps.silent, longest);
    assert_int_equal(gaps.wrong, 0);
}

void frames_lost_at_the_very_end_are_silence_too(void**)
{
    Studio studio;
    studio.start();
    studio.push(1);
    Studio::breathe();
    studio.disk.stand_still(true);
    studio.push(200);
    studio.recorder->stop();
    studio.disk.stand_still(false);
    studio.settle();
    const std::uint64_t dropped = studio.ring->header().dropped;
    const std::uint64_t pushed = studio.source.position;
    assert_true(dropped > 0);
    assert_int_equal(studio.take(0).first.size(), pushed);
    assert_int_equal(studio.take(0).counts.gap_frames, dropped);
}

void what_was_lost_before_a_take_is_none_of_its_own(void**)
{
    Studio studio;
    studio.start("first");
    studio.push(1);
    Studio::breathe();
    studio.disk.stand_still(true);
    studio.push(200);
    studio.recorder->stop();
    studio.disk.stand_still(false);
    studio.settle();
    studio.start("second");
    studio.push(10);
    studio.recorder->stop();
    studio.settle();
    assert_int_equal(studio.take(1).first.size(), 1000);
    assert_int_equal(studio.take(1).counts.gaps, 0);
}

void a_disk_that_fails_ends_the_take_with_its_sentence_and_the_audio_goes_on(void**)
{
    Studio studio;
    studio.start();
    studio.push(3);
    Studio::breathe();
    studio.disk.fail_from_now_on("the disk is full");
    bool all = true;
    for (int i = 0; i < 300; i++) {
        all &= studio.source.push(100);
        if (i % 30 == 0) Studio::breathe();
    }
    const RecorderStatus now = studio.recorder->status();
    studio.disk.fail_from_now_on("");
    studio.start("again");
    studio.push(2);
    studio.recorder->stop();
    studio.settle();
    const RecorderStatus then = studio.recorder->status();
    assert_true(all);
    assert_true(now.state == State::failed);
    assert_string_equal(now.message.c_str(), "the disk is full");
    assert_int_equal(now.damages, 1);
    assert_true(then.state == State::idle);
    assert_string_equal(then.message.c_str(), "");
    assert_int_equal(studio.take(1).first.size(), 200);
}

void a_take_that_cannot_begin_says_why(void**)
{
    Studio studio;
    studio.disk.fail_from_now_on("no such folder");
    studio.start();
    studio.push(1);
    Studio::breathe();
    const RecorderStatus now = studio.recorder->status();
    assert_true(now.state == State::failed);
    assert_string_equal(now.message.c_str(), "no such folder");
    assert_int_equal(now.takes, 0);
}

void an_interruption_makes_a_new_take(void**)
{
    Studio studio;
    studio.start();
    studio.push(4);
    studio.recorder->interrupt();
    studio.settle();
    const State between = studio.recorder->status().state;
    studio.push(2);
    studio.recorder->stop();
    studio.settle();
    const std::uint64_t wrong = wrong_frames(studio.take(0), 0) + wrong_frames(studio.take(1), 400);
    assert_true(between == State::waiting);
    assert_int_equal(studio.disk.takes.size(), 2);
    assert_int_equal(studio.take(0).first.size(), 400);
    assert_int_equal(studio.take(1).first.size(), 200);
    assert_int_equal(wrong, 0);
}

void another_rate_makes_a_new_take(void**)
{
    Studio studio;
    studio.start();
    studio.push(4);
    const std::vector<float> other(50, 0.5f);
    const std::array<const float*, n_channels> planes = {other.data(), other.data(), other.data()};
    studio.ring->push({.frames = 50, .rate = 44100}, planes.data());
    studio.recorder->stop();
    studio.settle();
    assert_int_equal(studio.disk.takes.size(), 2);
    assert_int_equal(studio.take(0).first.size(), 400);
    assert_true(studio.take(0).finished);
    assert_int_equal(studio.take(1).settings.rate, 44100);
    assert_int_equal(studio.take(1).first.size(), 50);
}

void marks_renames_and_xruns_stand_where_they_happened(void**)
{
    Studio studio;
    studio.start();
    studio.push(2);
    studio.recorder->mark("verse");
    studio.push(3);
    studio.recorder->rename(1, "Snare");
    studio.source.push(100, 0, ring_xrun);
    studio.source.push(100, 777, ring_gap);
    studio.recorder->mark("end");
    studio.recorder->stop();
    studio.settle();
    const auto& take = studio.take(0);
    const std::vector<std::pair<std::uint64_t, std::string>> expected = {
        {200, "verse"}, {500, "=Snare"}, {500, "xrun"}, {600, "xrun"}, {700, "end"}};
    const bool same = take.marks == expected;
    const bool told =
        take.remarks.size() == 1 && take.remarks[0].find("777 frames") != std::string::npos;
    const RecorderStatus now = studio.recorder->status();
    assert_true(same);
    assert_true(told);
    assert_int_equal(now.damages, 2);
    assert_int_equal(take.first.size(), 700);
}

void peaks_are_those_since_the_last_look(void**)
{
    Studio studio;
    studio.start();
    std::vector<float> loud(64, 0.25f);
    loud[10] = -0.75f;
    const std::vector<float> quiet(64, 0.125f);
    std::vector<float> broken(64);
    broken[3] = std::nanf("");
    const std::array<const float*, n_channels> first = {loud.data(), quiet.data(), broken.data()};
    const std::array<const float*, n_channels> second = {quiet.data(), quiet.data(), nullptr};
    studio.ring->push({.frames = 64, .rate = 48000}, first.data());
    studio.ring->push({.frames = 64, .rate = 48000}, second.data());
    Studio::breathe();
    const std::vector<float> one = studio.recorder->status().peaks;
    studio.ring->push({.frames = 64, .rate = 48000}, second.data());
    Studio::breathe();
    const std::vector<float> two = studio.recorder->status().peaks;
    assert_int_equal(one.size(), n_channels);
    assert_true(one[0] == 0.75f && one[1] == 0.125f && std::isnan(one[2]));
    assert_true(two[0] == 0.125f && two[1] == 0.125f && two[2] == 0);
}

void a_recorder_that_goes_finishes_its_take(void**)
{
    Studio studio;
    studio.start();
    studio.push(9);
    studio.recorder.reset();
    assert_true(studio.take(0).finished);
    assert_int_equal(studio.take(0).first.size(), 900);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_take_is_what_was_pushed_between_start_and_stop),
        cmocka_unit_test(the_preroll_comes_before_the_start),
        cmocka_unit_test(a_preroll_does_not_reach_over_an_interruption),
        cmocka_unit_test(a_disk_that_stands_still_for_less_than_the_ring_costs_nothing),
        cmocka_unit_test(
            a_disk_that_stands_still_too_long_costs_what_is_said_and_silence_takes_its_place),
        cmocka_unit_test(a_gap_lies_between_the_blocks_that_it_fell_between),
        cmocka_unit_test(frames_lost_at_the_very_end_are_silence_too),
        cmocka_unit_test(what_was_lost_before_a_take_is_none_of_its_own),
        cmocka_unit_test(a_disk_that_fails_ends_the_take_with_its_sentence_and_the_audio_goes_on),
        cmocka_unit_test(a_take_that_cannot_begin_says_why),
        cmocka_unit_test(an_interruption_makes_a_new_take),
        cmocka_unit_test(another_rate_makes_a_new_take),
        cmocka_unit_test(marks_renames_and_xruns_stand_where_they_happened),
        cmocka_unit_test(peaks_are_those_since_the_last_look),
        cmocka_unit_test(a_recorder_that_goes_finishes_its_take),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
