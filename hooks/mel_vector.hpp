// SPDX-License-Identifier: MIT
#pragma once

// Vectors of the compiler's own (GCC, clang), as wide as the unit's instruction set; a lane is a
// frame. Only kernel units include this file; each of them has its own copy of everything here.

#include <cstddef>
#include <cstdint>

#define MEL_INLINE inline __attribute__((always_inline))

namespace asiowire {
namespace {

constexpr std::size_t vector_bytes = ASIOWIRE_MEL_BYTES;

template <class Scalar> struct Vector;

template <> struct Vector<float> {
    typedef float Type __attribute__((vector_size(vector_bytes)));
    typedef float Loose __attribute__((vector_size(vector_bytes), aligned(4), may_alias));
    typedef std::uint32_t Bits __attribute__((vector_size(vector_bytes)));
    static constexpr std::size_t lanes = vector_bytes / sizeof(float);
    static constexpr int mantissa_bits = 23;
    static constexpr std::uint32_t one = 0x3f800000;
    static constexpr std::uint32_t half_root = 0x3f3504f3; // √½
    static constexpr std::uint32_t integer = 0x4b000000;   // 2^23: adds what lies in its last bits
};

template <> struct Vector<double> {
    typedef double Type __attribute__((vector_size(vector_bytes)));
    typedef float Half __attribute__((vector_size(vector_bytes / 2)));
    typedef float Loose __attribute__((vector_size(vector_bytes / 2), aligned(4), may_alias));
    typedef std::uint64_t Bits __attribute__((vector_size(vector_bytes)));
    static constexpr std::size_t lanes = vector_bytes / sizeof(double);
    static constexpr int mantissa_bits = 52;
    static constexpr std::uint64_t one = 0x3ff0000000000000;
    static constexpr std::uint64_t half_root = 0x3fe6a09e667f3bcd;
    static constexpr std::uint64_t integer = 0x4330000000000000;
};

template <class Scalar> using V = typename Vector<Scalar>::Type;

template <class Scalar> struct C {
    V<Scalar> re;
    V<Scalar> im;
};

/// A vector of samples, wherever they lie.
template <class Scalar> MEL_INLINE V<Scalar> load(const float* from)
{
    const auto loose = *reinterpret_cast<const typename Vector<Scalar>::Loose*>(from);
    if constexpr (sizeof(Scalar) == sizeof(float))
        return loose;
    else
        return __builtin_convertvector(static_cast<Vector<double>::Half>(loose), V<double>);
}

/// The logarithm of positive finite numbers, to 1e-7 of it or of 1, whichever is more.
///
/// Number = 2^e × m with m in √½…√2; ln m = 2 artanh s with s = (m - 1) / (m + 1), |s| < 0.172,
/// whose series' first term left out is 1e-9.
template <class Scalar> MEL_INLINE V<Scalar> log10_of(V<Scalar> x)
{
    using Of = Vector<Scalar>;
    using Bits = typename Of::Bits;
    const auto bits = reinterpret_cast<Bits>(x);
    const Bits shifted = (bits - Of::half_root + Of::one) >> Of::mantissa_bits; // e, biased
    const auto m = reinterpret_cast<V<Scalar>>(bits - (shifted << Of::mantissa_bits) + Of::one);
    constexpr std::uint64_t bias = std::uint64_t{Of::one} >> Of::mantissa_bits;
    constexpr Scalar integer = sizeof(Scalar) == sizeof(float) ? 8388608.0 : 4503599627370496.0;
    const V<Scalar> e =
        reinterpret_cast<V<Scalar>>(shifted | Of::integer) - (integer + static_cast<Scalar>(bias));
    const V<Scalar> s = (m - Scalar(1)) / (m + Scalar(1));
    const V<Scalar> z = s * s;
    const V<Scalar> series =
        z * (z * (z * (z * Scalar(1.0 / 9) + Scalar(1.0 / 7)) + Scalar(0.2)) + Scalar(1.0 / 3)) +
        Scalar(1);
    return e * Scalar(0.30102999566398119521) + s * series * Scalar(0.86858896380650365530);
}

/// [any-thread]  cosine and sine of a share of a turn (0…1) while compiling
constexpr double series_cos(double turn)
{
    const double x = turn * 6.28318530717958647693;
    double term = 1;
    double sum = 1;
    for (int i = 1; i < 24; i++) {
        term *= -x * x / ((2.0 * i - 1) * (2.0 * i));
        sum += term;
    }
    return sum;
}

constexpr double series_sin(double turn)
{
    const double x = turn * 6.28318530717958647693;
    double term = x;
    double sum = x;
    for (int i = 1; i < 24; i++) {
        term *= -x * x / ((2.0 * i) * (2.0 * i + 1));
        sum += term;
    }
    return sum;
}

/// Five points, in place of their order: y[k] = Σ x[j] · e^(-2πi jk/5).
template <class Scalar>
MEL_INLINE void dft5(const C<Scalar>& x0, const C<Scalar>& x1, const C<Scalar>& x2,
                     const C<Scalar>& x3, const C<Scalar>& x4, C<Scalar>* y)
{
    constexpr Scalar c1 = series_cos(0.2);
    constexpr Scalar c2 = series_cos(0.4);
    constexpr Scalar s1 = series_sin(0.2);
    constexpr Scalar s2 = series_sin(0.4);
    const C<Scalar> a{x1.re + x4.re, x1.im + x4.im};
    const C<Scalar> b{x2.re + x3.re, x2.im + x3.im};
    const C<Scalar> c{x1.re - x4.re, x1.im - x4.im};
    const C<Scalar> d{x2.re - x3.re, x2.im - x3.im};
    const C<Scalar> p{x0.re + c1 * a.re + c2 * b.re, x0.im + c1 * a.im + c2 * b.im};
    const C<Scalar> q{x0.re + c2 * a.re + c1 * b.re, x0.im + c2 * a.im + c1 * b.im};
    const C<Scalar> u{s1 * c.re + s2 * d.re, s1 * c.im + s2 * d.im};
    const C<Scalar> v{s2 * c.re - s1 * d.re, s2 * c.im - s1 * d.im};
    y[0] = {x0.re + a.re + b.re, x0.im + a.im + b.im};
    y[1] = {p.re + u.im, p.im - u.re};
    y[2] = {q.re + v.im, q.im - v.re};
    y[3] = {q.re - v.im, q.im + v.re};
    y[4] = {p.re - u.im, p.im + u.re};
}

template <class Scalar> MEL_INLINE C<Scalar> times(const C<Scalar>& a, Scalar re, Scalar im)
{
    return {a.re * re - a.im * im, a.re * im + a.im * re};
}

} // namespace
} // namespace asiowire
