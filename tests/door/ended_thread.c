// SPDX-License-Identifier: MIT
// C, because pthread_cleanup_push is a C++ destructor where exceptions are on, and would say
// nothing about glibc's cleanup chain, which PipeWire's C code uses.

#include "tests/door/ended_thread.h"

#include <pthread.h>

static void count(void* counter)
{
    ++*(int*)counter;
}

void ended_thread_loop(void* argument)
{
    struct ended_thread* scene = argument;
    pthread_cleanup_push(count, &scene->loop_cleanups);
    while (scene->yield(scene->door)) {
        scene->yields++;
        if (scene->end_inside && scene->yields == scene->rounds) pthread_exit(0);
    }
    pthread_cleanup_pop(0);
}

void* ended_thread_body(void* argument)
{
    struct ended_thread* scene = argument;
    pthread_cleanup_push(count, &scene->host_cleanups);
    for (int i = 0; i < scene->rounds || scene->end_inside; i++)
        if (!scene->run(scene->door)) break;
    pthread_exit(0);
    pthread_cleanup_pop(0);
    return 0;
}
