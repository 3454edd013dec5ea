// SPDX-License-Identifier: MIT
#pragma once

#include "tests/engine/native_host.hpp"
#include "tests/engine/notices.hpp"
#include "tests/engine/pace.hpp"
#include "tests/engine/resources.hpp"

#include <cstdio>
#include <functional>

#include "tests/cmocka.hpp"

namespace engine_test {

constexpr double soon_ms = 500; // from the cause's end to the sound

inline double ms_since(std::chrono::steady_clock::time_point begin)
{
    using Milliseconds = std::chrono::duration<double, std::milli>;
    return Milliseconds(std::chrono::steady_clock::now() - begin).count();
}

/// Waits for sound on every channel; how long it took.
inline double wait_for_sound(const Host& host)
{
    const auto begin = std::chrono::steady_clock::now();
    wait_until([&] { return host.sounding > 4; });
    return host.sounding > 4 ? ms_since(begin) : 1e9;
}

/// What became of a host that streamed 32 by 32 channels while something was done to the graph, again and
/// again.
struct Story {
    static constexpr Frames block = 256;
    static constexpr std::uint64_t channels = 0xffff'ffff;
    using Blow = std::function<void(Host&)>; // ends when its cause is away

    bool played = false;
    int rounds = 0;
    int late = 0; // rounds in which the sound did not come back soon
    double slowest_ms = 0;
    double usual_ms = 0; // the mean
    Pace::Result pace;
    Resources early;
    Resources finally;
    Frames delay = 0;
    Frames quantum = 0;
    std::uint32_t rate = 0;
    std::int64_t round_trip = -1; // after the last round
    std::uint64_t wrong = 1;
};

inline Story stream_once(int rounds, const Story::Blow& blow)
{
    Story story;
    std::string message;
    const auto engine = open_engine(message);
    if (!engine) return story;
    const Notices notices(*engine);
    Host host(*engine,
              {.block = Story::block, .inputs = Story::channels, .outputs = Story::channels});
    Pace::begin();
    host.hook = Pace::look;
    story.played = host.start() == Status::ok && wait_for_sound(host) < 3000;
    double sum_ms = 0;
    for (story.rounds = 0; story.played && story.rounds < rounds; story.rounds++) {
        if (story.rounds == 4) story.early = Resources::settled();
        blow(host);
        host.sounding = 0;
        const double back_ms = wait_for_sound(host);
        story.late += back_ms > soon_ms;
        story.slowest_ms = std::max(story.slowest_ms, back_ms);
        sum_ms += back_ms;
        if (back_ms > 1e6) break;
    }
    story.usual_ms = sum_ms / story.rounds;
    story.finally = Resources::settled();
    host.listen_anew = true;
    host.wait_for_blocks(host.blocks + 100);
    const Engine::Status status = engine->status(0);
    story.delay = status.fifo_delay;
    story.quantum = status.quantum;
    story.rate = status.rate;
    host.stop();
    story.pace = Pace::result(Story::block, 48000);
    story.round_trip = host.heard().round_trip;
    story.wrong = host.heard().wrong;
    return story;
}

inline Story stream(int rounds, const Story::Blow& blow)
{
    return fairly([&] { return stream_once(rounds, blow); },
                  [](const Story& s) { return s.played && s.late == 0 && s.wrong == 0; });
}

inline void print(const char* what, const Story& story)
{
    std::printf("# %s: %d rounds, the sound back after %.0f ms, %.0f at most; %llu frames missed in "
                "all; longest pause %.0f ms\n",
                what, story.rounds, story.usual_ms, story.slowest_ms,
                static_cast<unsigned long long>(story.pace.frames_missed), story.pace.longest_ms);
}

inline void check_recovered(const Story& story, int rounds)
{
    assert_true(story.played);
    assert_int_equal(story.rounds, rounds);
    assert_int_equal(story.late, 0);
    assert_true(story.pace.longest_ms < 250);
    assert_int_equal(story.pace.steps_back, 0);
    assert_int_equal(story.wrong, 0);
}

} // namespace engine_test
