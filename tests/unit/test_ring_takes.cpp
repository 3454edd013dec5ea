// SPDX-License-Identifier: MIT
#include "tests/unit/studio.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <thread>

#include "tests/cmocka.hpp"

// What a ring says of its takes, against where the samples themselves say that they come from.

using namespace asiowire;

namespace {

std::optional<RingTake> told_of(const Studio& studio, std::uint64_t number)
{
    return ring_take(studio.ring->header(), number);
}

/// Sounding frames of a take that lie elsewhere in the ring than it was told.
std::uint64_t misplaced(const FakeDisk::Written& written, const RingTake& told)
{
    std::uint64_t wrong = 0;
    for (std::uint64_t frame = 0; frame < written.first.size(); frame++) {
        if (written.first[frame] == 0) continue; // silence for what was lost
        RingPlace place = told.places[0];
        for (std::uint64_t n = 0; n < std::min<std::uint64_t>(told.n_places, 16); n++)
            if (told.places[n].frame <= frame && told.places[n].frame >= place.frame)
                place = told.places[n];
        wrong += written.first[frame] != sample_at(place.position + (frame - place.frame), 0);
    }
    return wrong;
}

void a_take_says_where_it_begins_and_ends(void**)
{
    Studio studio;
    studio.source.push(300); // before
    Studio::breathe();
    studio.start("take", true);
    const auto before = told_of(studio, 1);
    studio.source.push(100);
    studio.source.push(50);
    studio.stop();
    const auto told = told_of(studio, 1);
    const std::uint64_t begun = studio.ring->header().takes_begun;
    const std::uint64_t recorded = studio.ring->header().recorded;
    assert_false(before.has_value());
    assert_true(told.has_value());
    assert_int_equal(begun, 1);
    assert_int_equal(told->n_places, 1);
    assert_int_equal(told->places[0].position, 300);
    assert_int_equal(told->end, 450);
    assert_int_equal(recorded, 450);
    assert_int_equal(told->rate, 48000);
    assert_int_equal(told->hooks, 1);
    assert_string_equal(told->folder.data(), "/takes/take");
}

void a_take_that_grows_has_no_end_and_says_how_far_it_is(void**)
{
    Studio studio;
    studio.start();
    studio.source.push(100);
    for (int i = 0; i < 1000 && studio.ring->header().recorded < 100; i++)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    const auto told = told_of(studio, 1);
    const std::uint64_t recorded = studio.ring->header().recorded;
    assert_true(told.has_value());
    assert_true(told->end == RingTake::open);
    assert_int_equal(recorded, 100);
}

void what_the_graph_missed_moves_the_place_and_what_was_dropped_does_not(void**)
{
    Studio studio;
    studio.start();
    studio.source.push(100);
    studio.source.push(100, 37, ring_gap);
    studio.source.push(100);
    studio.source.push(100, 1000, ring_gap);
    studio.settle();
    Studio::breathe();
    studio.disk.stand_still(true); // until blocks are dropped
    while (studio.source.push(1000)) continue;
    studio.disk.stand_still(false);
    for (int i = 0; i < 2000 && !studio.source.push(100); i++)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    studio.stop();
    const auto told = told_of(studio, 1);
    const std::uint64_t gaps = studio.disk.takes.at(0)->counts.gaps;
    const std::uint64_t wrong = misplaced(*studio.disk.takes.at(0), *told);
    const std::uint64_t frames = studio.disk.takes.at(0)->counts.frames;
    assert_int_equal(gaps, 1);
    assert_int_equal(told->n_places, 3);
    assert_int_equal(wrong, 0);
    assert_int_equal(told->end, frames + 37 + 1000);
}

void a_preroll_is_told_and_the_take_begins_in_the_past(void**)
{
    Studio studio(0.005); // 240 frames
    for (int i = 0; i < 10; i++) {
        studio.source.push(40);
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    studio.start();
    studio.source.push(40);
    studio.stop();
    const auto told = told_of(studio, 1);
    const std::uint32_t preroll = studio.ring->header().preroll_s;
    assert_int_equal(told->places[0].position, 160);
    assert_int_equal(told->end, 440);
    assert_int_equal(preroll, 1); // whole seconds, never less
}

void the_two_latest_takes_can_be_read(void**)
{
    Studio studio;
    for (int i = 0; i < 3; i++) {
        studio.start("take", i == 1);
        studio.source.push(100);
        studio.stop();
    }
    assert_false(told_of(studio, 0).has_value());
    assert_false(told_of(studio, 1).has_value());
    assert_false(told_of(studio, 4).has_value());
    assert_int_equal(told_of(studio, 2)->hooks, 1);
    assert_int_equal(told_of(studio, 2)->end, 200);
    assert_int_equal(told_of(studio, 3)->hooks, 0);
    assert_int_equal(told_of(studio, 3)->end, 300);
}

void a_failed_disk_ends_the_take_where_its_frames_end(void**)
{
    Studio studio;
    studio.start();
    studio.source.push(100);
    for (int i = 0; i < 1000 && studio.ring->header().recorded < 100; i++)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    studio.disk.fail_from_now_on("the disk is full");
    studio.source.push(100);
    for (int i = 0; i < 1000 && told_of(studio, 1)->end == RingTake::open; i++)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    const std::uint64_t end = told_of(studio, 1)->end;
    const std::uint64_t recorded = studio.ring->header().recorded;
    assert_int_equal(end, 100);
    assert_int_equal(recorded, 100);
}

void a_path_that_is_too_long_is_left_out_and_the_take_says_so(void**)
{
    Studio studio;
    const std::string name(RingTake::most_path, 'x');
    for (const bool hooks : {true, false}) {
        studio.start(name, hooks);
        studio.source.push(100);
        studio.stop();
    }
    assert_string_equal(told_of(studio, 1)->folder.data(), "");
    assert_string_equal(told_of(studio, 2)->folder.data(), "");
    assert_int_equal(studio.take(0).remarks.size(), 1);
    assert_non_null(std::strstr(studio.take(0).remarks[0].c_str(), "more than 1023 bytes"));
    assert_int_equal(studio.take(1).remarks.size(), 0); // nobody misses anything
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_take_says_where_it_begins_and_ends),
        cmocka_unit_test(a_take_that_grows_has_no_end_and_says_how_far_it_is),
        cmocka_unit_test(what_the_graph_missed_moves_the_place_and_what_was_dropped_does_not),
        cmocka_unit_test(a_preroll_is_told_and_the_take_begins_in_the_past),
        cmocka_unit_test(the_two_latest_takes_can_be_read),
        cmocka_unit_test(a_failed_disk_ends_the_take_where_its_frames_end),
        cmocka_unit_test(a_path_that_is_too_long_is_left_out_and_the_take_says_so),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
