// SPDX-License-Identifier: MIT
#include "tests/unit/ring_source.hpp"

#include <atomic>
#include <cmath>
#include <deque>
#include <random>
#include <thread>
#include <vector>

#include "tests/cmocka.hpp"

// The recording ring against a model of it, and its producer against its recorder.

using namespace asiowire;

namespace {

/// What the ring ought to hold, by the book.
struct Model {
    struct Pushed {
        std::uint32_t frames;
        std::uint64_t missed;
        std::uint64_t dropped; // right before it
        std::uint32_t flags;
    };
    std::deque<Pushed> waiting;
    std::uint64_t bytes = 0; // of what waits, padding left out
    Pushed next{};           // what the next block has to tell of those that were dropped
};

/// How often the ring and its model disagreed, and what happened meanwhile.
struct Walk {
    std::uint64_t wrong = 0;
    std::uint64_t drops = 0;
    std::uint64_t revolutions = 0;
    std::uint64_t pushed = 0;
    std::uint64_t popped = 0;
    std::uint64_t dropped = 0;
};

void push_both(Source& source, Model& model, Walk& walk, std::mt19937& random)
{
    const std::uint32_t frames = 1 + random() % longest;
    const std::uint64_t missed = random() % 20 == 0 ? random() % 5000 : 0;
    std::uint32_t flags = 0;
    if (missed > 0) flags |= ring_gap;
    if (random() % 30 == 0) flags |= ring_xrun;
    const std::uint64_t needed = ring_block_bytes(n_channels, frames);
    const std::uint64_t room = source.ring.header().data_bytes;
    model.next.missed += missed;
    model.next.flags |= flags;
    walk.pushed += frames;
    if (source.push(frames, missed, flags)) {
        walk.wrong += model.bytes + needed > room;
        model.next.frames = frames;
        model.waiting.push_back(model.next);
        model.bytes += needed;
        model.next = {};
    } else {
        // Besides what waits, only the end of the memory may take room: less than a block.
        walk.wrong += model.bytes + needed + ring_block_bytes(n_channels, longest) <= room;
        model.next.dropped += frames;
        walk.dropped += frames;
        walk.drops++;
    }
}

void pop_both(RingReader& reader, Model& model, Walk& walk, std::uint64_t& position)
{
    const RingBlock* const block = reader.front();
    if (block == nullptr || model.waiting.empty()) {
        walk.wrong += (block == nullptr) != model.waiting.empty();
        return;
    }
    const Model::Pushed expected = model.waiting.front();
    model.waiting.pop_front();
    model.bytes -= ring_block_bytes(n_channels, expected.frames);
    position += expected.missed + expected.dropped;
    walk.wrong += block->frames != expected.frames || block->missed != expected.missed ||
                  block->dropped != expected.dropped || block->flags != expected.flags ||
                  block->position != position || !right(*block, RingReader::plane(*block, 0));
    position += block->frames;
    walk.popped += block->frames;
    reader.pop();
}

Walk walk(unsigned seed, int steps)
{
    const auto ring = small_ring();
    RingReader reader(*ring);
    Source source{*ring};
    Model model;
    Walk walk;
    std::mt19937 random(seed);
    std::uint64_t position = 0;
    for (int i = 0; i < steps; i++) {
        // Phases in which the reader falls behind, and phases in which it catches up.
        const bool slow = i / 200 % 2 == 0;
        if (random() % 10 < (slow ? 7u : 4u))
            push_both(source, model, walk, random);
        else
            pop_both(reader, model, walk, position);
    }
    while (!model.waiting.empty())
        pop_both(reader, model, walk, position);
    walk.wrong += reader.front() != nullptr;
    walk.wrong += ring->header().dropped != walk.dropped;
    walk.wrong += walk.pushed != walk.popped + walk.dropped;
    walk.revolutions = ring->header().written / ring->header().data_bytes;
    return walk;
}

void random_pushes_and_pops_are_those_of_a_model(void**)
{
    for (unsigned seed = 1; seed <= 20; seed++) {
        const Walk seen = walk(seed, 4000);
        assert_int_equal(seen.wrong, 0);
        assert_true(seen.drops > 50);
        assert_true(seen.revolutions > 20);
    }
}

struct Race {
    std::uint64_t wrong = 0;
    std::uint64_t frames = 0;
    std::uint64_t dropped = 0;
    std::uint64_t pushed = 0;
};

Race race_two_threads(int blocks)
{
    const auto ring = small_ring();
    RingReader reader(*ring);
    std::atomic<bool> over{false};
    std::uint64_t pushed = 0;
    std::thread producer([&] {
        Source source{*ring};
        std::mt19937 random(5);
        for (int i = 0; i < blocks; i++) {
            source.push(1 + random() % longest);
            if (i % 16 == 0) std::this_thread::yield();
        }
        pushed = source.position;
        over = true;
    });
    Race race;
    std::uint64_t position = 0;
    for (bool last = false; !last;) {
        last = over;
        while (const RingBlock* const block = reader.front()) {
            position += block->dropped;
            race.wrong +=
                block->position != position || !right(*block, RingReader::plane(*block, 0));
            race.dropped += block->dropped;
            race.frames += block->frames;
            position += block->frames;
            reader.pop();
        }
        std::this_thread::yield();
    }
    producer.join();
    race.dropped = ring->header().dropped;
    race.pushed = pushed;
    return race;
}

void two_threads_lose_nothing_but_what_is_counted(void**)
{
    const Race seen = race_two_threads(3000);
    assert_int_equal(seen.wrong, 0);
    assert_int_equal(seen.frames + seen.dropped, seen.pushed);
    assert_true(seen.frames > 0);
}

void what_was_dropped_at_the_very_end_is_in_the_count(void**)
{
    const auto ring = small_ring();
    std::uint64_t accepted = 0;
    std::uint64_t refused = 0;
    {
        RingReader reader(*ring);
        Source source{*ring};
        for (int i = 0; i < 100; i++)
            (source.push(1000) ? accepted : refused) += 1000;
    }
    const std::uint64_t told = ring->header().dropped;
    const std::uint64_t runs = ring->header().drops;
    assert_true(accepted > 0 && refused > 0);
    assert_int_equal(told, refused);
    assert_int_equal(runs, 1);
}

void without_a_recorder_nothing_is_dropped(void**)
{
    const auto ring = small_ring();
    Source source{*ring};
    bool all = true;
    for (int i = 0; i < 500; i++)
        all &= source.push(1500);
    { // a recorder that comes and goes again
        const RingReader reader(*ring);
        while (source.push(1500))
            continue;
    }
    const std::uint64_t dropped = ring->header().dropped;
    for (int i = 0; i < 500; i++)
        all &= source.push(1500);
    const std::uint64_t after = ring->header().dropped;
    assert_true(all);
    assert_int_equal(dropped, 1500);
    assert_int_equal(after, dropped);
}

void a_null_channel_is_silence(void**)
{
    const auto ring = small_ring();
    RingReader reader(*ring);
    Source source{*ring};
    while (source.push(longest))
        continue; // memory that is not zero
    while (reader.front() != nullptr)
        reader.pop();
    std::vector<float> one(100, 0.5f);
    const std::array<const float*, n_channels> planes = {one.data(), nullptr, one.data()};
    ring->push({.frames = 100, .rate = 48000}, planes.data());
    const RingBlock* const block = reader.front();
    float sum = 0;
    for (int i = 0; i < 100; i++)
        sum += std::abs(RingReader::plane(*block, 1)[i]) + RingReader::plane(*block, 2)[i];
    assert_true(sum == 50);
}

void the_capacity_is_what_was_asked_for(void**)
{
    std::array<RingChannel, 32> many{};
    std::vector<float> silence(64);
    std::array<const float*, 32> planes{};
    planes.fill(silence.data());
    std::uint64_t frames = 0;
    std::uint64_t bytes = 0;
    for (const std::uint32_t block : {16u, 64u, 1000u}) {
        auto ring = Ring::create({.channels = many, .rate = 48000, .seconds = 10});
        bytes = (*ring)->header().data_bytes;
        const RingReader reader(**ring);
        silence.assign(block, 0);
        planes.fill(silence.data());
        for (frames = 0; (*ring)->push({.frames = block, .rate = 48000}, planes.data());)
            frames += block;
        if (frames < 480000) break;
    }
    assert_true(frames >= 480000);
    assert_true(bytes < 66'000'000); // 10 s of 32 channels are 61.4 MB
}

void too_much_memory_is_a_sentence(void**)
{
    const auto huge = Ring::create({.channels = three_channels, .rate = 192000, .seconds = 1e7});
    const auto none = Ring::create({.channels = {}, .rate = 48000, .seconds = 1});
    const std::string why = huge ? "" : huge.error();
    const bool refused = !none;
    assert_true(why.starts_with("no memory for the recording ring"));
    assert_true(refused);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(random_pushes_and_pops_are_those_of_a_model),
        cmocka_unit_test(two_threads_lose_nothing_but_what_is_counted),
        cmocka_unit_test(what_was_dropped_at_the_very_end_is_in_the_count),
        cmocka_unit_test(without_a_recorder_nothing_is_dropped),
        cmocka_unit_test(a_null_channel_is_silence),
        cmocka_unit_test(the_capacity_is_what_was_asked_for),
        cmocka_unit_test(too_much_memory_is_a_sentence),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
