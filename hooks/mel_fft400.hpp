// SPDX-License-Identifier: MIT
#pragma once

// The spectrum of 400 real samples in every lane: 16 × 25 by Good and Thomas (their lengths have no
// common factor, so no twiddles between them), 25 = 5 × 5 by Cooley and Tukey.
//
// Sample n = 25 n1 + 16 n2 (mod 400), frequency k with k1 = k mod 16 and k2 = k mod 25. The
// 16-point transforms come first: their input is real, so k1 = 0…8 is all there is, and 0 and 8,
// both real, share one complex transform of 25. No frequency is computed twice.

#include "hooks/mel_vector.hpp"

namespace asiowire {
namespace {

/// Where the power of (k1, k2) belongs: k, or 400 - k, which has the same.
constexpr std::size_t bin_400(std::size_t k1, std::size_t k2)
{
    for (std::size_t k = 0; k < 400; k++)
        if (k % 16 == k1 && k % 25 == k2) return k > 200 ? 400 - k : k;
    return 0;
}

struct Bins400 {
    std::uint16_t of[9][25];
};

constexpr Bins400 make_bins_400()
{
    Bins400 bins{};
    for (std::size_t k1 = 0; k1 < 9; k1++)
        for (std::size_t k2 = 0; k2 < 25; k2++)
            bins.of[k1][k2] = static_cast<std::uint16_t>(bin_400(k1, k2));
    return bins;
}

constexpr Bins400 bins_400 = make_bins_400();

struct Turns25 {
    double cos[17];
    double sin[17];
};

constexpr Turns25 make_turns_25()
{
    Turns25 turns{};
    for (int i = 0; i < 17; i++) {
        turns.cos[i] = series_cos(i / 25.0);
        turns.sin[i] = series_sin(i / 25.0);
    }
    return turns;
}

constexpr Turns25 turns_25 = make_turns_25();

/// Sixteen real samples; to[0] is {frequency 0, frequency 8}, to[25 k] frequency k = 1…7.
template <class Scalar> MEL_INLINE void real_dft16(const V<Scalar>* x, C<Scalar>* to)
{
    constexpr Scalar r = 0.70710678118654752440;
    constexpr Scalar c = series_cos(1.0 / 16);
    constexpr Scalar s = series_sin(1.0 / 16);
    V<Scalar> sum[8];
    V<Scalar> d[8];
#pragma GCC unroll 8
    for (std::size_t j = 0; j < 8; j++) {
        sum[j] = x[j] + x[j + 8];
        d[j] = x[j] - x[j + 8];
    }
    // Odd frequencies: d[j] and d[8 - j] share their cosines and sines.
    const V<Scalar> e1 = d[1] - d[7], e2 = d[2] - d[6], e3 = d[3] - d[5];
    const V<Scalar> o1 = d[1] + d[7], o2 = d[2] + d[6], o3 = d[3] + d[5];
    const V<Scalar> re_a = c * e1 + s * e3, re_c = s * e1 - c * e3;
    const V<Scalar> re_b = d[0] + r * e2, re_d = d[0] - r * e2;
    const V<Scalar> im_a = s * o1 + c * o3, im_c = c * o1 - s * o3;
    const V<Scalar> im_b = r * o2 + d[4], im_d = r * o2 - d[4];
    to[25 * 1] = {re_b + re_a, -im_a - im_b};
    to[25 * 3] = {re_d + re_c, -im_c - im_d};
    to[25 * 5] = {re_d - re_c, im_d - im_c};
    to[25 * 7] = {re_b - re_a, im_b - im_a};
    // Even ones: eight points.
    const V<Scalar> a0 = sum[0] + sum[4], a1 = sum[1] + sum[5];
    const V<Scalar> a2 = sum[2] + sum[6], a3 = sum[3] + sum[7];
    const V<Scalar> b0 = sum[0] - sum[4], b1 = sum[1] - sum[5];
    const V<Scalar> b2 = sum[2] - sum[6], b3 = sum[3] - sum[7];
    const V<Scalar> minus = r * (b1 - b3), plus = r * (b1 + b3);
    to[0] = {(a0 + a2) + (a1 + a3), (a0 + a2) - (a1 + a3)};
    to[25 * 2] = {b0 + minus, -b2 - plus};
    to[25 * 4] = {a0 - a2, a3 - a1};
    to[25 * 6] = {b0 - minus, b2 - plus};
}

/// Twenty-five complex points; y[5 d + c] is frequency c + 5 d.
template <class Scalar> MEL_INLINE void dft25(const C<Scalar>* x, C<Scalar>* y)
{
    C<Scalar> inner[5][5];
#pragma GCC unroll 5
    for (std::size_t b = 0; b < 5; b++) {
        dft5<Scalar>(x[b], x[5 + b], x[10 + b], x[15 + b], x[20 + b], inner[b]);
    }
#pragma GCC unroll 4
    for (std::size_t b = 1; b < 5; b++) {
#pragma GCC unroll 4
        for (std::size_t c = 1; c < 5; c++)
            inner[b][c] = times<Scalar>(inner[b][c], static_cast<Scalar>(turns_25.cos[b * c]),
                                        static_cast<Scalar>(-turns_25.sin[b * c]));
    }
#pragma GCC unroll 5
    for (std::size_t c = 0; c < 5; c++) {
        C<Scalar> out[5];
        dft5<Scalar>(inner[0][c], inner[1][c], inner[2][c], inner[3][c], inner[4][c], out);
#pragma GCC unroll 5
        for (std::size_t d = 0; d < 5; d++)
            y[5 * d + c] = out[d];
    }
}

/// The power of frequencies 0…200 of the frames whose transposed samples begin at `samples`.
/// `offsets` and `window` are in the order in which samples are taken: [n2][n1].
template <class Scalar>
MEL_INLINE void power_400(const float* samples, const std::uint32_t* offsets, const Scalar* window,
                          C<Scalar>* work, V<Scalar>* power)
{
    for (std::size_t n2 = 0; n2 < 25; n2++) {
        V<Scalar> x[16];
#pragma GCC unroll 16
        for (std::size_t n1 = 0; n1 < 16; n1++)
            x[n1] = load<Scalar>(samples + offsets[16 * n2 + n1]) * window[16 * n2 + n1];
        real_dft16<Scalar>(x, work + n2);
    }
    for (std::size_t k1 = 0; k1 < 8; k1++) {
        C<Scalar> y[25];
        dft25<Scalar>(work + 25 * k1, y);
        if (k1 > 0) {
#pragma GCC unroll 25
            for (std::size_t k2 = 0; k2 < 25; k2++)
                power[bins_400.of[k1][k2]] = y[k2].re * y[k2].re + y[k2].im * y[k2].im;
            continue;
        }
#pragma GCC unroll 13
        for (std::size_t k2 = 0; k2 < 13; k2++) { // even part: k1 = 0, odd part: k1 = 8
            const C<Scalar> a = y[k2], b = y[(25 - k2) % 25];
            const V<Scalar> re_0 = a.re + b.re, im_0 = a.im - b.im;
            const V<Scalar> re_8 = a.im + b.im, im_8 = a.re - b.re;
            power[bins_400.of[0][k2]] = Scalar(0.25) * (re_0 * re_0 + im_0 * im_0);
            power[bins_400.of[8][k2]] = Scalar(0.25) * (re_8 * re_8 + im_8 * im_8);
        }
    }
}

} // namespace
} // namespace asiowire
