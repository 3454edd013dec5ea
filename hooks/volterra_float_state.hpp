// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#ifdef __x86_64__
#include <xmmintrin.h>
#endif

namespace asiowire {

/// For its lifetime denormals are zero, no exception traps and sums round to the nearest.
///
/// A tail that fades into denormals costs several times as much on many processors. Afterwards the
/// caller's thread has its own state back, exception flags included.
/// [any-thread]
class VolterraFloatState {
public:
#if defined(__x86_64__)
    VolterraFloatState() : saved_(_mm_getcsr())
    {
        _mm_setcsr(0x9fc0);
    } // masks, FTZ, DAZ
    ~VolterraFloatState()
    {
        _mm_setcsr(saved_);
    }
#elif defined(__aarch64__)
    VolterraFloatState()
    {
        __asm__ volatile("mrs %0, fpcr" : "=r"(saved_));
        __asm__ volatile("msr fpcr, %0" : : "r"(std::uint64_t{1} << 24)); // FZ
    }
    ~VolterraFloatState()
    {
        __asm__ volatile("msr fpcr, %0" : : "r"(saved_));
    }
#else
    VolterraFloatState() {}
    ~VolterraFloatState() {}
#endif
    VolterraFloatState(const VolterraFloatState&) = delete;
    VolterraFloatState& operator=(const VolterraFloatState&) = delete;

private:
#if defined(__x86_64__)
    unsigned saved_;
#elif defined(__aarch64__)
    std::uint64_t saved_;
#endif
};

} // namespace asiowire
