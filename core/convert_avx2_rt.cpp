// SPDX-License-Identifier: MIT
// Runs on the audio thread.

#include "core/convert_sets.hpp"

#include <immintrin.h>

/// For each function instead of the file: nothing of a shared header is compiled with it that way,
/// and then chosen by the linker for processors without it.
#define ASIOWIRE_AVX2 __attribute__((target("avx2")))

namespace asiowire {

namespace {

ASIOWIRE_AVX2 __m256 load_floats(const char* from) ASIOWIRE_RT
{
    return _mm256_loadu_ps(reinterpret_cast<const float*>(from));
}

ASIOWIRE_AVX2 __m128i load_16_bytes(const char* from) ASIOWIRE_RT
{
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}

ASIOWIRE_AVX2 __m256i load_32_bytes(const char* from) ASIOWIRE_RT
{
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}

ASIOWIRE_AVX2 void store(char* to, __m256i bytes) ASIOWIRE_RT
{
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), bytes);
}

ASIOWIRE_AVX2 __m256 scaled(const char* from, float scale) ASIOWIRE_RT
{
    const __m256 samples = load_floats(from);
    const __m256 no_nan = _mm256_and_ps(samples, _mm256_cmp_ps(samples, samples, _CMP_ORD_Q));
    return _mm256_mul_ps(no_nan, _mm256_set1_ps(scale));
}

ASIOWIRE_AVX2 void store_floats(char* to, __m256i codes, float scale) ASIOWIRE_RT
{
    const __m256 values = _mm256_mul_ps(_mm256_cvtepi32_ps(codes), _mm256_set1_ps(1 / scale));
    _mm256_storeu_ps(reinterpret_cast<float*>(to), values);
}

/// Eight codes; what is below the lowest int becomes the lowest int, which packing saturates.
ASIOWIRE_AVX2 __m256i codes_16(const char* from) ASIOWIRE_RT
{
    const __m256 clamped = _mm256_min_ps(scaled(from, scale_16), _mm256_set1_ps(highest_16));
    return _mm256_cvtps_epi32(clamped);
}

// One struct for each function of the scalar set: how `step` samples are converted at once.

struct ToFloat64 {
    static constexpr std::size_t step = 4, to_bytes = 8, from_bytes = 4;
    static constexpr Convert rest = scalar::to_float64;

    ASIOWIRE_AVX2 static void convert(char* to, const char* from) ASIOWIRE_RT
    {
        const __m128 samples = _mm_loadu_ps(reinterpret_cast<const float*>(from));
        _mm256_storeu_pd(reinterpret_cast<double*>(to), _mm256_cvtps_pd(samples));
    }
};

struct FromFloat64 {
    static constexpr std::size_t step = 4, to_bytes = 4, from_bytes = 8;
    static constexpr Convert rest = scalar::from_float64;

    ASIOWIRE_AVX2 static void convert(char* to, const char* from) ASIOWIRE_RT
    {
        const __m256d samples = _mm256_loadu_pd(reinterpret_cast<const double*>(from));
        _mm_storeu_ps(reinterpret_cast<float*>(to), _mm256_cvtpd_ps(samples));
    }
};

struct ToInt16 {
    static constexpr std::size_t step = 16, to_bytes = 2, from_bytes = 4;
    static constexpr Convert rest = scalar::to_int16;

    ASIOWIRE_AVX2 static void convert(char* to, const char* from) ASIOWIRE_RT
    {
        // Packing works on each half of the register by itself: quarters 0 2 1 3.
        const __m256i packed = _mm256_packs_epi32(codes_16(from), codes_16(from + 32));
        store(to, _mm256_permute4x64_epi64(packed, _MM_SHUFFLE(3, 1, 2, 0)));
    }
};

struct FromInt16 {
    static constexpr std::size_t step = 8, to_bytes = 4, from_bytes = 2;
    static constexpr Convert rest = scalar::from_int16;

    ASIOWIRE_AVX2 static void convert(char* to, const char* from) ASIOWIRE_RT
    {
        store_floats(to, _mm256_cvtepi16_epi32(load_16_bytes(from)), scale_16);
    }
};

struct ToInt24 {
    static constexpr std::size_t step = 8, to_bytes = 3, from_bytes = 4;
    static constexpr Convert rest = scalar::to_int24;

    ASIOWIRE_AVX2 static void convert(char* to, const char* from) ASIOWIRE_RT
    {
        const __m256 below = _mm256_min_ps(scaled(from, scale_24), _mm256_set1_ps(highest_24));
        const __m256 clamped = _mm256_max_ps(below, _mm256_set1_ps(-scale_24));
        // 12 bytes of each half of the register, then those side by side.
        const __m128i three = _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
        const __m256i twelve =
            _mm256_shuffle_epi8(_mm256_cvtps_epi32(clamped), _mm256_broadcastsi128_si256(three));
        const __m256i order = _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7);
        const __m256i packed = _mm256_permutevar8x32_epi32(twelve, order);
        _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm256_castsi256_si128(packed));
        _mm_storel_epi64(reinterpret_cast<__m128i*>(to + 16), _mm256_extracti128_si256(packed, 1));
    }
};

struct FromInt24 {
    static constexpr std::size_t step = 8, to_bytes = 4, from_bytes = 3;
    static constexpr Convert rest = scalar::from_int24;

    ASIOWIRE_AVX2 static void convert(char* to, const char* from) ASIOWIRE_RT
    {
        // Four samples at the start of bytes 0 to 15, four at the end of bytes 8 to 23; each into
        // the upper three bytes of an int, where its sign belongs.
        const __m256i both = _mm256_setr_m128i(load_16_bytes(from), load_16_bytes(from + 8));
        const __m128i first = _mm_setr_epi8(-1, 0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11);
        const __m128i second =
            _mm_setr_epi8(-1, 4, 5, 6, -1, 7, 8, 9, -1, 10, 11, 12, -1, 13, 14, 15);
        const __m256i upper = _mm256_setr_m128i(first, second);
        store_floats(to, _mm256_shuffle_epi8(both, upper), scale_32);
    }
};

struct ToInt32 {
    static constexpr std::size_t step = 8, to_bytes = 4, from_bytes = 4;
    static constexpr Convert rest = scalar::to_int32;

    ASIOWIRE_AVX2 static void convert(char* to, const char* from) ASIOWIRE_RT
    {
        const __m256 values = scaled(from, scale_32);
        // What has no place among the ints becomes the lowest one: at the upper end, its inverse.
        const __m256 above = _mm256_cmp_ps(values, _mm256_set1_ps(scale_32), _CMP_GE_OQ);
        store(to, _mm256_xor_si256(_mm256_cvtps_epi32(values), _mm256_castps_si256(above)));
    }
};

struct FromInt32 {
    static constexpr std::size_t step = 8, to_bytes = 4, from_bytes = 4;
    static constexpr Convert rest = scalar::from_int32;

    ASIOWIRE_AVX2 static void convert(char* to, const char* from) ASIOWIRE_RT
    {
        store_floats(to, load_32_bytes(from), scale_32);
    }
};

template <class Kind>
ASIOWIRE_AVX2 void convert(void* to, const void* from, std::size_t samples) ASIOWIRE_RT
{
    auto* out = static_cast<char*>(to);
    auto* in = static_cast<const char*>(from);
    for (; samples >= Kind::step; samples -= Kind::step) {
        Kind::convert(out, in);
        out += Kind::step * Kind::to_bytes;
        in += Kind::step * Kind::from_bytes;
    }
    if (samples > 0) Kind::rest(out, in, samples);
}

} // namespace

Converter avx2_converter(SampleType type) ASIOWIRE_RT
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
