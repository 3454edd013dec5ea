// SPDX-License-Identifier: MIT
#include "core/reblock.hpp"

#include <algorithm>
#include <random>

#include "tests/cmocka.hpp"

// The delay formula against a host and a graph played out frame by frame, which know no formula.

using namespace asiowire;

namespace {

/// A host with blocks of `block` frames in a graph; frames are counted one at a time.
class Played {
public:
    Played(Frames block, Frames pending, Frames queued)
        : block_(block), pending_(pending), queued_(queued)
    {
    }

    /// One graph cycle. False: the output ran dry.
    bool cycle(Frames quantum)
    {
        for (Frames i = 0; i < quantum; i++) {
            pending_++;
            if (pending_ < block_) continue;
            pending_ = 0;
            queued_ += block_;
        }
        for (Frames i = 0; i < quantum; i++) {
            if (queued_ == 0) return false;
            queued_--;
        }
        return true;
    }

    Frames pending() const { return pending_; }
    Frames delay() const { return pending_ + queued_; } // of a frame from input to output
    void insert(Frames silence) { queued_ += silence; }

private:
    Frames block_;
    Frames pending_; // input frames that wait for their block to be full
    Frames queued_;  // output frames that wait to be played
};

/// Whether a loop with this total delay never runs dry, over a whole period of its pattern.
bool survives(Frames block, Frames quantum, Frames pending, Frames delay)
{
    if (delay < pending) return false; // the pending frames are already that late
    Played played(block, pending, delay - pending);
    for (Frames k = 0; k <= block; k++) // the fill repeats after block / gcd cycles
        if (!played.cycle(quantum)) return false;
    return true;
}

struct Verdict {
    int pairs = 0;
    int too_small = 0; // the output ran dry
    int too_large = 0; // one frame less would have done
};

void judge(Verdict& verdict, Frames block, Frames quantum, Frames pending)
{
    const Frames delay = fifo_delay(block, quantum, pending);
    verdict.pairs++;
    verdict.too_small += !survives(block, quantum, pending, delay);
    verdict.too_large += delay > 0 && survives(block, quantum, pending, delay - 1);
}

void the_delay_is_never_too_small_and_never_too_large(void**)
{
    Verdict all;
    for (Frames block = 1; block <= 48; block++)
        for (Frames quantum = 1; quantum <= 48; quantum++) judge(all, block, quantum, 0);
    const Frames sizes[] = {16,  32,  64,  100, 128,  160,  192, 256,
                            441, 480, 512, 1000, 1024, 1536, 2048};
    for (const Frames block : sizes)
        for (const Frames quantum : sizes) judge(all, block, quantum, 0);
    assert_int_equal(all.too_small, 0);
    assert_int_equal(all.too_large, 0);
    assert_true(all.pairs > 2500);
}

void pending_frames_make_it_neither_too_small_nor_too_large(void**)
{
    Verdict all;
    for (Frames block = 1; block <= 24; block++)
        for (Frames quantum = 1; quantum <= 24; quantum++)
            for (Frames pending = 0; pending < block; pending++)
                judge(all, block, quantum, pending);
    std::mt19937 random(3);
    for (int i = 0; i < 300; i++) {
        const Frames block = 16 + random() % 600;
        judge(all, block, 1 + random() % 600, random() % block);
    }
    assert_int_equal(all.too_small, 0);
    assert_int_equal(all.too_large, 0);
}

void no_delay_exactly_when_the_block_divides_the_quantum(void**)
{
    int wrong = 0;
    for (Frames block = 1; block <= 300; block++)
        for (Frames quantum = 1; quantum <= 300; quantum++)
            wrong += (fifo_delay(block, quantum) == 0) != (quantum % block == 0);
    assert_int_equal(wrong, 0);
}

struct Walk {
    int changes = 0;
    int dry = 0;         // cycles without enough output
    int wasteful = 0;    // delay raised although less would have done
    int not_constant = 0; // the delay moved without having been raised
};

/// Half of the walks keep to multiples of large parts of the block: only there do frames that are
/// still pending ask for more delay than the quantum alone.
Frames any_quantum(std::mt19937& random, unsigned seed, Frames block)
{
    if (seed % 2 == 0)
        return static_cast<Frames>(block / (1 + random() % 6) * (1 + random() % 4));
    return static_cast<Frames>(random() % 3 == 0 ? 16u << random() % 8 : 1 + random() % 3000);
}

/// A host that lives through random changes of the quantum with the rule "raise the delay when the
/// new quantum needs more, never lower it".
Walk walk(unsigned seed, Frames block)
{
    Walk result;
    std::mt19937 random(seed);
    Frames delay = 0;
    Played played(block, 0, 0);
    for (int change = 0; change < 200; change++) {
        const Frames quantum = any_quantum(random, seed, block);
        const Frames needed = fifo_delay(block, quantum, played.pending());
        if (needed > delay) {
            result.wasteful += survives(block, quantum, played.pending(), needed - 1);
            played.insert(needed - delay);
            delay = needed;
        }
        const unsigned cycles = 1 + random() % 12;
        for (unsigned i = 0; i < cycles; i++) {
            result.dry += !played.cycle(quantum);
            result.not_constant += played.delay() != delay;
        }
        result.changes++;
    }
    return result;
}

void any_walk_through_quanta_stays_fed_at_the_smallest_delay(void**)
{
    Walk all;
    unsigned seed = 0;
    for (const Frames block : {16u, 31u, 96u, 100u, 256u, 441u, 480u, 1000u, 1024u, 2048u}) {
        for (int i = 0; i < 4; i++) {
            const Walk one = walk(++seed, block);
            all.changes += one.changes;
            all.dry += one.dry;
            all.wasteful += one.wasteful;
            all.not_constant += one.not_constant;
        }
    }
    assert_int_equal(all.dry, 0);
    assert_int_equal(all.wasteful, 0);
    assert_int_equal(all.not_constant, 0);
    assert_int_equal(all.changes, 8000);
}

/// Blocks of which any number, as many as fall into one cycle, are given at its start in the worst
/// case, and are due when as many later ones as the budget holds are given.
void the_buffered_budget_is_the_fewest_blocks_that_leave_a_cycle_for_each(void**)
{
    int too_small = 0;
    int too_large = 0;
    for (Frames block = 1; block <= 96; block++) {
        for (Frames quantum = 1; quantum <= 300; quantum++) {
            const Frames budget = asiowire::buffered_budget(block, quantum);
            Frames most = 0; // of blocks that one cycle ends
            for (Frames cycle = 0; cycle <= block; cycle++)
                most = std::max(most, (cycle + 1) * quantum / block - cycle * quantum / block);
            too_small += budget < std::max(most, 1u) * block;
            too_large += budget > std::max(most, 1u) * block;
        }
    }
    assert_int_equal(too_small, 0);
    assert_int_equal(too_large, 0);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_delay_is_never_too_small_and_never_too_large),
        cmocka_unit_test(pending_frames_make_it_neither_too_small_nor_too_large),
        cmocka_unit_test(no_delay_exactly_when_the_block_divides_the_quantum),
        cmocka_unit_test(any_walk_through_quanta_stays_fed_at_the_smallest_delay),
        cmocka_unit_test(the_buffered_budget_is_the_fewest_blocks_that_leave_a_cycle_for_each),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
