// SPDX-License-Identifier: MIT
#include "tests/engine/own_daemon.hpp"
#include "tests/engine/recovery.hpp"

// A daemon that is killed, frozen or not there at all under a host that streams 32 by 32 channels:
// blocks go on at their pace, and the sound is back soon after the daemon is.

using namespace engine_test;

namespace {

constexpr Frames block = 256;
constexpr std::uint32_t rate = 48000;

constexpr double blocks_in(double ms)
{
    return ms * rate / 1000 / block;
}

struct Outage {
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

bool good(const Outage& story)
{
    return story.played && story.back_ms < soon_ms && story.wrong == 0;
}

/// Listens to the host to the end, and says what it heard.
void finish(Outage& story, Host& host, const Notices& notices)
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

void print(const char* what, const Outage& story)
{
    std::printf("# %s: back %.0f ms after the daemon; %llu frames missed; longest pause %.0f ms; "
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

/// Of the blocks that are due in so many milliseconds, the share that comes.
double share_of_blocks_within(int ms, const Host& host)
{
    const std::uint64_t before = host.blocks;
    const auto begin = std::chrono::steady_clock::now();
    std::this_thread::sleep_for(milliseconds(ms));
    return static_cast<double>(host.blocks - before) / blocks_in(ms_since(begin));
}

Outage kill_once(int away_ms)
{
    Outage story;
    OwnDaemon daemon;
    const auto engine = open_engine(story.message);
    if (!engine) return story;
    const Notices notices(*engine);
    Host host(*engine, {.block = block});
    Pace::begin();
    host.hook = Pace::look;
    story.played = host.start() == Status::ok && wait_for_sound(host) < 3000;
    daemon.kill();
    story.share_of_blocks = share_of_blocks_within(away_ms, host);
    daemon.start();
    story.back_ms = back_after_ready(host);
    finish(story, host, notices);
    return story;
}

void check_recovered(const Outage& story, std::int64_t round_trip)
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

/// Not the machine's, but what the graph itself misses when it goes and comes.
constexpr std::uint64_t own_lateness = 10;

void a_killed_daemon_comes_back_under_a_running_host(void**)
{
    const Outage story = fairly([] { return kill_once(700); }, good, own_lateness);
    print("killed", story);
    check_recovered(story, block);
    assert_int_equal(story.resyncs, 1);
    assert_int_equal(story.latency, 0);
}

void a_daemon_that_is_restarted_at_once_costs_a_moment(void**)
{
    const Outage story = fairly([] { return kill_once(0); }, good, own_lateness);
    print("restarted", story);
    assert_true(story.played);
    assert_true(story.back_ms < soon_ms);
    assert_true(story.pace.longest_ms < 150);
    assert_int_equal(story.pace.steps_back, 0);
    assert_int_equal(story.round_trip, block);
    assert_int_equal(story.wrong, 0);
}

void a_killed_daemon_comes_back_in_the_buffered_schedule(void**)
{
    setenv("ASIOWIRE_SCHEDULE", "buffered", 1);
    const Outage story = fairly([] { return kill_once(700); }, good, own_lateness);
    unsetenv("ASIOWIRE_SCHEDULE");
    print("buffered", story);
    check_recovered(story, 2 * block);
    assert_int_equal(story.latency, block);
}

Outage start_without(int away_ms)
{
    Outage story;
    OwnDaemon daemon;
    const auto engine = open_engine(story.message);
    if (!engine) return story;
    daemon.kill();
    const Notices notices(*engine);
    Host host(*engine, {.block = block});
    Pace::begin();
    host.hook = Pace::look;
    story.played = host.start() == Status::ok;
    story.message = host.message;
    story.share_of_blocks = share_of_blocks_within(away_ms, host);
    daemon.start();
    story.back_ms = back_after_ready(host);
    finish(story, host, notices);
    return story;
}

void a_host_that_starts_before_the_daemon_is_heard_once_it_is_there(void**)
{
    const Outage story = fairly([] { return start_without(500); }, good, own_lateness);
    print("not up yet", story);
    assert_true(story.message.find("PipeWire") != std::string::npos);
    check_recovered(story, block);
}

Outage freeze_once(int frozen_ms)
{
    Outage story;
    OwnDaemon daemon;
    const auto engine = open_engine(story.message);
    if (!engine) return story;
    const Notices notices(*engine);
    Host host(*engine, {.block = block});
    Pace::begin();
    host.hook = Pace::look;
    story.played = host.start() == Status::ok && wait_for_sound(host) < 3000;
    daemon.freeze();
    std::this_thread::sleep_for(milliseconds(200)); // noticed after 100
    story.share_of_blocks = share_of_blocks_within(frozen_ms, host);
    daemon.thaw();
    host.sounding = 0;
    story.back_ms = wait_for_sound(host);
    finish(story, host, notices);
    return story;
}

void a_frozen_graph_costs_no_blocks_after_it_is_noticed(void**)
{
    const Outage story = fairly([] { return freeze_once(500); }, good, own_lateness);
    print("frozen", story);
    assert_true(story.played);
    assert_true(story.back_ms < soon_ms);
    assert_true(story.share_of_blocks > 0.9 && story.share_of_blocks < 1.1);
    assert_true(story.pace.longest_ms < 250); // 100 of them until it counts as standing still
    assert_int_equal(story.pace.steps_back, 0);
    assert_true(story.pace.drift_ms > -20 && story.pace.drift_ms < 20);
    assert_int_equal(story.round_trip, block);
    assert_int_equal(story.wrong, 0);
}

double stop_while_nobody_answers()
{
    double stop_ms = 1e9;
    OwnDaemon daemon;
    std::string message;
    const auto engine = open_engine(message);
    if (!engine) return stop_ms;
    Host host(*engine, {.block = block});
    if (host.start() != Status::ok || wait_for_sound(host) > 3000) return stop_ms;
    daemon.kill();
    const MuteDaemon mute(daemon.socket_path()); // whom the driver asks from now on
    std::this_thread::sleep_for(milliseconds(300));
    const auto begin = std::chrono::steady_clock::now();
    host.stop();
    return ms_since(begin);
}

void a_stop_does_not_wait_for_a_daemon_that_does_not_answer(void**)
{
    const double stop_ms = stop_while_nobody_answers();
    std::printf("# stopped after %.0f ms\n", stop_ms);
    assert_true(stop_ms < 500);
}

struct Limited {
    Outage story;
    Frames delay = 0;
    Frames quantum = 0;
};

Limited live_under_a_limit(Frames limit, Frames host_block)
{
    Limited result;
    const std::string frames = std::to_string(limit);
    OwnDaemon daemon("s/\\(max-quantum\\|quantum-limit\\|clock.quantum\\) = .*/\\1 = " + frames +
                     "/");
    const auto engine = open_engine(result.story.message);
    if (!engine) return result;
    Host host(*engine, {.block = host_block});
    result.story.played = host.start() == Status::ok && wait_for_sound(host) < 3000;
    host.listen_anew = true;
    host.wait_for_blocks(host.blocks + 50);
    const Engine::Status status = engine->status(0);
    result.delay = status.fifo_delay;
    result.quantum = status.quantum;
    host.stop();
    result.story.back_ms = 0;
    result.story.round_trip = host.heard().round_trip;
    result.story.wrong = host.heard().wrong;
    return result;
}

void a_graph_whose_limit_is_below_the_block_is_reblocked_for(void**)
{
    const Limited result = fairly([] { return live_under_a_limit(128, 512); },
                                  [](const Limited& r) { return good(r.story); });
    assert_true(result.story.played);
    assert_int_equal(result.quantum, 128);
    assert_int_equal(result.delay, 512 - 128);
    assert_int_equal(result.story.round_trip, 128 + result.delay);
    assert_int_equal(result.story.wrong, 0);
}

struct Steps {
    int rounds = 0;
    int odd = 0;         // answers that are neither success nor a missing daemon
    double slowest = 0;  // of open, start and stop, in ms
    int started = 0;
    int called = 0; // of these, hosts that got blocks
};

/// Kills the daemon a little later each time, in steps that are small at first, while a host opens,
/// prepares, starts and plays.
Steps kill_at_each_step(int rounds, int first_step_us)
{
    Steps steps;
    const auto timed = [&](auto work) {
        const auto begin = std::chrono::steady_clock::now();
        const Status status = work();
        steps.slowest = std::max(steps.slowest, ms_since(begin));
        steps.odd += status != Status::ok && status != Status::no_daemon;
        return status;
    };
    for (steps.rounds = 0; steps.rounds < rounds; steps.rounds++) {
        OwnDaemon daemon;
        std::thread killer([&] {
            const int late_us = first_step_us * steps.rounds * steps.rounds;
            std::this_thread::sleep_for(std::chrono::microseconds(late_us));
            daemon.kill();
        });
        std::string message;
        std::unique_ptr<Engine> engine;
        timed([&] {
            Status status = Status::ok;
            engine = open_engine(message, &status);
            return status;
        });
        if (engine) {
            Host host(*engine, {.block = block});
            const bool started = timed([&] { return host.start(); }) == Status::ok;
            steps.started += started;
            steps.called += started && host.wait_for_blocks(20, milliseconds(500));
            timed([&] {
                host.stop();
                return Status::ok;
            });
        }
        killer.join();
    }
    return steps;
}

void a_daemon_killed_at_any_step_gives_a_clean_answer_soon(void**)
{
    const Steps steps = kill_at_each_step(24, 400);
    std::printf("# %d rounds: %d started, %d of them called; slowest answer %.0f ms\n", steps.rounds,
                  steps.started, steps.called, steps.slowest);
    assert_int_equal(steps.odd, 0);
    assert_int_equal(steps.called, steps.started);
    // Before and after: the steps were met.
    assert_true(steps.started >= 1 && steps.started <= steps.rounds - 1);
    assert_true(steps.slowest < 3500);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_killed_daemon_comes_back_under_a_running_host),
        cmocka_unit_test(a_daemon_that_is_restarted_at_once_costs_a_moment),
        cmocka_unit_test(a_killed_daemon_comes_back_in_the_buffered_schedule),
        cmocka_unit_test(a_host_that_starts_before_the_daemon_is_heard_once_it_is_there),
        cmocka_unit_test(a_frozen_graph_costs_no_blocks_after_it_is_noticed),
        cmocka_unit_test(a_stop_does_not_wait_for_a_daemon_that_does_not_answer),
        cmocka_unit_test(a_graph_whose_limit_is_below_the_block_is_reblocked_for),
        cmocka_unit_test(a_daemon_killed_at_any_step_gives_a_clean_answer_soon),
    };
    use_devices("sink-32", "sink-32");
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
