// SPDX-License-Identifier: MIT
#include "tests/door/ended_thread.h"
#include "tests/door/loop.hpp"

#include "tests/cmocka.hpp"

// The door when one of its sides goes away: the thread terminated, the host or the loop leaving.

using namespace door_test;

namespace {

struct Abandoned {
    bool can_end = false;
    int yields = 0;
    bool left = false;
    Ran afterwards; // with somebody serving the door again
};

/// Abandons a loop whose thread is gone, after its first yield.
Abandoned abandon_after_one_block(bool force_hand_off)
{
    Abandoned result;
    const auto loop = std::make_unique<Loop>(1'000, force_hand_off);
    on_thread(roomy, [&] { loop->door.run(0); }); // ends with the loop suspended
    result.can_end = loop->door.abandon();
    if (force_hand_off) result.afterwards = serve(*loop);
    result.yields = loop->yields;
    result.left = loop->left;
    return result;
}

void an_abandoned_coroutine_is_frozen_and_its_door_goes_quietly(void**)
{
    const Abandoned result = abandon_after_one_block(false);
    assert_false(result.can_end);
    assert_int_equal(result.yields, 1);
    assert_false(result.left);
}

void an_abandoned_hand_off_ends_its_loop(void**)
{
    const Abandoned result = abandon_after_one_block(true);
    assert_true(result.can_end);
    assert_int_equal(result.afterwards.blocks, 0);
    assert_true(result.left && result.afterwards.told_to_leave);
    assert_int_equal(result.yields, 1);
}

void a_door_that_never_opened_can_be_abandoned(void**)
{
    for (const bool force_hand_off : {false, true}) {
        bool can_end = false;
        Ran late; // the loop is told at its first yield
        {
            const auto loop = std::make_unique<Loop>(5, force_hand_off);
            can_end = loop->door.abandon();
            late = serve(*loop);
        }
        assert_true(can_end);
        assert_int_equal(late.blocks, 0);
        assert_true(late.left && late.told_to_leave);
    }
}

void a_door_that_has_closed_can_be_abandoned(void**)
{
    for (const bool force_hand_off : {false, true}) {
        bool can_end = false;
        {
            const auto loop = std::make_unique<Loop>(5, force_hand_off);
            serve(*loop);
            can_end = loop->door.abandon();
        }
        assert_true(can_end);
    }
}

void a_door_that_goes_while_its_loop_waits_ends_it(void**)
{
    auto loop = std::make_unique<Loop>(1'000, true);
    on_thread(roomy, [&] { loop->door.run(0); });
    alarm(20); // a hang ends the program
    loop.reset();
    alarm(0);
}

ended_thread end_a_thread(int rounds, bool end_inside, bool force_hand_off = false)
{
    ended_thread scene{};
    const auto door = std::make_unique<Door>(&ended_thread_loop, &scene, force_hand_off);
    scene.door = door.get();
    scene.run = [](void* self) -> int { return static_cast<Door*>(self)->run(0); };
    scene.yield = [](void* self) -> int { return static_cast<Door*>(self)->yield(); };
    scene.rounds = rounds;
    scene.end_inside = end_inside;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, roomy);
    pthread_t thread{};
    pthread_create(&thread, &attributes, &ended_thread_body, &scene);
    pthread_attr_destroy(&attributes);
    pthread_join(thread, nullptr);
    return scene;
}

void a_thread_that_ends_in_the_hosts_code_leaves_the_loop_alone(void**)
{
    for (const int rounds : {1, 2, 1'000}) {
        const ended_thread scene = end_a_thread(rounds, false);
        assert_int_equal(scene.yields, rounds - 1);
        assert_int_equal(scene.loop_cleanups, 0); // its frames are suspended: nobody may go there
        assert_int_equal(scene.host_cleanups, 1);
    }
}

void a_thread_that_ends_inside_the_loop_unwinds_to_its_start(void**)
{
    for (const int rounds : {1, 1'000}) {
        const ended_thread scene = end_a_thread(rounds, true);
        assert_int_equal(scene.yields, rounds);
        assert_int_equal(scene.loop_cleanups, 1);
        assert_int_equal(scene.host_cleanups, 1);
    }
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(an_abandoned_coroutine_is_frozen_and_its_door_goes_quietly),
        cmocka_unit_test(an_abandoned_hand_off_ends_its_loop),
        cmocka_unit_test(a_door_that_never_opened_can_be_abandoned),
        cmocka_unit_test(a_door_that_has_closed_can_be_abandoned),
        cmocka_unit_test(a_door_that_goes_while_its_loop_waits_ends_it),
        cmocka_unit_test(a_thread_that_ends_in_the_hosts_code_leaves_the_loop_alone),
        cmocka_unit_test(a_thread_that_ends_inside_the_loop_unwinds_to_its_start),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
