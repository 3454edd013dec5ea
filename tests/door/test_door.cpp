// SPDX-License-Identifier: MIT
#include "tests/door/loop.hpp"

#include <thread>

#include "tests/cmocka.hpp"

// The door between a thread that plays Wine's part and a loop that plays PipeWire's: which way it
// chooses, and that blocks pass.

using namespace door_test;

namespace {

void a_roomy_stack_carries_the_loop_on_the_same_thread(void**)
{
    const Ran ran = serve_new(20'000, roomy);
    assert_int_equal(ran.way, Door::Way::coroutine);
    assert_true(ran.same_thread);
    assert_int_equal(ran.blocks, 20'000);
    assert_int_equal(ran.damaged, 0);
}

void a_loop_that_ended_has_ended_for_good(void**)
{
    for (const bool force_hand_off : {false, true}) {
        const Ran ran = serve(*std::make_unique<Loop>(3, force_hand_off));
        assert_int_equal(ran.blocks, 3);
        assert_int_equal(ran.blocks_after, 0);
        assert_true(ran.left && !ran.told_to_leave);
    }
}

void a_narrow_stack_hands_off_to_a_thread(void**)
{
    const Ran ran = serve_new(2'000, narrow);
    assert_int_equal(ran.way, Door::Way::hand_off);
    assert_false(ran.same_thread);
    assert_int_equal(ran.blocks, 2'000);
}

void the_hand_off_can_be_forced(void**)
{
    const Ran ran = serve(*std::make_unique<Loop>(2'000, true));
    assert_int_equal(ran.way, Door::Way::hand_off);
    assert_false(ran.same_thread);
    assert_int_equal(ran.blocks, 2'000);
}

void a_kernel_stack_that_begins_too_high_hands_off(void**)
{
    const Ran too_high = serve_new(10, roomy, 600 * kib);
    const Ran low_enough = serve_new(10, roomy, 700 * kib);
    const Ran senseless = serve_new(10, roomy, -64 * kib); // above us: says nothing
    assert_int_equal(too_high.way, Door::Way::hand_off);
    assert_int_equal(low_enough.way, Door::Way::coroutine);
    assert_int_equal(senseless.way, Door::Way::coroutine);
    assert_int_equal(too_high.blocks + low_enough.blocks + senseless.blocks, 30);
}

void two_doors_on_two_threads_do_not_mix(void**)
{
    Ran first;
    Ran second;
    on_thread(roomy, [&] {
        const std::jthread other([&] { second = serve_new(5'000, roomy); });
        first = serve_new(5'000, roomy);
    });
    assert_int_equal(first.blocks, 5'000);
    assert_int_equal(second.blocks, 5'000);
    assert_true(first.same_thread && second.same_thread);
    assert_int_equal(first.damaged + second.damaged, 0);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_roomy_stack_carries_the_loop_on_the_same_thread),
        cmocka_unit_test(a_loop_that_ended_has_ended_for_good),
        cmocka_unit_test(a_narrow_stack_hands_off_to_a_thread),
        cmocka_unit_test(the_hand_off_can_be_forced),
        cmocka_unit_test(a_kernel_stack_that_begins_too_high_hands_off),
        cmocka_unit_test(two_doors_on_two_threads_do_not_mix),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
