// SPDX-License-Identifier: MIT
#include "core/convert_sets.hpp"

#include <algorithm>

namespace asiowire {

InstructionSet best_instruction_set() ASIOWIRE_RT
{
    // The compiler's own look at CPUID, which asks the system (XCR0), too.
    return __builtin_cpu_supports("avx2") ? InstructionSet::avx2 : InstructionSet::scalar;
}

Converter converter(SampleType type, InstructionSet set) ASIOWIRE_RT
{
    return std::min(set, best_instruction_set()) == InstructionSet::avx2 ? avx2_converter(type)
                                                                         : scalar_converter(type);
}

} // namespace asiowire
