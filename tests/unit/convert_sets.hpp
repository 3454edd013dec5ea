// SPDX-License-Identifier: MIT
#pragma once

#include "core/convert.hpp"

#include <vector>

/// What both tests of core/convert.hpp go through.
namespace asiowire {

inline constexpr SampleType kTypes[] = {SampleType::float32, SampleType::float64, SampleType::int16,
                                        SampleType::int24, SampleType::int32};

/// The instruction sets that this processor has.
inline std::vector<InstructionSet> sets_here()
{
    std::vector<InstructionSet> sets;
    for (const auto set : {InstructionSet::scalar, InstructionSet::avx2})
        if (set <= best_instruction_set()) sets.push_back(set);
    return sets;
}

} // namespace asiowire
