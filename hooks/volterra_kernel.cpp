// SPDX-License-Identifier: MIT
// Compiled once per instruction set, with ASIOWIRE_VOLTERRA_SET its name and
// ASIOWIRE_VOLTERRA_BYTES the width of its vectors. Includes no library header with functions: an
// inline function of one, compiled here for AVX2, could be the copy that the linker keeps for
// everybody.

#include "hooks/volterra_kernels.hpp"

#define VOLTERRA_INLINE inline __attribute__((always_inline))

namespace asiowire {
namespace {

constexpr std::size_t vector_bytes = ASIOWIRE_VOLTERRA_BYTES;

template <class T> struct Of {
    typedef T Vector __attribute__((vector_size(vector_bytes)));
    typedef T Loose __attribute__((vector_size(vector_bytes), aligned(sizeof(T)), may_alias));
    static constexpr std::size_t lanes = vector_bytes / sizeof(T);
};
template <class T> using V = typename Of<T>::Vector;

template <class T> VOLTERRA_INLINE V<T> load(const T* from)
{
    return *reinterpret_cast<const typename Of<T>::Loose*>(from);
}

template <class T> VOLTERRA_INLINE void store(T* to, V<T> value)
{
    *reinterpret_cast<typename Of<T>::Loose*>(to) = value;
}

template <class T> VOLTERRA_INLINE T sum_of(V<T> v)
{
    T sum = v[0];
    for (std::size_t lane = 1; lane < Of<T>::lanes; lane++)
        sum += v[lane];
    return sum;
}

/// So many vectors of outputs at once: as many as registers hold beside an order's coefficients.
template <class T, std::size_t order, std::size_t wide>
VOLTERRA_INLINE void horner_piece(const T* x, const T* by_tap, std::size_t taps, T* y)
{
    constexpr std::size_t lanes = Of<T>::lanes;
    V<T> sum[wide] = {};
    for (std::size_t k = 0; k < taps; k++) {
        const T* h = by_tap + k * order;
#pragma GCC unroll 8
        for (std::size_t u = 0; u < wide; u++) {
            const V<T> at = load(x + u * lanes - k);
            V<T> inner = V<T>{} + h[order - 1];
            for (std::size_t p = order - 1; p-- > 0;)
                inner = inner * at + h[p];
            sum[u] += inner * at;
        }
    }
#pragma GCC unroll 8
    for (std::size_t u = 0; u < wide; u++)
        store(y + u * lanes, sum[u]);
}

/// One output, the taps as lanes: for what is left of a block, and for blocks of a few frames.
template <class T, std::size_t order>
VOLTERRA_INLINE T horner_one(const T* x, const T* reversed, std::size_t taps)
{
    constexpr std::size_t lanes = Of<T>::lanes;
    const T* oldest = x - (taps - 1);
    V<T> sums = {};
    std::size_t k = 0;
    for (; k + lanes <= taps; k += lanes) {
        const V<T> at = load(oldest + k);
        V<T> inner = load(reversed + (order - 1) * taps + k);
        for (std::size_t p = order - 1; p-- > 0;)
            inner = inner * at + load(reversed + p * taps + k);
        sums += inner * at;
    }
    T sum = sum_of<T>(sums);
    for (; k < taps; k++) {
        T inner = reversed[(order - 1) * taps + k];
        for (std::size_t p = order - 1; p-- > 0;)
            inner = inner * oldest[k] + reversed[p * taps + k];
        sum += inner * oldest[k];
    }
    return sum;
}

template <class T, std::size_t order>
void horner_of(const T* x, std::size_t frames, const T* by_tap, const T* reversed, std::size_t taps,
               T* y)
{
    constexpr std::size_t lanes = Of<T>::lanes;
    std::size_t i = 0;
    for (; i + 8 * lanes <= frames; i += 8 * lanes)
        horner_piece<T, order, 8>(x + i, by_tap, taps, y + i);
    for (; i + 2 * lanes <= frames; i += 2 * lanes)
        horner_piece<T, order, 2>(x + i, by_tap, taps, y + i);
    for (; i + lanes <= frames; i += lanes)
        horner_piece<T, order, 1>(x + i, by_tap, taps, y + i);
    for (; i < frames; i++)
        y[i] = horner_one<T, order>(x + i, reversed, taps);
}

template <class T>
void horner(const T* x, std::size_t frames, const T* by_tap, const T* reversed, std::size_t taps,
            std::size_t order, T* y)
{
    switch (order) {
    case 1:
        return horner_of<T, 1>(x, frames, by_tap, reversed, taps, y);
    case 2:
        return horner_of<T, 2>(x, frames, by_tap, reversed, taps, y);
    case 3:
        return horner_of<T, 3>(x, frames, by_tap, reversed, taps, y);
    case 4:
        return horner_of<T, 4>(x, frames, by_tap, reversed, taps, y);
    default:
        return horner_of<T, 5>(x, frames, by_tap, reversed, taps, y);
    }
}

template <class T, std::size_t wide>
VOLTERRA_INLINE void fir_piece(const T* x, const T* h, std::size_t taps, T* y)
{
    constexpr std::size_t lanes = Of<T>::lanes;
    V<T> sum[wide];
#pragma GCC unroll 8
    for (std::size_t u = 0; u < wide; u++)
        sum[u] = load(y + u * lanes);
    for (std::size_t k = 0; k < taps; k++) {
#pragma GCC unroll 8
        for (std::size_t u = 0; u < wide; u++)
            sum[u] += load(x + u * lanes - k) * h[k];
    }
#pragma GCC unroll 8
    for (std::size_t u = 0; u < wide; u++)
        store(y + u * lanes, sum[u]);
}

template <class T>
void fir_add(const T* x, std::size_t frames, const T* h, const T* reversed, std::size_t taps, T* y)
{
    constexpr std::size_t lanes = Of<T>::lanes;
    std::size_t i = 0;
    for (; i + 8 * lanes <= frames; i += 8 * lanes)
        fir_piece<T, 8>(x + i, h, taps, y + i);
    for (; i + lanes <= frames; i += lanes)
        fir_piece<T, 1>(x + i, h, taps, y + i);
    for (; i < frames; i++) {
        const T* oldest = x + i - (taps - 1);
        V<T> sums = {};
        std::size_t k = 0;
        for (; k + lanes <= taps; k += lanes)
            sums += load(oldest + k) * load(reversed + k);
        T sum = sum_of<T>(sums);
        for (; k < taps; k++)
            sum += oldest[k] * reversed[k];
        y[i] += sum;
    }
}

template <class T> void powers(const T* x, std::size_t frames, std::size_t order, T* const* out)
{
    for (std::size_t p = 1; p <= order; p++) {
        T* to = out[p - 1];
        if (to == nullptr) continue;
        switch (p) {
        case 1:
            for (std::size_t i = 0; i < frames; i++)
                to[i] = x[i];
            break;
        case 2:
            for (std::size_t i = 0; i < frames; i++)
                to[i] = x[i] * x[i];
            break;
        case 3:
            for (std::size_t i = 0; i < frames; i++)
                to[i] = x[i] * x[i] * x[i];
            break;
        case 4:
            for (std::size_t i = 0; i < frames; i++)
                to[i] = (x[i] * x[i]) * (x[i] * x[i]);
            break;
        default:
            for (std::size_t i = 0; i < frames; i++)
                to[i] = (x[i] * x[i]) * (x[i] * x[i]) * x[i];
        }
    }
}

template <class T> void product(const T* a, const T* b, std::size_t frames, T* out)
{
    for (std::size_t i = 0; i < frames; i++)
        out[i] = a[i] * b[i];
}

template <class T> VOLTERRA_INLINE V<T> backwards(V<T> v)
{
    if constexpr (Of<T>::lanes == 8)
        return __builtin_shufflevector(v, v, 7, 6, 5, 4, 3, 2, 1, 0);
    else if constexpr (Of<T>::lanes == 4)
        return __builtin_shufflevector(v, v, 3, 2, 1, 0);
    else
        return __builtin_shufflevector(v, v, 1, 0);
}

/// a[0] b[0] a[1] b[1] … from the first or from the second half of both.
template <class T> VOLTERRA_INLINE V<T> first_beside(V<T> a, V<T> b)
{
    if constexpr (Of<T>::lanes == 8)
        return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
    else if constexpr (Of<T>::lanes == 4)
        return __builtin_shufflevector(a, b, 0, 4, 1, 5);
    else
        return __builtin_shufflevector(a, b, 0, 2);
}

template <class T> VOLTERRA_INLINE V<T> second_beside(V<T> a, V<T> b)
{
    if constexpr (Of<T>::lanes == 8)
        return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
    else if constexpr (Of<T>::lanes == 4)
        return __builtin_shufflevector(a, b, 2, 6, 3, 7);
    else
        return __builtin_shufflevector(a, b, 1, 3);
}

template <class T> constexpr std::size_t tile = volterra_tile_bytes / sizeof(T);

/// With Z = X + iY of real x and y: 2X[k] = Z[k] + Z*[n - k], 2Y[k] = (Z[k] - Z*[n - k]) / i.
template <class T>
void separate(const T* re, const T* im, std::size_t length, T* first, T* second, std::size_t stride,
              std::size_t tiles)
{
    constexpr std::size_t lanes = Of<T>::lanes;
    constexpr std::size_t half = tile<T> / 2;
    for (std::size_t t = 0; t < tiles; t++) {
#pragma GCC unroll 4
        for (std::size_t u = 0; u < half; u += lanes) {
            const std::size_t k = t * half + u;
            const std::size_t mirrored = length - k - (lanes - 1);
            const V<T> a = load(re + k);
            const V<T> b = load(im + k);
            const V<T> c = backwards<T>(load(re + mirrored));
            const V<T> d = backwards<T>(load(im + mirrored));
            store(first + t * stride + u, a + c);
            store(first + t * stride + half + u, b - d);
            if (second == nullptr) continue;
            store(second + t * stride + u, b + d);
            store(second + t * stride + half + u, c - a);
        }
    }
}

template <class T>
void multiply_add(T* sum, const T* x, const T* h, std::size_t stride, std::size_t spectra,
                  std::size_t tiles, bool add)
{
    constexpr std::size_t lanes = Of<T>::lanes;
    constexpr std::size_t half = tile<T> / 2;
    constexpr std::size_t wide = 2; // 8 sums: what 16 registers leave room for
    for (std::size_t t = 0; t < tiles; t++) {
        for (std::size_t part = 0; part < half; part += wide * lanes) {
            const T* a = x + t * stride + part;
            const T* b = h + t * stride + part;
            V<T> reals[wide] = {};       // Each product has a sum of its own: a multiply-add waits
            V<T> imaginaries[wide] = {}; // for the one before, and eight of them fill the wait.
            V<T> straight[wide] = {};
            V<T> crossed[wide] = {};
            for (std::size_t j = 0; j < spectra; j++, a += tile<T>, b += tile<T>) {
#pragma GCC unroll 2
                for (std::size_t u = 0; u < wide; u++) {
                    const V<T> x_re = load(a + u * lanes);
                    const V<T> x_im = load(a + half + u * lanes);
                    const V<T> h_re = load(b + u * lanes);
                    const V<T> h_im = load(b + half + u * lanes);
                    reals[u] += x_re * h_re;
                    imaginaries[u] += x_im * h_im;
                    straight[u] += x_re * h_im;
                    crossed[u] += x_im * h_re;
                }
            }
            T* to = sum + t * tile<T> + 2 * part;
#pragma GCC unroll 2
            for (std::size_t u = 0; u < wide; u++, to += 2 * lanes) {
                const V<T> re = reals[u] - imaginaries[u];
                const V<T> im = straight[u] + crossed[u];
                V<T> lower = first_beside<T>(re, im);
                V<T> upper = second_beside<T>(re, im);
                if (add) {
                    lower += load(to);
                    upper += load(to + lanes);
                }
                store(to, lower);
                store(to + lanes, upper);
            }
        }
    }
}

template <class T> bool within(const T* values, std::size_t count, T limit)
{
    constexpr std::size_t lanes = Of<T>::lanes;
    std::size_t i = 0;
    auto fine = V<T>{} == V<T>{};
    for (; i + lanes <= count; i += lanes) {
        const V<T> v = load(values + i);
        fine &= (v <= limit) & (v >= -limit); // a NaN is neither
    }
    bool all = true;
    for (std::size_t lane = 0; lane < lanes; lane++)
        all &= fine[lane] != 0;
    for (; i < count; i++)
        all &= values[i] <= limit && values[i] >= -limit;
    return all;
}

template <class T>
constexpr VolterraKernels<T> table{
    ASIOWIRE_VOLTERRA_NAME, horner<T>, fir_add<T>, powers<T>, product<T>, separate<T>,
    multiply_add<T>,        within<T>};

} // namespace

#define JOINED(a, b) a##b
#define NAMED(kind, set) JOINED(volterra_##kind##_, set)
const VolterraKernels<float> NAMED(f32, ASIOWIRE_VOLTERRA_SET) = table<float>;
const VolterraKernels<double> NAMED(f64, ASIOWIRE_VOLTERRA_SET) = table<double>;

} // namespace asiowire
