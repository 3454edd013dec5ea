// SPDX-License-Identifier: MIT
#pragma once

#include "core/convert.hpp"

/// The implementations behind converter(); nobody else includes this. A Converter may only be called
/// on a processor that has its set.
namespace asiowire {

/// How a float's value becomes a code: one meaning for all sets.
inline constexpr float scale_16 = 0x1p15f;
inline constexpr float scale_24 = 0x1p23f;
inline constexpr float scale_32 = 0x1p31f;
inline constexpr float highest_16 = scale_16 - 1;
inline constexpr float highest_24 = scale_24 - 1; // 2^31 - 1 is no float: Int32 goes another way

/// [any-thread]  pure
Converter scalar_converter(SampleType type) ASIOWIRE_RT;
/// [any-thread]  pure
Converter avx2_converter(SampleType type) ASIOWIRE_RT;

/// Sample by sample, as `Convert`: also the ends of blocks that fill no vector.
namespace scalar {

void copy_float(void* to, const void* from, std::size_t samples) ASIOWIRE_RT;
void to_float64(void* to, const void* from, std::size_t samples) ASIOWIRE_RT;
void from_float64(void* to, const void* from, std::size_t samples) ASIOWIRE_RT;
void to_int16(void* to, const void* from, std::size_t samples) ASIOWIRE_RT;
void from_int16(void* to, const void* from, std::size_t samples) ASIOWIRE_RT;
void to_int24(void* to, const void* from, std::size_t samples) ASIOWIRE_RT;
void from_int24(void* to, const void* from, std::size_t samples) ASIOWIRE_RT;
void to_int32(void* to, const void* from, std::size_t samples) ASIOWIRE_RT;
void from_int32(void* to, const void* from, std::size_t samples) ASIOWIRE_RT;

} // namespace scalar

} // namespace asiowire
