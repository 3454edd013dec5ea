// SPDX-License-Identifier: MIT
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/// What a loop with a cleanup handler of its own, and the host around it, did until their thread
/// ended.
struct ended_thread {
    void* door;
    int (*run)(void* door);   // Door::run
    int (*yield)(void* door); // Door::yield
    int rounds;               // blocks until the thread ends
    int end_inside;           // 1: it ends inside the loop, 0: in the host's code
    int loop_cleanups;        // out: times the loop's cleanup handler ran
    int host_cleanups;        // out: times the host's own did
    int yields;               // out
};

/// A loop as PipeWire's is: plain C, with a pthread_cleanup_push around the calls it makes.
void ended_thread_loop(void* scene);

/// The thread: pushes a handler, runs the door and calls pthread_exit.
void* ended_thread_body(void* scene);

#ifdef __cplusplus
}
#endif
