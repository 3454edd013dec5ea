// SPDX-License-Identifier: MIT
// Compiled for AVX-512 F, BW and VBMI (Ice Lake, Zen 4 and later). The same steps as in
// pack24_avx2.cpp, sixteen at a time, and one byte permutation instead of shuffles and blends.
// The transposing kernels are those of AVX2.
#include "taps/pack24_kernels.hpp"

#include <cstring>
#ifdef ASIOWIRE_SIMDE // a test, on a processor without AVX-512
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx512.h>
#define pack24_avx512 pack24_avx512_simde
#else
#include <immintrin.h>
#endif

namespace asiowire {
namespace {

constexpr std::size_t lanes = 16;

template <bool truncating> struct OfFloat {
    __m512 scale;

    explicit OfFloat(double s) : scale(_mm512_set1_ps(static_cast<float>(s))) {}

    __m512i codes(__m512i raw) const
    {
        const __m512 zero_code = _mm512_set1_ps(8388608.0f); // 2^23
        const __m512 x =
            _mm512_castsi512_ps(_mm512_and_epi32(raw, _mm512_set1_epi32(0x7fff'ffff)));
        __m512 sum = _mm512_fmadd_ps(x, scale, zero_code);
        sum = _mm512_max_ps(sum, zero_code); // a NaN takes the second operand: 0
        sum = _mm512_min_ps(sum, _mm512_set1_ps(16777216.0f));
        __m512i code = _mm512_sub_epi32(_mm512_castps_si512(sum), _mm512_castps_si512(zero_code));
        if constexpr (truncating) {
            const __m512 rest = _mm512_fmsub_ps(x, scale, _mm512_sub_ps(sum, zero_code));
            const __mmask16 up = _mm512_cmp_ps_mask(rest, _mm512_setzero_ps(), _CMP_LT_OQ);
            code = _mm512_mask_sub_epi32(code, up, code, _mm512_set1_epi32(1));
        }
        const __mmask16 negative = _mm512_cmpgt_epi32_mask(_mm512_setzero_si512(), raw);
        code = _mm512_mask_sub_epi32(code, negative, _mm512_setzero_si512(), code);
        return _mm512_min_epi32(code, _mm512_set1_epi32(8388607));
    }
};

struct OfInt {
    explicit OfInt(double) {}

    __m512i codes(__m512i raw) const
    {
        return _mm512_min_epi32(_mm512_max_epi32(raw, _mm512_set1_epi32(-8388608)),
                                _mm512_set1_epi32(8388607));
    }
};

/// The low 48 bytes: three of each code. The rest repeats the first ones.
alignas(64) constexpr unsigned char low_three[64] = {
    0,  1,  2,  4,  5,  6,  8,  9,  10, 12, 13, 14, 16, 17, 18, 20, 21, 22, 24, 25, 26, 28,
    29, 30, 32, 33, 34, 36, 37, 38, 40, 41, 42, 44, 45, 46, 48, 49, 50, 52, 53, 54, 56, 57,
    58, 60, 61, 62, 0,  1,  2,  4,  5,  6,  8,  9,  10, 12, 13, 14, 16, 17, 18, 20};

template <class Of>
void contiguous(const unsigned char* in, std::size_t samples, std::uint8_t* out, double scale)
{
    const Of of(scale);
    const __m512i bytes = _mm512_loadu_si512(low_three);
    const auto packed = [&](const void* from) {
        return _mm512_permutexvar_epi8(bytes, of.codes(_mm512_loadu_si512(from)));
    };
    std::size_t i = 0;
    // 16 bytes too many each time: the next store covers them.
    for (; packed_bytes * i + 64 <= packed_bytes * samples; i += lanes)
        _mm512_storeu_si512(out + packed_bytes * i, packed(in + sample_bytes * i));
    while (i < samples) { // at most twice
        const std::size_t rest = samples - i < lanes ? samples - i : lanes;
        alignas(64) unsigned char last[64] = {};
        std::memcpy(last, in + sample_bytes * i, sample_bytes * rest);
        _mm512_storeu_si512(last, packed(last));
        std::memcpy(out + packed_bytes * i, last, packed_bytes * rest);
        i += rest;
    }
}

// Called, not copied from pack24_avx2: a table made before that one is filled would copy nothing.
template <const Pack24Kernel Pack24Kernels::* narrow>
void interleave8(const unsigned char* const* in, std::size_t frames, std::uint8_t* out,
                 std::size_t out_step, double scale)
{
    (pack24_avx2.*narrow).interleave8(in, frames, out, out_step, scale);
}

template <const Pack24Kernel Pack24Kernels::* narrow>
void interleave16(const unsigned char* const* in, std::size_t frames, std::uint8_t* out,
                  std::size_t out_step, double scale)
{
    (pack24_avx2.*narrow).interleave16(in, frames, out, out_step, scale);
}

template <const Pack24Kernel Pack24Kernels::* narrow>
void deinterleave8(const unsigned char* in, std::ptrdiff_t in_step, std::size_t frames,
                   std::uint8_t* const* out, double scale)
{
    (pack24_avx2.*narrow).deinterleave8(in, in_step, frames, out, scale);
}

template <class Of, const Pack24Kernel Pack24Kernels::* narrow>
constexpr Pack24Kernel kernel{contiguous<Of>, interleave8<narrow>, interleave16<narrow>,
                              deinterleave8<narrow>};

} // namespace

extern const Pack24Kernels pack24_avx512;
const Pack24Kernels pack24_avx512{kernel<OfFloat<false>, &Pack24Kernels::nearest>,
                                  kernel<OfFloat<true>, &Pack24Kernels::truncate>,
                                  kernel<OfInt, &Pack24Kernels::int32>};

} // namespace asiowire
