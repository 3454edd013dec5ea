// SPDX-License-Identifier: MIT
// Runs on the audio thread.

#include "core/convert_sets.hpp"

#include <array>
#include <cstdint>
#include <immintrin.h>

/// For each function instead of the file, as in convert_avx2_rt.cpp.
#define ASIOWIRE_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi")))

namespace asiowire {

namespace {

/// The lowest `count` bits; masked loads and stores touch no byte beyond them.
constexpr std::uint64_t lowest(std::size_t count) ASIOWIRE_RT
{
    return ~std::uint64_t{0} >> (64 - count);
}

/// For a register of ints: which of its bytes are the codes' 48, in their order.
alignas(64) constexpr auto lower_three = [] {
    std::array<std::uint8_t, 64> from{};
    for (std::size_t i = 0; i < 48; i++)
        from[i] = static_cast<std::uint8_t>(i / 3 * 4 + i % 3);
    return from;
}();

/// For 48 bytes of codes: what comes into the upper three bytes of each int, where its sign
/// belongs.
alignas(64) constexpr auto upper_three = [] {
    std::array<std::uint8_t, 64> from{};
    for (std::size_t i = 0; i < 64; i++)
        from[i] = static_cast<std::uint8_t>(i % 4 == 0 ? 0 : i / 4 * 3 + i % 4 - 1);
    return from;
}();

// Every step is masked: what is beyond the samples stays 0, and GCC 12 has no reason to warn of the
// undefined registers that its unmasked forms begin with.

/// Up to 16 samples times `scale`; NaN is 0.
ASIOWIRE_AVX512 __m512 scaled(const char* from, __mmask16 samples, float scale) ASIOWIRE_RT
{
    const __m512 values = _mm512_maskz_loadu_ps(samples, from);
    const __mmask16 no_nan = _mm512_cmp_ps_mask(values, values, _CMP_ORD_Q);
    return _mm512_maskz_mul_ps(no_nan, values, _mm512_set1_ps(scale));
}

ASIOWIRE_AVX512 void store_floats(char* to, __m512i codes, __mmask16 samples,
                                  float scale) ASIOWIRE_RT
{
    const __m512 values = _mm512_maskz_cvtepi32_ps(samples, codes);
    const __m512 factor = _mm512_set1_ps(1 / scale);
    _mm512_mask_storeu_ps(to, samples, _mm512_maskz_mul_ps(samples, values, factor));
}

// One struct for each function of the scalar set: how up to `step` samples are converted at once.

struct ToFloat64 {
    static constexpr std::size_t step = 8, to_bytes = 8, from_bytes = 4;

    ASIOWIRE_AVX512 static void convert(char* to, const char* from, std::size_t n) ASIOWIRE_RT
    {
        const auto samples = static_cast<__mmask8>(lowest(n));
        const __m256 values = _mm256_maskz_loadu_ps(samples, from);
        _mm512_mask_storeu_pd(to, samples, _mm512_maskz_cvtps_pd(samples, values));
    }
};

struct FromFloat64 {
    static constexpr std::size_t step = 8, to_bytes = 4, from_bytes = 8;

    ASIOWIRE_AVX512 static void convert(char* to, const char* from, std::size_t n) ASIOWIRE_RT
    {
        const auto samples = static_cast<__mmask8>(lowest(n));
        const __m512d values = _mm512_maskz_loadu_pd(samples, from);
        _mm256_mask_storeu_ps(to, samples, _mm512_maskz_cvtpd_ps(samples, values));
    }
};

struct ToInt16 {
    static constexpr std::size_t step = 16, to_bytes = 2, from_bytes = 4;

    ASIOWIRE_AVX512 static void convert(char* to, const char* from, std::size_t n) ASIOWIRE_RT
    {
        const auto samples = static_cast<__mmask16>(lowest(n));
        const __m512 values = scaled(from, samples, scale_16);
        const __m512 below = _mm512_maskz_min_ps(samples, values, _mm512_set1_ps(highest_16));
        const __m512i codes = _mm512_maskz_cvtps_epi32(samples, below);
        _mm256_mask_storeu_epi16(to, samples, _mm512_maskz_cvtsepi32_epi16(samples, codes));
    }
};

struct FromInt16 {
    static constexpr std::size_t step = 16, to_bytes = 4, from_bytes = 2;

    ASIOWIRE_AVX512 static void convert(char* to, const char* from, std::size_t n) ASIOWIRE_RT
    {
        const auto samples = static_cast<__mmask16>(lowest(n));
        const __m256i codes = _mm256_maskz_loadu_epi16(samples, from);
        store_floats(to, _mm512_maskz_cvtepi16_epi32(samples, codes), samples, scale_16);
    }
};

struct ToInt24 {
    static constexpr std::size_t step = 16, to_bytes = 3, from_bytes = 4;

    ASIOWIRE_AVX512 static void convert(char* to, const char* from, std::size_t n) ASIOWIRE_RT
    {
        const auto samples = static_cast<__mmask16>(lowest(n));
        const __mmask64 bytes = lowest(3 * n);
        const __m512 values = scaled(from, samples, scale_24);
        const __m512 below = _mm512_maskz_min_ps(samples, values, _mm512_set1_ps(highest_24));
        const __m512 clamped = _mm512_maskz_max_ps(samples, below, _mm512_set1_ps(-scale_24));
        const __m512i codes = _mm512_maskz_cvtps_epi32(samples, clamped);
        const __m512i lower = _mm512_load_si512(lower_three.data());
        _mm512_mask_storeu_epi8(to, bytes, _mm512_maskz_permutexvar_epi8(bytes, lower, codes));
    }
};

struct FromInt24 {
    static constexpr std::size_t step = 16, to_bytes = 4, from_bytes = 3;

    ASIOWIRE_AVX512 static void convert(char* to, const char* from, std::size_t n) ASIOWIRE_RT
    {
        const __m512i codes = _mm512_maskz_loadu_epi8(lowest(3 * n), from);
        // The lowest byte of each int is 0.
        constexpr __mmask64 upper_bytes = 0xeeee'eeee'eeee'eeee;
        const __m512i upper = _mm512_load_si512(upper_three.data());
        const __m512i ints = _mm512_maskz_permutexvar_epi8(upper_bytes, upper, codes);
        store_floats(to, ints, static_cast<__mmask16>(lowest(n)), scale_32);
    }
};

struct ToInt32 {
    static constexpr std::size_t step = 16, to_bytes = 4, from_bytes = 4;

    ASIOWIRE_AVX512 static void convert(char* to, const char* from, std::size_t n) ASIOWIRE_RT
    {
        const auto samples = static_cast<__mmask16>(lowest(n));
        const __m512 values = scaled(from, samples, scale_32);
        const __mmask16 above = _mm512_cmp_ps_mask(values, _mm512_set1_ps(scale_32), _CMP_GE_OQ);
        const __m512i codes = _mm512_maskz_cvtps_epi32(samples, values);
        const __m512i highest = _mm512_set1_epi32(INT32_MAX);
        _mm512_mask_storeu_epi32(to, samples, _mm512_mask_mov_epi32(codes, above, highest));
    }
};

struct FromInt32 {
    static constexpr std::size_t step = 16, to_bytes = 4, from_bytes = 4;

    ASIOWIRE_AVX512 static void convert(char* to, const char* from, std::size_t n) ASIOWIRE_RT
    {
        const auto samples = static_cast<__mmask16>(lowest(n));
        store_floats(to, _mm512_maskz_loadu_epi32(samples, from), samples, scale_32);
    }
};

template <class Kind>
ASIOWIRE_AVX512 void convert(void* to, const void* from, std::size_t samples) ASIOWIRE_RT
{
    auto* out = static_cast<char*>(to);
    auto* in = static_cast<const char*>(from);
    for (; samples >= Kind::step; samples -= Kind::step) {
        Kind::convert(out, in, Kind::step);
        out += Kind::step * Kind::to_bytes;
        in += Kind::step * Kind::from_bytes;
    }
    if (samples > 0) Kind::convert(out, in, samples);
}

} // namespace

Converter avx512_converter(SampleType type) ASIOWIRE_RT
{
    switch (type) {
    case SampleType::float64:
        return {convert<ToFloat64>, convert<FromFloat64>};
    case SampleType::int16:
        return {convert<ToInt16>, convert<FromInt16>};
    case SampleType::int24:
        return {convert<ToInt24>, convert<FromInt24>};
    case SampleType::int32:
        return {convert<ToInt32>, convert<FromInt32>};
    case SampleType::float32:
        break;
    }
    return {scalar::copy_float, scalar::copy_float};
}

} // namespace asiowire
