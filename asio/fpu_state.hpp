// SPDX-License-Identifier: MIT
#pragma once

#include "core/rt.hpp"

#include <cstdint>

namespace asiowire {

/// Gives the audio thread its floating-point control words back after the host had it: hosts switch
/// denormals off and rounding about, and PipeWire must not inherit that.
/// [audio-thread]  wait-free
class FpuState {
public:
    FpuState() ASIOWIRE_RT { asm volatile("stmxcsr %0\n\tfnstcw %1" : "=m"(mxcsr_), "=m"(x87_)); }
    ~FpuState() ASIOWIRE_RT { asm volatile("ldmxcsr %0\n\tfldcw %1" : : "m"(mxcsr_), "m"(x87_)); }
    FpuState(const FpuState&) = delete;
    FpuState& operator=(const FpuState&) = delete;

private:
    std::uint32_t mxcsr_;
    std::uint16_t x87_;
};

} // namespace asiowire
