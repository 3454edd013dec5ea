// SPDX-License-Identifier: MIT
#include "tests/engine/native_host.hpp"
#include "tests/engine/notices.hpp"

#include <sys/wait.h>

#include "tests/cmocka.hpp"

// A host that hangs in its callback: the rest of the graph goes on without it, and it comes back when
// the host does.

using namespace engine_test;

namespace {

std::atomic<int> hang_ms{0}; // once

bool hang(Host&, const Block&)
{
    if (const int ms = hang_ms.exchange(0); ms > 0)
        std::this_thread::sleep_for(milliseconds(ms));
    return true;
}

struct Story {
    bool began = false;
    std::uint64_t others_during = 0; // blocks of another host of the same graph while this one hung
    std::uint64_t others_wrong = 1;  // and its wrong samples
    int nodes_during = 0;            // of the two, in the graph late in the hang
    bool back = false;               // blocks came again
    std::uint64_t hangs = 0;
    int resyncs = 0;
    std::int64_t round_trip = -1;
    std::uint64_t wrong = 1;
    std::uint64_t frames_missed = 0; // by the host's sample position
    std::uint64_t late = 0;
    Frames latency = 0;
    std::string message;
};

constexpr int long_ms = 1000;
constexpr std::uint64_t own_lateness = 2; // a hang in the cycle: it ends too late, and some are missed

/// How many nodes of ours the daemon knows.
int nodes_in_graph()
{
    const int found = std::system(
        "exit $(pw-cli ls Node 2>/dev/null | grep -c 'node.name = .engine-test')");
    return WEXITSTATUS(found);
}

/// Two hosts in one graph; one of them hangs.
Story hang_once(int ms)
{
    Story story;
    const auto other = open_engine(story.message);
    const auto engine = open_engine(story.message);
    if (!other || !engine) return story;
    const Notices notices(*engine);
    Host bystander(*other, {.block = 256, .inputs = 0x3, .outputs = 0x3});
    Host host(*engine, {.block = 256, .inputs = 0xc, .outputs = 0xc});
    host.hook = hang;
    if (bystander.start() != Status::ok || host.start() != Status::ok) return story;
    story.began = host.wait_for_blocks(50) && bystander.wait_for_blocks(50);
    hang_ms = ms;
    wait_until([] { return hang_ms == 0; });
    const std::uint64_t before = bystander.blocks;
    const auto begin = std::chrono::steady_clock::now();
    std::this_thread::sleep_for(milliseconds(ms / 4));
    story.nodes_during = nodes_in_graph();
    std::this_thread::sleep_until(begin + milliseconds(ms - 50));
    story.others_during = bystander.blocks - before;
    const std::uint64_t blocks = host.blocks;
    story.back = host.wait_for_blocks(blocks + 100, milliseconds(3000));
    std::this_thread::sleep_for(milliseconds(250)); // events are looked for ten times a second
    host.listen_anew = true;
    host.wait_for_blocks(host.blocks + 50);
    const Engine::Status status = engine->status(0);
    story.hangs = status.hangs;
    story.late = status.late;
    story.latency = status.output_latency;
    story.resyncs = notices.count(Engine::Event::resync);
    host.stop();
    bystander.stop();
    story.frames_missed = host.last_position() - (host.blocks - 1) * 256;
    story.others_wrong = bystander.heard().wrong;
    story.round_trip = host.heard().round_trip;
    story.wrong = host.heard().wrong;
    return story;
}

constexpr std::uint64_t blocks_of(int ms)
{
    return static_cast<std::uint64_t>(ms) * 48 / 256;
}

void a_hanging_host_leaves_the_graph_until_it_returns(void**)
{
    const Story story = fairly([] { return hang_once(long_ms); },
                               [](const Story& s) { return s.wrong == 0; }, own_lateness);
    print_message("others: %llu blocks of %llu during the hang; %d nodes; missed %llu frames\n",
                  static_cast<unsigned long long>(story.others_during),
                  static_cast<unsigned long long>(blocks_of(long_ms)), story.nodes_during,
                  static_cast<unsigned long long>(story.frames_missed));
    assert_true(story.began);
    assert_int_equal(story.nodes_during, 1);
    assert_true(story.others_during > blocks_of(long_ms - 50 - 100));
    assert_true(story.back);
    assert_int_equal(story.hangs, 1);
    assert_int_equal(story.resyncs, 1);
    assert_int_equal(story.round_trip, 256);
    assert_int_equal(story.wrong, 0);
    assert_true(story.frames_missed >= (long_ms - 20) * 48);
    assert_true(story.frames_missed <= (long_ms + 600) * 48);
}

void a_slow_moment_is_no_hang(void**)
{
    const Story story = fairly([] { return hang_once(60); },
                               [](const Story& s) { return s.back && s.hangs == 0; }, own_lateness);
    assert_true(story.began && story.back);
    assert_int_equal(story.nodes_during, 2);
    assert_int_equal(story.hangs, 0);
    assert_int_equal(story.resyncs, 0);
}

void in_the_buffered_schedule_nobody_waits_at_all(void**)
{
    setenv("ASIOWIRE_SCHEDULE", "buffered", 1);
    const Story story = fairly(
        [] { return hang_once(long_ms); },
        [](const Story& s) { return s.wrong + s.others_wrong == 0; });
    unsetenv("ASIOWIRE_SCHEDULE");
    assert_true(story.began);
    assert_int_equal(story.nodes_during, 2);
    assert_true(story.others_during > blocks_of(long_ms - 50 - 100));
    assert_int_equal(story.others_wrong, 0);
    assert_true(story.back);
    assert_int_equal(story.hangs, 1);
    assert_int_equal(story.resyncs, 0);
    assert_true(story.late >= blocks_of(long_ms) - 12 && story.late <= blocks_of(long_ms) + 12);
    assert_int_equal(story.latency, 256);
    assert_int_equal(story.round_trip, 512);
    assert_int_equal(story.wrong, 0);
    assert_true(story.frames_missed >= (long_ms - 60) * 48);
    assert_true(story.frames_missed <= (long_ms + 60) * 48);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_hanging_host_leaves_the_graph_until_it_returns),
        cmocka_unit_test(a_slow_moment_is_no_hang),
        cmocka_unit_test(in_the_buffered_schedule_nobody_waits_at_all),
    };
    use_devices("sink-8", "sink-8");
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
