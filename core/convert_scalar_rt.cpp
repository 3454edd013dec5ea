// SPDX-License-Identifier: MIT
// Runs on the audio thread.

#include "core/convert_sets.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <emmintrin.h>

namespace asiowire {

namespace {

/// An element of an array that need not be aligned.
template <class Value> Value load(const void* from, std::size_t index) ASIOWIRE_RT
{
    Value value;
    std::memcpy(&value, static_cast<const char*>(from) + index * sizeof value, sizeof value);
    return value;
}

template <class Value> void store(void* to, std::size_t index, Value value) ASIOWIRE_RT
{
    std::memcpy(static_cast<char*>(to) + index * sizeof value, &value, sizeof value);
}

/// By name: lrint is a call into the mathematical library unless told to forget errno.
std::int32_t nearest_even(float value) ASIOWIRE_RT
{
    return _mm_cvtss_si32(_mm_set_ss(value));
}

/// A code of up to 24 bits, whose bounds are floats.
std::int32_t code(float sample, float scale) ASIOWIRE_RT
{
    if (sample != sample) return 0; // NaN
    return nearest_even(std::clamp(sample * scale, -scale, scale - 1));
}

} // namespace

namespace scalar {

void copy_float(void* to, const void* from, std::size_t samples) ASIOWIRE_RT
{
    std::memcpy(to, from, samples * sizeof(float));
}

void to_float64(void* to, const void* from, std::size_t samples) ASIOWIRE_RT
{
    for (std::size_t i = 0; i < samples; i++)
        store<double>(to, i, load<float>(from, i));
}

void from_float64(void* to, const void* from, std::size_t samples) ASIOWIRE_RT
{
    for (std::size_t i = 0; i < samples; i++)
        store(to, i, static_cast<float>(load<double>(from, i)));
}

void to_int16(void* to, const void* from, std::size_t samples) ASIOWIRE_RT
{
    for (std::size_t i = 0; i < samples; i++)
        store(to, i, static_cast<std::int16_t>(code(load<float>(from, i), scale_16)));
}

void from_int16(void* to, const void* from, std::size_t samples) ASIOWIRE_RT
{
    for (std::size_t i = 0; i < samples; i++)
        store(to, i, static_cast<float>(load<std::int16_t>(from, i)) / scale_16);
}

void to_int24(void* to, const void* from, std::size_t samples) ASIOWIRE_RT
{
    auto* bytes = static_cast<unsigned char*>(to);
    for (std::size_t i = 0; i < samples; i++, bytes += 3) {
        const auto bits = static_cast<std::uint32_t>(code(load<float>(from, i), scale_24));
        bytes[0] = static_cast<unsigned char>(bits);
        bytes[1] = static_cast<unsigned char>(bits >> 8);
        bytes[2] = static_cast<unsigned char>(bits >> 16);
    }
}

void from_int24(void* to, const void* from, std::size_t samples) ASIOWIRE_RT
{
    const auto* bytes = static_cast<const unsigned char*>(from);
    for (std::size_t i = 0; i < samples; i++, bytes += 3) {
        // In the upper three bytes, so that the sign is where an int has it.
        const auto bits = std::uint32_t{bytes[0]} << 8 | std::uint32_t{bytes[1]} << 16 |
                          std::uint32_t{bytes[2]} << 24;
        store(to, i, static_cast<float>(static_cast<std::int32_t>(bits)) / scale_32);
    }
}

void to_int32(void* to, const void* from, std::size_t samples) ASIOWIRE_RT
{
    for (std::size_t i = 0; i < samples; i++) {
        const float sample = load<float>(from, i);
        std::int32_t value = 0;
        if (sample >= 1)
            value = INT32_MAX; // no float has this value, so that it cannot be clamped to before
        else if (sample <= -1)
            value = INT32_MIN;
        else if (sample == sample)
            value = nearest_even(sample * scale_32);
        store(to, i, value);
    }
}

void from_int32(void* to, const void* from, std::size_t samples) ASIOWIRE_RT
{
    for (std::size_t i = 0; i < samples; i++)
        store(to, i, static_cast<float>(load<std::int32_t>(from, i)) / scale_32);
}

} // namespace scalar

Converter scalar_converter(SampleType type) ASIOWIRE_RT
{
    switch (type) {
    case SampleType::float64:
        return {scalar::to_float64, scalar::from_float64};
    case SampleType::int16:
        return {scalar::to_int16, scalar::from_int16};
    case SampleType::int24:
        return {scalar::to_int24, scalar::from_int24};
    case SampleType::int32:
        return {scalar::to_int32, scalar::from_int32};
    case SampleType::float32:
        break;
    }
    return {scalar::copy_float, scalar::copy_float};
}

} // namespace asiowire
