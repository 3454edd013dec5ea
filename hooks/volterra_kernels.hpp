// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace asiowire {

constexpr std::size_t volterra_orders = 5;
/// Spectra lie in tiles of so many bytes, so that one tile's partial sums stay in registers.
constexpr std::size_t volterra_tile_bytes = 128;

/// The loops that take the time, compiled once per instruction set.
///
/// [any-thread]  wait-free; no loop reads beyond what its arguments name
template <class T> struct VolterraKernels {
    const char* name;

    /// y[i] = Σ_k Σ_p h_p[k] · x[i - k]^p, powers built by Horner's rule inside each tap.
    /// Shapes   x: frames, preceded by taps - 1; by_tap: [tap][order], reversed: [order][tap] with
    ///          the last tap first; orders 1…order, order in 1…5
    void (*horner)(const T* x, std::size_t frames, const T* by_tap, const T* reversed,
                   std::size_t taps, std::size_t order, T* y);
    /// y[i] += Σ_k h[k] · x[i - k].
    /// Shapes   x: frames, preceded by taps - 1; reversed: h with the last tap first
    void (*fir_add)(const T* x, std::size_t frames, const T* h, const T* reversed, std::size_t taps,
                    T* y);
    /// out[p - 1][i] = x[i]^p for p = 1…order; out[…] may be null for powers that nobody wants.
    void (*powers)(const T* x, std::size_t frames, std::size_t order, T* const* out);
    /// out[i] = a[i] · b[i].
    void (*product)(const T* a, const T* b, std::size_t frames, T* out);
    /// Two real signals' spectra, twice their size, from that of one as real and the other as
    /// imaginary part. `second` may be null.
    /// Shapes   re, im: length + 1, the last value being the first again; first, second: `tiles`
    /// tiles
    ///          for frequencies 0…length / 2 and on, stride values from tile to tile; a tile: half
    ///          real parts, half imaginary ones
    void (*separate)(const T* re, const T* im, std::size_t length, T* first, T* second,
                     std::size_t stride, std::size_t tiles);
    /// sum (+)= Σ_j x[j] · h[j], complex numbers.
    /// Shapes   x, h: [tile][spectrum][as above], stride values from tile to tile;
    ///          sum: real beside imaginary part
    void (*multiply_add)(T* sum, const T* x, const T* h, std::size_t stride, std::size_t spectra,
                         std::size_t tiles, bool add);
    /// Whether every |value| is at most `limit`; a NaN is not.
    bool (*within)(const T* values, std::size_t count, T limit);
};

/// The best that this processor can run.
/// [any-thread]
template <class T> const VolterraKernels<T>& volterra_kernels();

#define ASIOWIRE_VOLTERRA_TABLES(set)                                                              \
    extern const VolterraKernels<float> volterra_f32_##set;                                        \
    extern const VolterraKernels<double> volterra_f64_##set
ASIOWIRE_VOLTERRA_TABLES(baseline); ///< vectors of 16 bytes: every processor
#ifdef __x86_64__
ASIOWIRE_VOLTERRA_TABLES(avx2); ///< and FMA
#endif
#undef ASIOWIRE_VOLTERRA_TABLES

} // namespace asiowire
