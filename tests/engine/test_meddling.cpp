// SPDX-License-Identifier: MIT
#include "tests/engine/recovery.hpp"

#include "core/reblock.hpp"

// Another client that forces quantum and rate of the whole graph while a host streams 32 by 32 channels:
// the sound goes on, re-blocked, soon after each change.

using namespace engine_test;

namespace {

/// What the graph makes of a forced value: PipeWire before 0.3.82 rounds a quantum down to a power of 2.
bool follows(std::uint32_t shown, std::uint32_t value)
{
    return shown == value || shown == std::bit_floor(value);
}

/// Forces one setting of the graph after the other; each has come before the sound is listened for.
Story meddle(const char* key, const std::vector<std::uint32_t>& values, Frames Engine::Status::*shown)
{
    std::size_t next = 0;
    const Story story = stream(static_cast<int>(values.size()), [&](Host& host) {
        const std::uint32_t value = values[next++ % values.size()];
        set_graph(key, value);
        wait_until([&] { return follows(host.engine().status(0).*shown, value); });
    });
    set_graph(key, 0);
    return story;
}

void a_quantum_that_others_force_is_followed(void**)
{
    const Story story =
        meddle("clock.force-quantum", {64, 1024, 32, 2048, 128, 512}, &Engine::Status::quantum);
    print("quantum forced", story);
    check_recovered(story, 6);
    assert_int_equal(story.quantum, 512);
    assert_true(story.delay < Story::block); // what was pending at the last change stays
    assert_int_equal(story.round_trip, 512 + story.delay);
}

void a_quantum_that_fits_no_block_is_reblocked_for(void**)
{
    const Story story = meddle("clock.force-quantum", {192, 1000, 96, 480}, &Engine::Status::quantum);
    print("odd quantum forced", story);
    check_recovered(story, 4);
    assert_true(follows(story.quantum, 480));
    assert_true(story.delay >= asiowire::fifo_delay(Story::block, story.quantum));
    assert_int_equal(story.round_trip, story.quantum + story.delay);
}

void a_rate_that_others_force_is_followed(void**)
{
    const Story story =
        meddle("clock.force-rate", {44100, 96000, 48000, 44100}, &Engine::Status::rate);
    print("rate forced", story);
    check_recovered(story, 4);
    assert_int_equal(story.rate, 44100);
    assert_int_equal(story.round_trip, story.quantum + story.delay);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_quantum_that_others_force_is_followed),
        cmocka_unit_test(a_quantum_that_fits_no_block_is_reblocked_for),
        cmocka_unit_test(a_rate_that_others_force_is_followed),
    };
    use_devices("sink-32", "sink-32");
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
