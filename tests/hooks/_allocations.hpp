// SPDX-License-Identifier: MIT
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <malloc.h>

// Counts what this thread asks of the allocator while it is watched. For one source of a program;
// with a sanitizer, which has the allocator, ALLOCATIONS_ARE_SEEN is not defined.

inline thread_local bool watched = false;
inline thread_local int allocations = 0;

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && defined(__GLIBC__)
#define ALLOCATIONS_ARE_SEEN 1
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);

void* malloc(std::size_t size) noexcept
{
    allocations += watched;
    return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) noexcept
{
    allocations += watched;
    return __libc_calloc(count, size);
}
void* realloc(void* old, std::size_t size) noexcept
{
    allocations += watched;
    return __libc_realloc(old, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept
{
    allocations += watched;
    return __libc_memalign(alignment, size);
}
void* memalign(std::size_t alignment, std::size_t size) noexcept
{
    allocations += watched;
    return __libc_memalign(alignment, size);
}
int posix_memalign(void** to, std::size_t alignment, std::size_t size) noexcept
{
    allocations += watched;
    *to = __libc_memalign(alignment, size);
    return *to == nullptr ? ENOMEM : 0;
}
void free(void* old) noexcept
{
    allocations += watched && old != nullptr;
    __libc_free(old);
}
}
#endif
