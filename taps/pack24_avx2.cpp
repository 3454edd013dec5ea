// SPDX-License-Identifier: MIT
// Compiled with -mavx2 -mfma; called only where the processor has both.
#include "taps/pack24_kernels.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <immintrin.h>
#include <type_traits>
#include <utility>

namespace asiowire {
namespace {

/// task(0) … task(n - 1), written out: g++ 12 keeps an array of vectors in memory when it is indexed
/// in a loop, even in one that it unrolls later (three times slower).
template <std::size_t n, class Task> [[gnu::always_inline]] inline void each(Task&& task)
{
    [&]<std::size_t... i>(std::index_sequence<i...>) {
        (task(std::integral_constant<std::size_t, i>()), ...);
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

__m128i load_16(const unsigned char* from)
{
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}

/// For store_packed(): three bytes of each code, moved on by 12 × group within their half, in a circle.
template <std::size_t group> __m256i three_of_four()
{
    alignas(32) static constexpr auto bytes = [] {
        std::array<std::int8_t, 32> table{};
        for (std::size_t i = 0; i < table.size(); i++) {
            const std::size_t from = (i + 4 * group) % 16;
            table[i] = static_cast<std::int8_t>(from < 12 ? from / 3 * 4 + from % 3 : -1);
        }
        return table;
    }();
    return _mm256_load_si256(reinterpret_cast<const __m256i*>(bytes.data()));
}

void store_16(std::uint8_t* to, __m128i v)
{
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), v);
}

/// Stores 3 × 4 bytes of each group of codes, one group after the other: the lower halves from `low`
/// on and the upper ones from `high` on. Nothing crosses the halves, and nothing is written twice.
template <std::size_t groups>
[[gnu::always_inline]] inline void store_packed(const __m256i (&codes)[groups], std::uint8_t* low,
                                                std::uint8_t* high)
{
    static_assert(groups == 2 || groups == 4);
    __m256i v[groups];
    each<groups>([&](auto g) { v[g] = _mm256_shuffle_epi8(codes[g], three_of_four<g>()); });
    const auto store = [&](std::size_t at, __m256i bytes) {
        store_16(low + at, _mm256_castsi256_si128(bytes));
        store_16(high + at, _mm256_extracti128_si256(bytes, 1));
    };
    store(0, _mm256_blend_epi32(v[0], v[1], 0x88));
    if constexpr (groups == 4) {
        store(16, _mm256_blend_epi32(v[1], v[2], 0xcc));
        store(32, _mm256_blend_epi32(v[2], v[3], 0xee));
    } else {
        _mm_storel_epi64(reinterpret_cast<__m128i*>(low + 16), _mm256_castsi256_si128(v[1]));
        _mm_storel_epi64(reinterpret_cast<__m128i*>(high + 16), _mm256_extracti128_si256(v[1], 1));
    }
}

template <class Of>
[[gnu::always_inline]] inline void pack_32(const Of& of, const unsigned char* in, std::uint8_t* out)
{
    __m256i codes[4];
    each<4>([&](auto g) { // the samples of the upper halves follow those of the lower ones
        codes[g] = of.codes(_mm256_inserti128_si256(_mm256_castsi128_si256(load_16(in + 16 * g)),
                                                    load_16(in + 64 + 16 * g), 1));
    });
    store_packed(codes, out, out + 48);
}

template <class Of>
void contiguous(const unsigned char* in, std::size_t samples, std::uint8_t* out, double scale)
{
    const Of of(scale);
    std::size_t i = 0;
    for (; i + 32 <= samples; i += 32) pack_32(of, in + sample_bytes * i, out + packed_bytes * i);
    if (const std::size_t rest = samples - i; rest != 0) {
        unsigned char last[sample_bytes * 32] = {};
        std::uint8_t packed[packed_bytes * 32];
        std::memcpy(last, in + sample_bytes * i, sample_bytes * rest);
        pack_32(of, last, packed);
        std::memcpy(out + packed_bytes * i, packed, packed_bytes * rest);
    }
}

/// Four rows of codes, row(k) for where each lies, as columns: in the lower halves of these the rows'
/// first four samples, in the upper halves the next four.
template <class Of, class Row>
[[gnu::always_inline]] inline void columns_of(const Of& of, Row&& row, __m256i (&columns)[4])
{
    __m256 a[4], b[4];
    each<4>([&](auto k) { a[k] = _mm256_castsi256_ps(load(row(k))); });
    each<2>([&](auto k) {
        b[k] = _mm256_unpacklo_ps(a[2 * k], a[2 * k + 1]);
        b[k + 2] = _mm256_unpackhi_ps(a[2 * k], a[2 * k + 1]);
    });
    each<2>([&](auto k) {
        const __m256 first = b[2 * k], second = b[2 * k + 1];
        columns[2 * k] = of.codes(_mm256_castps_si256(_mm256_shuffle_ps(first, second, 0x44)));
        columns[2 * k + 1] = of.codes(_mm256_castps_si256(_mm256_shuffle_ps(first, second, 0xee)));
    });
}

/// The codes of groups × 4 rows, then each column by itself: column(j, codes of all groups).
template <std::size_t groups, class Of, class Row, class Column>
[[gnu::always_inline]] inline void transpose(const Of& of, Row&& row, Column&& column)
{
    __m256i codes[groups][4];
    each<groups>([&](auto g) {
        columns_of(of, [&](std::size_t k) { return row(4 * g + k); }, codes[g]);
    });
    each<4>([&](auto j) {
        __m256i of_column[groups];
        each<groups>([&](auto g) { of_column[g] = codes[g][j]; });
        column(j, of_column);
    });
}

/// Calls tile(first frame) for tiles of so many frames that cover all of at least as many; the last
/// one may overlap its neighbour. Called in one place, so that it is inlined there: a fifth faster.
template <class Tile> void in_tiles(std::size_t tile_frames, std::size_t frames, Tile&& tile)
{
    const std::size_t last = frames - tile_frames;
    std::size_t f = 0;
    for (bool more = true; more; f = std::min(f + tile_frames, last)) {
        tile(f);
        more = f != last;
    }
}

template <class Of, std::size_t width>
void interleave(const unsigned char* const* in, std::size_t frames, std::uint8_t* out,
                std::size_t out_step, double scale)
{
    const Of of(scale);
    if (frames < 8) { // a whole tile is made of them
        unsigned char rows[width][sample_bytes * 8] = {};
        std::uint8_t packed[8][packed_bytes * width];
        const unsigned char* from[width];
        for (std::size_t c = 0; c < width; c++)
            from[c] = static_cast<unsigned char*>(
                std::memcpy(rows[c], in[c], sample_bytes * frames));
        interleave<Of, width>(from, 8, packed[0], sizeof packed[0], scale);
        for (std::size_t f = 0; f < frames; f++)
            std::memcpy(out + f * out_step, packed[f], sizeof packed[f]);
        return;
    }
    in_tiles(8, frames, [&](std::size_t f) {
        transpose<width / 4>(
            of, [&](std::size_t c) { return in[c] + sample_bytes * f; },
            [&](std::size_t j, const auto& codes) {
                std::uint8_t* const to = out + (f + j) * out_step;
                store_packed(codes, to, to + 4 * out_step);
            });
    });
}

template <class Of>
void deinterleave8(const unsigned char* in, std::ptrdiff_t in_step, std::size_t frames,
                   std::uint8_t* const* out, double scale)
{
    const Of of(scale);
    const auto at = [&](std::size_t f) { return in + static_cast<std::ptrdiff_t>(f) * in_step; };
    if (frames < 8) { // a whole tile is made of them
        unsigned char rows[8][sample_bytes * 8] = {};
        std::uint8_t packed[8][packed_bytes * 8];
        std::uint8_t* to[8];
        for (std::size_t f = 0; f < frames; f++) std::memcpy(rows[f], at(f), sizeof rows[f]);
        for (std::size_t c = 0; c < 8; c++) to[c] = packed[c];
        deinterleave8<Of>(rows[0], sizeof rows[0], 8, to, scale);
        for (std::size_t c = 0; c < 8; c++) std::memcpy(out[c], packed[c], packed_bytes * frames);
        return;
    }
    const auto tiles = [&]<std::size_t groups>() {
        in_tiles(4 * groups, frames, [&](std::size_t f) {
            transpose<groups>(
                of, [&](std::size_t k) { return at(f + k); },
                [&](std::size_t j, const auto& codes) {
                    store_packed(codes, out[j] + packed_bytes * f, out[4 + j] + packed_bytes * f);
                });
        });
    };
    frames < 16 ? tiles.template operator()<2>() : tiles.template operator()<4>();
}

template <class Of>
constexpr Pack24Kernel kernel{contiguous<Of>, interleave<Of, 8>, interleave<Of, 16>,
                              deinterleave8<Of>};

} // namespace

const Pack24Kernels pack24_avx2{kernel<OfFloat<false>>, kernel<OfFloat<true>>, kernel<OfInt>};

} // namespace asiowire
