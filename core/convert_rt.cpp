// SPDX-License-Identifier: MIT
#include "core/convert_sets.hpp"

#include <algorithm>

namespace asiowire {

InstructionSet best_instruction_set() ASIOWIRE_RT
{
    // The compiler's own look at CPUID, which asks the system (XCR0), too.
    const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi");
    if (!__builtin_cpu_supports("avx2")) return InstructionSet::scalar;
    return avx512 ? InstructionSet::avx512 : InstructionSet::avx2;
}

Converter converter(SampleType type, InstructionSet set) ASIOWIRE_RT
{
    switch (std::min(set, best_instruction_set())) {
    case InstructionSet::avx512:
        return avx512_converter(type);
    case InstructionSet::avx2:
        return avx2_converter(type);
    case InstructionSet::scalar:
        break;
    }
    return scalar_converter(type);
}

} // namespace asiowire
