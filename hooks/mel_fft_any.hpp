// SPDX-License-Identifier: MIT
#pragma once

// The spectrum of any number of real samples, a frame in every lane, in float64.

#include "hooks/mel_tables.hpp"
#include "hooks/mel_vector.hpp"

namespace asiowire {
namespace {

using C64 = C<double>;

MEL_INLINE C64 times(const C64& a, const Complex64& b)
{
    return times<double>(a, b.re, b.im);
}

/// One pass by Stockham: reads x[q + s (p + m j)], writes y[q + s (r p + k)], sorted at the end.
template <std::size_t known_radix>
void pass(const FftStage& stage, std::size_t s, const C64* x, C64* y)
{
    const std::size_t r = known_radix != 0 ? known_radix : stage.radix;
    const std::size_t m = stage.length / r;
    for (std::size_t p = 0; p < m; p++) {
        const Complex64* w = stage.twiddles + p * (r - 1);
        for (std::size_t q = 0; q < s; q++) {
            const C64* in = x + q + s * p;
            C64* out = y + q + s * r * p;
            const std::size_t far = s * m;
            if constexpr (known_radix == 2) {
                const C64 a = in[0], b = in[far];
                out[0] = {a.re + b.re, a.im + b.im};
                out[s] = times(C64{a.re - b.re, a.im - b.im}, w[0]);
            } else if constexpr (known_radix == 4) {
                const C64 a = in[0], b = in[far], c = in[2 * far], d = in[3 * far];
                const C64 ac{a.re + c.re, a.im + c.im}, a_c{a.re - c.re, a.im - c.im};
                const C64 bd{b.re + d.re, b.im + d.im}, b_d{b.re - d.re, b.im - d.im};
                out[0] = {ac.re + bd.re, ac.im + bd.im};
                out[s] = times(C64{a_c.re + b_d.im, a_c.im - b_d.re}, w[0]);
                out[2 * s] = times(C64{ac.re - bd.re, ac.im - bd.im}, w[1]);
                out[3 * s] = times(C64{a_c.re - b_d.im, a_c.im + b_d.re}, w[2]);
            } else if constexpr (known_radix == 5) {
                C64 t[5];
                dft5<double>(in[0], in[far], in[2 * far], in[3 * far], in[4 * far], t);
                out[0] = t[0];
                for (std::size_t k = 1; k < 5; k++)
                    out[k * s] = times(t[k], w[k - 1]);
            } else {
                for (std::size_t k = 0; k < r; k++) {
                    C64 sum = in[0];
                    for (std::size_t j = 1; j < r; j++) {
                        const C64 term = times(in[j * far], stage.roots[j * k % r]);
                        sum = {sum.re + term.re, sum.im + term.im};
                    }
                    out[k * s] = k == 0 ? sum : times(sum, w[k - 1]);
                }
            }
        }
    }
}

/// Transforms x; the result is in x or in y: where, is returned.
C64* transform(const FftTables& fft, C64* x, C64* y)
{
    std::size_t s = 1;
    for (std::size_t i = 0; i < fft.n_stages; i++) {
        const FftStage& stage = fft.stages[i];
        switch (stage.radix) {
        case 2:
            pass<2>(stage, s, x, y);
            break;
        case 4:
            pass<4>(stage, s, x, y);
            break;
        case 5:
            pass<5>(stage, s, x, y);
            break;
        default:
            pass<0>(stage, s, x, y);
            break;
        }
        s *= stage.radix;
        C64* other = x;
        x = y;
        y = other;
    }
    return x;
}

/// The complex transform of `length` points in x; y as large as x. Returns where the result is.
C64* complex_spectrum(const TransformTables& t, C64* x, C64* y)
{
    if (!t.chirped) return transform(t.fft, x, y);
    for (std::size_t n = 0; n < t.length; n++)
        x[n] = times(x[n], t.chirp[n]);
    for (std::size_t n = t.length; n < t.fft.length; n++)
        x[n] = C64{};
    C64* spectrum = transform(t.fft, x, y);
    C64* other = spectrum == x ? y : x;
    for (std::size_t n = 0; n < t.fft.length; n++) {
        const C64 product = times(spectrum[n], t.filter[n]);
        spectrum[n] = {product.im, product.re}; // exchanged, the next transform is the inverse
    }
    C64* back = transform(t.fft, spectrum, other);
    for (std::size_t n = 0; n < t.length; n++)
        back[n] = times(C64{back[n].im, back[n].re}, t.chirp[n]);
    return back;
}

/// The power of frequencies 0…n/2 of the frames whose transposed samples begin at `samples`.
void power_any(const MelTables& tables, const float* samples, C64* x, C64* y, V<double>* power)
{
    const TransformTables& t = tables.transform;
    const auto sample = [&](std::size_t n) {
        return load<double>(samples + tables.offsets[n]) * tables.window64[n];
    };
    for (std::size_t n = 0; n < t.length; n++) {
        if (t.packed)
            x[n] = {sample(2 * n), sample(2 * n + 1)};
        else
            x[n] = {sample(n), V<double>{}};
    }
    const C64* z = complex_spectrum(t, x, y);
    for (std::size_t k = 0; k < tables.n_bins; k++) {
        C64 bin = z[k % t.length];
        if (t.packed) {
            const C64 mirror = z[(t.length - k) % t.length];
            const C64 even{bin.re + mirror.re, bin.im - mirror.im};
            const C64 odd{bin.im + mirror.im, mirror.re - bin.re};
            const C64 turned = times(odd, t.unpack[k]);
            bin = {0.5 * (even.re + turned.re), 0.5 * (even.im + turned.im)};
        }
        power[k] = bin.re * bin.re + bin.im * bin.im;
    }
}

} // namespace
} // namespace asiowire
