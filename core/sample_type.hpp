// SPDX-License-Identifier: MIT
#pragma once

#include "core/rt.hpp"

#include <cstdint>

namespace asiowire {

/// How one sample of the host's lies in memory, little-endian; the graph's own are float32.
enum class SampleType : std::uint32_t {
    float32 = 0,
    float64 = 1,
    int16 = 2,
    int24 = 3, ///< three bytes
    int32 = 4,
};

inline constexpr std::uint32_t sample_types = 5;

/// [any-thread]  pure
constexpr std::uint32_t bytes_per_sample(SampleType type) ASIOWIRE_RT
{
    switch (type) {
    case SampleType::float64: return 8;
    case SampleType::int16: return 2;
    case SampleType::int24: return 3;
    case SampleType::float32:
    case SampleType::int32: break;
    }
    return 4;
}

} // namespace asiowire
