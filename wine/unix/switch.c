// SPDX-License-Identifier: MIT
// Runs on the audio thread. Plain C, because pthread.h hides the cleanup-chain functions from
// compilers with exceptions switched on.

#include "wine/unix/switch.h"

#include <pthread.h>
#include <stdint.h>

#ifndef __x86_64__
#error "the Unix half is built for x86-64; 32-bit hosts use it through Wine's WoW64"
#endif

void asiowire_stack_switch(void** save, void* load);

// Six callee-saved registers and eight bytes of floating-point control words; the return address
// above them is where the context goes on.
__asm__(".text\n"
        ".p2align 4\n"
        ".globl asiowire_stack_switch\n"
        ".hidden asiowire_stack_switch\n"
        ".type asiowire_stack_switch,@function\n"
        "asiowire_stack_switch:\n"
        "pushq %rbp\n"
        "pushq %rbx\n"
        "pushq %r12\n"
        "pushq %r13\n"
        "pushq %r14\n"
        "pushq %r15\n"
        "subq $8,%rsp\n"
        "stmxcsr (%rsp)\n"
        "fnstcw 4(%rsp)\n"
        "movq %rsp,(%rdi)\n"
        "movq %rsi,%rsp\n"
        "ldmxcsr (%rsp)\n"
        "fldcw 4(%rsp)\n"
        "addq $8,%rsp\n"
        "popq %r15\n"
        "popq %r14\n"
        "popq %r13\n"
        "popq %r12\n"
        "popq %rbx\n"
        "popq %rbp\n"
        "ret\n"
        ".size asiowire_stack_switch,.-asiowire_stack_switch\n");

#ifdef __GLIBC__
// The head of the chain is no public variable; registering a record shows it as the record's
// "previous" link, and unregistering a record puts that link back as the head.
enum { previous_link = 0 };

/// Makes `head` the head of the cleanup chain and returns what was.
static void* exchange_cleanup_chain(void* head)
{
    __pthread_unwind_buf_t record;
    __pthread_register_cancel(&record);
    void* before = record.__pad[previous_link];
    record.__pad[previous_link] = head;
    __pthread_unregister_cancel(&record);
    return before;
}
#else
static void* exchange_cleanup_chain(void* head)
{
    return head;
}
#endif

void asiowire_context_make(struct asiowire_context* context, void* low, size_t bytes,
                           void (*entry)(void))
{
    const uint32_t default_mxcsr = 0x1f80;
    const uint16_t default_x87 = 0x037f;
    uint64_t* top = (uint64_t*)(((uintptr_t)low + bytes) & ~(uintptr_t)63);
    *--top = 0;                   // a return address of 0 ends every backtrace; rsp ≡ 8 mod 16 at entry
    *--top = (uint64_t)(uintptr_t)entry;
    for (int saved_register = 0; saved_register < 6; saved_register++) *--top = 0;
    *--top = (uint64_t)default_x87 << 32 | default_mxcsr;
    context->stack_pointer = top;
    // A thread that is ended inside the loop unwinds to its own start.
    context->cleanup_chain = exchange_cleanup_chain(NULL);
    exchange_cleanup_chain(context->cleanup_chain);
}

void asiowire_context_switch(struct asiowire_context* from, struct asiowire_context* to)
{
    from->cleanup_chain = exchange_cleanup_chain(to->cleanup_chain);
    asiowire_stack_switch(&from->stack_pointer, to->stack_pointer);
}
