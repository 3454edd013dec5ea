// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A stack that is not running: where its registers were pushed, and the glibc thread-cleanup chain
/// that belongs to it.
struct asiowire_context {
    void* stack_pointer;
    void* cleanup_chain;
};

/// Lays out a context at the upper end of [low, low + bytes) that will call `entry()` when first
/// switched to. `entry` must never return: it switches away for good.
///
/// [audio-thread]  wait-free; writes only to the given stack; inherits the running cleanup chain
void asiowire_context_make(struct asiowire_context* context, void* low, size_t bytes,
                           void (*entry)(void));

/// Leaves the running stack, remembered in `from`, and goes on where `to` was left.
///
/// [audio-thread]  wait-free; both contexts must belong to this OS thread
/// Keeps the callee-saved registers, MXCSR and the x87 control word per context, and swaps glibc's
/// thread-cleanup chain: PipeWire's loop holds a pthread_cleanup_push while it calls us, and a
/// thread that dies in Windows code while we are away must not unwind into a suspended stack
/// (without the swap ExitThread in bufferSwitch crashed 3 of 3 times on Wine 8).
void asiowire_context_switch(struct asiowire_context* from, struct asiowire_context* to);

#ifdef __cplusplus
}
#endif
