// SPDX-License-Identifier: MIT
// Compiled with -mavx2 -mfma; called only where the processor has both.
#include "taps/pack24_kernels.hpp"

#include <cstring>
#include <immintrin.h>

namespace asiowire {
namespace {

constexpr std::size_t lanes = 8;

/// |x| × scale + 2^23, fused: the sum has no bit below the integers, so that the exact product is
/// rounded once, to nearest even, and its low bits are the integer. What the scalar rule does in
/// float64 fits thus into float32.
template <bool truncating> struct OfFloat {
    __m256 scale;

    explicit OfFloat(double s) : scale(_mm256_set1_ps(static_cast<float>(s))) {}

    __m256i codes(__m256i raw) const
    {
        const __m256 zero_code = _mm256_set1_ps(8388608.0f); // 2^23
        const __m256 x = _mm256_and_ps(_mm256_castsi256_ps(raw),
                                       _mm256_castsi256_ps(_mm256_set1_epi32(0x7fff'ffff)));
        __m256 sum = _mm256_fmadd_ps(x, scale, zero_code);
        sum = _mm256_max_ps(sum, zero_code); // a NaN takes the second operand: 0
        sum = _mm256_min_ps(sum, _mm256_set1_ps(16777216.0f));
        __m256i code = _mm256_sub_epi32(_mm256_castps_si256(sum), _mm256_castps_si256(zero_code));
        if constexpr (truncating) {
            // One less where rounding went up: the fused difference has the exact one's sign.
            const __m256 rest = _mm256_fmsub_ps(x, scale, _mm256_sub_ps(sum, zero_code));
            const __m256 up = _mm256_cmp_ps(rest, _mm256_setzero_ps(), _CMP_LT_OQ);
            code = _mm256_add_epi32(code, _mm256_castps_si256(up));
        }
        return _mm256_min_epi32(_mm256_sign_epi32(code, raw), _mm256_set1_epi32(8388607));
    }
};

struct OfInt {
    explicit OfInt(double) {}

    __m256i codes(__m256i raw) const
    {
        return _mm256_min_epi32(_mm256_max_epi32(raw, _mm256_set1_epi32(-8388608)),
                                _mm256_set1_epi32(8388607));
    }
};

__m256i load(const unsigned char* from)
{
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}

/// The 24 bytes of eight codes, in the low end of the vector.
__m256i squeezed(__m256i codes)
{
    const __m256i bytes = _mm256_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1,
                                           0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
    return _mm256_permutevar8x32_epi32(_mm256_shuffle_epi8(codes, bytes),
                                       _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 7, 7));
}

void store_24(std::uint8_t* to, __m256i packed)
{
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm256_castsi256_si128(packed));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(to + 16), _mm256_extracti128_si256(packed, 1));
}

/// Eight bytes too many: the next store covers them.
void store_32(std::uint8_t* to, __m256i packed)
{
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), packed);
}

template <class Of>
void contiguous(const unsigned char* in, std::size_t samples, std::uint8_t* out, double scale)
{
    const Of of(scale);
    std::size_t i = 0;
    for (; i + 35 <= samples; i += 32) {
        // All loads before all stores: the compiler cannot know that they never meet.
        __m256i v[4];
        for (std::size_t k = 0; k < 4; k++) v[k] = load(in + sample_bytes * (i + lanes * k));
        for (std::size_t k = 0; k < 4; k++)
            store_32(out + packed_bytes * (i + lanes * k), squeezed(of.codes(v[k])));
    }
    for (; i + lanes <= samples; i += lanes)
        store_24(out + packed_bytes * i, squeezed(of.codes(load(in + sample_bytes * i))));
    if (const std::size_t rest = samples - i; rest != 0) {
        alignas(32) unsigned char last[32] = {};
        std::memcpy(last, in + sample_bytes * i, sample_bytes * rest);
        store_32(last, squeezed(of.codes(load(last))));
        std::memcpy(out + packed_bytes * i, last, packed_bytes * rest);
    }
}

/// Rows become columns.
void transpose(__m256i (&rows)[8])
{
    __m256 a[8], b[8];
    for (std::size_t i = 0; i < 8; i++) a[i] = _mm256_castsi256_ps(rows[i]);
    for (std::size_t i = 0; i < 8; i += 2) {
        b[i] = _mm256_unpacklo_ps(a[i], a[i + 1]);
        b[i + 1] = _mm256_unpackhi_ps(a[i], a[i + 1]);
    }
    for (std::size_t i = 0; i < 8; i += 4) {
        a[i] = _mm256_shuffle_ps(b[i], b[i + 2], 0x44);
        a[i + 1] = _mm256_shuffle_ps(b[i], b[i + 2], 0xee);
        a[i + 2] = _mm256_shuffle_ps(b[i + 1], b[i + 3], 0x44);
        a[i + 3] = _mm256_shuffle_ps(b[i + 1], b[i + 3], 0xee);
    }
    for (std::size_t i = 0; i < 4; i++) {
        rows[i] = _mm256_castps_si256(_mm256_permute2f128_ps(a[i], a[i + 4], 0x20));
        rows[i + 4] = _mm256_castps_si256(_mm256_permute2f128_ps(a[i], a[i + 4], 0x31));
    }
}

/// Calls tile(first frame) for tiles of eight frames that cover all; the last one may overlap its
/// neighbour. False: fewer than eight frames.
template <class Tile> bool in_tiles(std::size_t frames, Tile&& tile)
{
    if (frames < lanes) return false;
    std::size_t f = 0;
    for (; f + lanes <= frames; f += lanes) tile(f);
    if (f != frames) tile(frames - lanes);
    return true;
}

template <class Of>
void interleave8(const unsigned char* const* in, std::size_t frames, std::uint8_t* out,
                 std::size_t out_step, double scale)
{
    const Of of(scale);
    const bool done = in_tiles(frames, [&](std::size_t f) {
        __m256i rows[8];
        for (std::size_t c = 0; c < 8; c++) rows[c] = load(in[c] + sample_bytes * f);
        transpose(rows);
        for (std::size_t k = 0; k < 8; k++)
            store_24(out + (f + k) * out_step, squeezed(of.codes(rows[k])));
    });
    for (std::size_t f = 0; !done && f < frames; f++) {
        alignas(32) unsigned char frame[32];
        for (std::size_t c = 0; c < 8; c++)
            std::memcpy(frame + sample_bytes * c, in[c] + sample_bytes * f, sample_bytes);
        store_24(out + f * out_step, squeezed(of.codes(load(frame))));
    }
}

template <class Of>
void deinterleave8(const unsigned char* in, std::ptrdiff_t in_step, std::size_t frames,
                   std::uint8_t* const* out, double scale)
{
    const Of of(scale);
    const auto at = [&](std::size_t f) { return in + static_cast<std::ptrdiff_t>(f) * in_step; };
    const bool done = in_tiles(frames, [&](std::size_t f) {
        __m256i rows[8];
        for (std::size_t k = 0; k < 8; k++) rows[k] = load(at(f + k));
        transpose(rows);
        for (std::size_t c = 0; c < 8; c++)
            if (out[c] != nullptr)
                store_24(out[c] + packed_bytes * f, squeezed(of.codes(rows[c])));
    });
    for (std::size_t f = 0; !done && f < frames; f++) {
        alignas(32) std::uint8_t frame[32];
        store_32(frame, squeezed(of.codes(load(at(f)))));
        for (std::size_t c = 0; c < 8; c++)
            if (out[c] != nullptr)
                std::memcpy(out[c] + packed_bytes * f, frame + packed_bytes * c, packed_bytes);
    }
}

template <class Of>
constexpr Pack24Kernel kernel{contiguous<Of>, interleave8<Of>, deinterleave8<Of>};

} // namespace

const Pack24Kernels pack24_avx2{kernel<OfFloat<false>>, kernel<OfFloat<true>>, kernel<OfInt>};

} // namespace asiowire
