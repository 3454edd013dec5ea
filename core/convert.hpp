// SPDX-License-Identifier: MIT
#pragma once

#include "core/rt.hpp"
#include "core/sample_type.hpp"

#include <cstddef>

/// The graph's float32 into the host's sample type and back, every code exact.
///
/// To integers of n bits: scale by 2^(n-1), round to nearest even, clamp after scaling, NaN is 0.
/// Back: code / 2^(n-1); only Int32 has more bits than a float and is rounded, to nearest even.
/// Float64: widening is exact, narrowing is one rounding. Float32 is copied, bit for bit.
///
/// The processor's floating-point settings must be the default ones: round to nearest even, for
/// every type; no flushing of denormals, for Float64. That is how the graph's thread runs; a
/// host's own settings end with its callback.
namespace asiowire {

/// Converts `samples` samples; `to` and `from` do not overlap; no alignment is needed.
///
/// [audio-thread]  wait-free; touches exactly the bytes of these samples
using Convert = void (*)(void* to, const void* from, std::size_t samples) ASIOWIRE_RT;

struct Converter {
    Convert from_float; ///< host <- graph
    Convert to_float;   ///< graph <- host
};

/// In rising order: each processor that has one has those before it.
enum class InstructionSet {
    scalar, ///< any x86-64
    avx2,
};

/// The best one that this processor has and this system lets programs use.
///
/// [any-thread]  pure
InstructionSet best_instruction_set() ASIOWIRE_RT;

/// The converter for a type; all sets give the same bits. A set that is not there stands for the
/// best that is.
///
/// [any-thread]  pure
Converter converter(SampleType type, InstructionSet set = best_instruction_set()) ASIOWIRE_RT;

} // namespace asiowire
