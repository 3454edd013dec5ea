// SPDX-License-Identifier: MIT
#include "pipewire/play.hpp"

#include "pipewire/rt_state.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "tests/cmocka.hpp"

// The two tricks of the way to the ports, for every length and alignment.

using namespace asiowire;

namespace {

constexpr float guard = -1.5f;
constexpr std::size_t room = 200;

/// Whether playing moves exactly these frames and leaves exactly silence.
bool plays_exactly(std::size_t to_at, std::size_t from_at, Frames frames)
{
    alignas(64) float to[room];
    alignas(64) float from[room];
    std::fill_n(to, room, guard);
    std::fill_n(from, room, guard);
    for (Frames i = 0; i < frames; i++) from[from_at + i] = static_cast<float>(i + 1);
    play(to + to_at, from + from_at, frames);
    bool right = true;
    for (std::size_t i = 0; i < room; i++) {
        const bool played = i >= to_at && i < to_at + frames;
        const bool taken = i >= from_at && i < from_at + frames;
        right &= to[i] == (played ? static_cast<float>(i - to_at + 1) : guard);
        right &= from[i] == (taken ? 0.0f : guard);
    }
    return right;
}

void playing_copies_and_silences_exactly_its_frames(void**)
{
    int wrong = 0;
    for (Frames frames = 0; frames <= 130; frames++)
        for (std::size_t to_at = 0; to_at < 9; to_at++)
            for (std::size_t from_at = 0; from_at < 9; from_at++)
                wrong += !plays_exactly(to_at + 1, from_at + 1, frames);
    assert_int_equal(wrong, 0);
}

void playing_keeps_every_bit(void**)
{
    // Signalling NaNs and denormals too: nothing may pass through an arithmetic register.
    const std::uint32_t patterns[] = {0x7fa0'0001, 0xff80'0001, 0x0000'0001, 0x8000'0000, 0x7f80'0000};
    std::vector<std::uint32_t> sent(100);
    for (std::size_t i = 0; i < sent.size(); i++) sent[i] = patterns[i % std::size(patterns)];
    std::vector<float> from(sent.size());
    std::vector<float> to(sent.size());
    std::memcpy(from.data(), sent.data(), sent.size() * sizeof(float));
    play(to.data(), from.data(), static_cast<Frames>(sent.size()));
    const int different = std::memcmp(to.data(), sent.data(), sent.size() * sizeof(float));
    from = {};
    to = {};
    sent = {};
    assert_int_equal(different, 0);
}

std::size_t lines_of(std::uintptr_t begin, std::size_t bytes)
{
    WarmList list;
    list.add(reinterpret_cast<const void*>(begin), bytes);
    return list.n_lines;
}

void a_warm_list_holds_each_touched_cache_line_once(void**)
{
    assert_int_equal(lines_of(0x10000, 0), 0);
    assert_int_equal(lines_of(0x10000, 1), 1);
    assert_int_equal(lines_of(0x10000, 64), 1);
    assert_int_equal(lines_of(0x1003f, 2), 2);
    assert_int_equal(lines_of(0x10020, 384), 7);
}

void a_warm_list_takes_no_more_than_it_can_hold(void**)
{
    WarmList list;
    list.add(reinterpret_cast<const void*>(0x10000), 60 * 64);
    list.add(reinterpret_cast<const void*>(0x20000), ~std::size_t{0} / 2);
    list.add(nullptr, 0);
    list.fetch(); // addresses that are not there
    assert_int_equal(list.n_lines, list.lines.size());
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(playing_copies_and_silences_exactly_its_frames),
        cmocka_unit_test(playing_keeps_every_bit),
        cmocka_unit_test(a_warm_list_holds_each_touched_cache_line_once),
        cmocka_unit_test(a_warm_list_takes_no_more_than_it_can_hold),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
