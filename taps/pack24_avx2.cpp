// SPDX-License-Identifier: MIT
// Compiled with -mavx2 -mfma; called only where the processor has both.
#include "taps/pack24_kernels.hpp"

#include <cstring>
#include <immintrin.h>
#include <type_traits>
#include <utility>

namespace asiowire {
namespace {

constexpr std::size_t lanes = 8;

/// task(0) … task(n - 1), written out: g++ 12 keeps an array of vectors in memory when it is indexed
/// in a loop, even in one that it unrolls later (three times slower).
template <std::size_t n, class Task> [[gnu::always_inline]] inline void each(Task&& task)
{
    [&]<std::size_t... i>(std::index_sequence<i...>) {
        (task(i), ...);
    }(std::make_index_sequence<n>());
}

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

/// Three bytes of each code: twelve in the low end of each half.
__m256i halves_of(__m256i codes)
{
    const __m256i bytes = _mm256_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1,
                                           0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
    return _mm256_shuffle_epi8(codes, bytes);
}

/// The 24 bytes of eight codes, in the low end of the vector.
__m256i squeezed(__m256i codes)
{
    return _mm256_permutevar8x32_epi32(halves_of(codes),
                                       _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 7, 7));
}

/// Four bytes too many, and no permutation across the halves.
void store_28(std::uint8_t* to, __m256i halves)
{
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm256_castsi256_si128(halves));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + 12), _mm256_extracti128_si256(halves, 1));
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
        each<4>([&](std::size_t k) { v[k] = load(in + sample_bytes * (i + lanes * k)); });
        each<4>([&](std::size_t k) {
            store_32(out + packed_bytes * (i + lanes * k), squeezed(of.codes(v[k])));
        });
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

/// Eight rows of eight, row(i) for where each lies, as columns. The halves are put together by the
/// loads, which leaves the shuffle units half of a transposition.
template <class Row>
[[gnu::always_inline]] inline void load_columns(__m256i (&columns)[8], Row&& row)
{
    __m256 a[8], b[8];
    const auto halves = [&](std::size_t i, std::size_t offset) {
        const auto* low = reinterpret_cast<const __m128i*>(row(i) + offset);
        const auto* high = reinterpret_cast<const __m128i*>(row(i + 4) + offset);
        return _mm256_castsi256_ps(_mm256_inserti128_si256(
            _mm256_castsi128_si256(_mm_loadu_si128(low)), _mm_loadu_si128(high), 1));
    };
    each<4>([&](std::size_t i) {
        a[i] = halves(i, 0);
        a[i + 4] = halves(i, 16);
    });
    each<4>([&](std::size_t i) {
        b[2 * i] = _mm256_unpacklo_ps(a[2 * i], a[2 * i + 1]);
        b[2 * i + 1] = _mm256_unpackhi_ps(a[2 * i], a[2 * i + 1]);
    });
    each<4>([&](std::size_t i) {
        const std::size_t from = i / 2 * 4 + i % 2; // 0, 1, 4, 5
        columns[2 * i] = _mm256_castps_si256(_mm256_shuffle_ps(b[from], b[from + 2], 0x44));
        columns[2 * i + 1] = _mm256_castps_si256(_mm256_shuffle_ps(b[from], b[from + 2], 0xee));
    });
}

/// Calls tile(first frame, exact) for tiles of eight frames that cover all, the last one perhaps
/// overlapping its neighbour. Not exact: two more frames follow. False: fewer than eight frames.
template <class Tile> bool in_tiles(std::size_t frames, Tile&& tile)
{
    if (frames < lanes) return false;
    std::size_t f = 0;
    for (; f + lanes + 2 <= frames; f += lanes) tile(f, std::false_type());
    if (f + lanes < frames) tile(f, std::true_type());
    tile(frames - lanes, std::true_type());
    return true;
}

template <class Of>
void interleave8(const unsigned char* const* in, std::size_t frames, std::uint8_t* out,
                 std::size_t out_step, bool covered, double scale)
{
    const Of of(scale);
    const auto tile = [&](std::size_t f, auto exact) {
        __m256i rows[8];
        load_columns(rows, [&](std::size_t c) { return in[c] + sample_bytes * f; });
        each<8>([&](std::size_t k) {
            std::uint8_t* to = out + (f + k) * out_step;
            if constexpr (exact)
                store_24(to, squeezed(of.codes(rows[k])));
            else
                store_28(to, halves_of(of.codes(rows[k])));
        });
    };
    const bool done = covered
        ? in_tiles(frames, [&](std::size_t f, auto) { tile(f, std::false_type()); })
        : in_tiles(frames, [&](std::size_t f, auto) { tile(f, std::true_type()); });
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
    const bool done = in_tiles(frames, [&](std::size_t f, auto exact) {
        __m256i columns[8];
        load_columns(columns, [&](std::size_t k) { return at(f + k); });
        each<8>([&](std::size_t c) {
            if (out[c] == nullptr) return;
            if constexpr (exact)
                store_24(out[c] + packed_bytes * f, squeezed(of.codes(columns[c])));
            else
                store_28(out[c] + packed_bytes * f, halves_of(of.codes(columns[c])));
        });
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
