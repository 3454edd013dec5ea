// SPDX-License-Identifier: MIT
#include "wine/unix/door.hpp"

#include <memory>
#include <thread>
#include <xmmintrin.h>

#include "tests/cmocka.hpp"

// What the door must keep for each side: the registers that a called function may not change, and
// the floating-point control words, which hosts like to change.

using namespace asiowire;

/// Calls `call(argument)` with the callee-saved registers holding pattern … pattern + 5, and tells
/// whether they came back unchanged.
extern "C" int keeps_registers(void (*call)(void*), void* argument, std::uint64_t pattern);

asm(R"(
    .text
    .type keeps_registers,@function
keeps_registers:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    pushq %rdx
    movq %rdx, %rbx
    leaq 1(%rdx), %rbp
    leaq 2(%rdx), %r12
    leaq 3(%rdx), %r13
    leaq 4(%rdx), %r14
    leaq 5(%rdx), %r15
    movq %rdi, %rax
    movq %rsi, %rdi
    callq *%rax
    popq %rdx
    xorl %eax, %eax
    subq %rdx, %rbx
    subq %rdx, %rbp
    subq %rdx, %r12
    subq %rdx, %r13
    subq %rdx, %r14
    subq %rdx, %r15
    testq %rbx, %rbx
    jne 1f
    cmpq $1, %rbp
    jne 1f
    cmpq $2, %r12
    jne 1f
    cmpq $3, %r13
    jne 1f
    cmpq $4, %r14
    jne 1f
    cmpq $5, %r15
    jne 1f
    movl $1, %eax
1:  popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
    .size keeps_registers,.-keeps_registers
)");

namespace {

constexpr int rounds = 2'000;

struct Control {
    std::uint32_t mxcsr = 0;
    std::uint16_t x87 = 0;
    bool operator==(const Control&) const = default;
};

Control control_words()
{
    Control now;
    now.mxcsr = _mm_getcsr() & ~0x3fu; // the low bits are flags of what has happened
    asm volatile("fnstcw %0" : "=m"(now.x87));
    return now;
}

void set_control_words(const Control& wanted)
{
    _mm_setcsr(wanted.mxcsr);
    asm volatile("fldcw %0" : : "m"(wanted.x87));
}

constexpr Control by_default = {.mxcsr = 0x1f80, .x87 = 0x037f};
constexpr Control of_the_host = {.mxcsr = 0xffc0, .x87 = 0x0c7f}; // FTZ, DAZ, towards zero, 24 bits
constexpr Control of_the_loop = {.mxcsr = 0x3f80, .x87 = 0x077f}; // downwards

struct Findings {
    int wrong_in_loop = 0;
    int wrong_in_host = 0;
    int blocks = 0;
    Control loop_begins_with;
    Door::Way way = Door::Way::undecided;
};

struct Scene : Findings {
    explicit Scene(Door::Loop loop) : door(loop, this, false) {}
    Door door;
};

void run_once(void* self)
{
    auto& scene = *static_cast<Scene*>(self);
    scene.blocks += scene.door.run(0);
}

void yield_once(void* self)
{
    static_cast<Scene*>(self)->door.yield();
}

/// Lets a loop and a host go through the door, on a thread of their own.
Findings play(Door::Loop loop, void (*host)(Scene& scene))
{
    const auto scene = std::make_unique<Scene>(loop);
    std::jthread([&] { host(*scene); }).join();
    scene->way = scene->door.way();
    return *scene;
}

void both_sides_keep_their_registers(void**)
{
    const auto loop = [](void* self) {
        auto& scene = *static_cast<Scene*>(self);
        for (std::uint64_t i = 0; i < rounds; i++)
            scene.wrong_in_loop += !keeps_registers(yield_once, self, 0x1000'0000'0000 + i * 16);
    };
    const Findings found = play(loop, [](Scene& scene) {
        for (std::uint64_t i = 0; i <= rounds; i++) // the last one finds the loop's end
            scene.wrong_in_host += !keeps_registers(run_once, &scene, 0x2000'0000'0000 + i * 16);
    });
    assert_int_equal(found.way, Door::Way::coroutine);
    assert_int_equal(found.blocks, rounds);
    assert_int_equal(found.wrong_in_loop, 0);
    assert_int_equal(found.wrong_in_host, 0);
}

void both_sides_keep_their_floating_point_control_words(void**)
{
    const auto loop = [](void* self) {
        auto& scene = *static_cast<Scene*>(self);
        scene.loop_begins_with = control_words();
        set_control_words(of_the_loop);
        for (int i = 0; i < rounds; i++) {
            yield_once(self);
            scene.wrong_in_loop += control_words() != of_the_loop;
        }
    };
    const Findings found = play(loop, [](Scene& scene) {
        set_control_words(of_the_host);
        for (int i = 0; i <= rounds; i++) {
            run_once(&scene);
            scene.wrong_in_host += control_words() != of_the_host;
        }
    });
    assert_int_equal(found.way, Door::Way::coroutine);
    assert_int_equal(found.blocks, rounds);
    assert_true(found.loop_begins_with == by_default); // whatever the host had set before
    assert_int_equal(found.wrong_in_loop, 0);
    assert_int_equal(found.wrong_in_host, 0);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(both_sides_keep_their_registers),
        cmocka_unit_test(both_sides_keep_their_floating_point_control_words),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
