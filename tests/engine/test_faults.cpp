// SPDX-License-Identifier: MIT
#include "tests/engine/native_host.hpp"
#include "tests/engine/notices.hpp"
#include "tests/engine/own_daemon.hpp"
#include "tests/engine/pace.hpp"

#include "tests/cmocka.hpp"

// A daemon that is killed, frozen or not there at all under a host that streams 32 by 32 channels: blocks
// go on at their pace, and the sound is back soon after the daemon is.

using namespace engine_test;

namespace {

using Clock = std::chrono::steady_clock;

constexpr Frames block = 256;
constexpr std::uint32_t rate = 48000;
constexpr double soon_ms = 500; // from the cause's end to the sound

double ms_since(Clock::time_point begin)
{
    return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

constexpr double blocks_in(double ms)
{
    return ms * rate / 1000 / block;
}

struct Story {
    bool played = false;
    double share_of_blocks = 0; // of those due in the outage
    double back_ms = 1e9;       // from the daemon's being there to the sound
    Pace::Result pace;
    int resyncs = 0;
    std::int64_t round_trip = -1;
    std::uint64_t wrong = 1;
    Frames latency = 0;
    std::string message;
};

bool good(const Story& story)
{
    return story.played && story.back_ms < soon_ms && story.wrong == 0;
}

/// Waits for sound on every channel; how long it took.
double wait_for_sound(const Host& host)
{
    const auto begin = Clock::now();
    wait_until([&] { return host.sounding > 4; });
    return host.sounding > 4 ? ms_since(begin) : 1e9;
}

/// Listens to the host to the end, and says what it heard.
void finish(Story& story, Host& host, const Notices& notices)
{
    std::this_thread::sleep_for(milliseconds(250)); // events are looked for ten times a second
    host.listen_anew = true;
    host.wait_for_blocks(host.blocks + 100);
    story.latency = host.engine().status(0).output_latency;
    story.resyncs = notices.count(Engine::Event::resync);
    host.stop();
    story.pace = Pace::result(block, rate);
    story.round_trip = host.heard().round_trip;
    story.wrong = host.heard().wrong;
}

void print(const char* what, const Story& story)
{
    print_message("%s: back %.0f ms after the daemon; %llu frames missed; longest pause %.0f ms; "
                  "position off by %.1f ms; %.0f %% of the blocks meanwhile\n",
                  what, story.back_ms,
                  static_cast<unsigned long long>(story.pace.frames_missed),
                  story.pace.longest_ms, story.pace.drift_ms, 100 * story.share_of_blocks);
}

/// Waits for a daemon that was started: how long, from when it is there to when it is heard.
double back_after_ready(const Host& host)
{
    wait_until(OwnDaemon::ready);
    return wait_for_sound(host);
}

Story kill_once(int away_ms)
{
    Story story;
    OwnDaemon daemon;
    const auto engine = open_engine(story.message);
    if (!engine) return story;
    const Notices notices(*engine);
    Host host(*engine, {.block = block});
    Pace::begin();
    host.hook = Pace::look;
    story.played = host.start() == Status::ok && wait_for_sound(host) < 3000;
    daemon.kill();
    const std::uint64_t before = host.blocks;
    const auto begin = Clock::now();
    std::this_thread::sleep_for(milliseconds(away_ms));
    story.share_of_blocks = static_cast<double>(host.blocks - before) / blocks_in(ms_since(begin));
    daemon.start();
    story.back_ms = back_after_ready(host);
    finish(story, host, notices);
    return story;
}

void check_recovered(const Story& story, std::int64_t round_trip)
{
    assert_true(story.played);
    assert_true(story.back_ms < soon_ms);
    assert_true(story.share_of_blocks > 0.9 && story.share_of_blocks < 1.1);
    assert_true(story.pace.longest_ms < 150);
    assert_true(story.pace.drift_ms > -20 && story.pace.drift_ms < 20);
    assert_int_equal(story.pace.steps_back, 0);
    assert_int_equal(story.round_trip, round_trip);
    assert_int_equal(story.wrong, 0);
}

void a_killed_daemon_comes_back_under_a_running_host(void**)
{
    const Story story = fairly([] { return kill_once(700); }, good, 10);
    print("killed", story);
    check_recovered(story, block);
    assert_int_equal(story.resyncs, 1);
    assert_int_equal(story.latency, 0);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_killed_daemon_comes_back_under_a_running_host),
    };
    use_devices("sink-32", "sink-32");
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
