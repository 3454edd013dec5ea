// SPDX-License-Identifier: MIT
#include "taps/recorder.hpp"
#include "tests/unit/fake_disk.hpp"
#include "tests/unit/ring_source.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "tests/cmocka.hpp"

// What a ring says of its takes, against where the samples themselves say that they come from.

using namespace asiowire;

namespace {

struct Studio {
    std::unique_ptr<Ring> ring = small_ring();
    Source source{*ring};
    FakeDisk disk;
    std::unique_ptr<Recorder> recorder;

    explicit Studio(double preroll = 0)
    {
        recorder = std::make_unique<Recorder>(
            *ring, Recorder::Options{.preroll = preroll, .make = disk.maker()});
    }
    void start(bool hooks = true, const std::string& name = "take")
    {
        TakeSettings settings;
        settings.name = name;
        settings.hooks = hooks;
        settings.tracks.resize(n_channels);
        recorder->start(std::move(settings));
        settle();
    }
    void stop()
    {
        recorder->stop();
        settle();
    }
    void settle() const
    {
        for (int i = 0; i < 2000 && !recorder->settled(); i++)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    std::optional<RingTake> told(std::uint64_t number) const
    {
        return ring_take(ring->header(), number);
    }
};

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
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
    studio.start();
    const auto before = studio.told(1);
    studio.source.push(100);
    studio.source.push(50);
    studio.stop();
    const auto told = studio.told(1);
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
    const auto told = studio.told(1);
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
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
    studio.disk.stand_still(true); // until blocks are dropped
    while (studio.source.push(1000)) continue;
    studio.disk.stand_still(false);
    for (int i = 0; i < 2000 && !studio.source.push(100); i++)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    studio.stop();
    const auto told = studio.told(1);
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
    const auto told = studio.told(1);
    const std::uint32_t preroll = studio.ring->header().preroll_s;
    assert_int_equal(told->places[0].position, 160);
    assert_int_equal(told->end, 440);
    assert_int_equal(preroll, 1); // whole seconds, never less
}

void the_two_latest_takes_can_be_read(void**)
{
    Studio studio;
    for (int i = 0; i < 3; i++) {
        studio.start(i == 1);
        studio.source.push(100);
        studio.stop();
    }
    assert_false(studio.told(0).has_value());
    assert_false(studio.told(1).has_value());
    assert_false(studio.told(4).has_value());
    assert_int_equal(studio.told(2)->hooks, 1);
    assert_int_equal(studio.told(2)->end, 200);
    assert_int_equal(studio.told(3)->hooks, 0);
    assert_int_equal(studio.told(3)->end, 300);
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
    for (int i = 0; i < 1000 && studio.told(1)->end == RingTake::open; i++)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    const std::uint64_t end = studio.told(1)->end;
    const std::uint64_t recorded = studio.ring->header().recorded;
    assert_int_equal(end, 100);
    assert_int_equal(recorded, 100);
}

void a_path_that_is_too_long_is_left_out(void**)
{
    Studio studio;
    studio.start(true, std::string(RingTake::most_path, 'x'));
    studio.source.push(100);
    studio.stop();
    assert_string_equal(studio.told(1)->folder.data(), "");
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
        cmocka_unit_test(a_path_that_is_too_long_is_left_out),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
