// SPDX-License-Identifier: MIT
// Compiled once per instruction set, with ASIOWIRE_VOLTERRA_SET its name and ASIOWIRE_VOLTERRA_BYTES
// the width of its vectors. Includes no library header with functions: an inline function of one,
// compiled here for AVX2, could be the copy that the linker keeps for everybody.

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
void horner_of(const T* x, std::size_t frames, const T* by_tap, const T* reversed,
               std::size_t taps, T* y)
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
    case 1: return horner_of<T, 1>(x, frames, by_tap, reversed, taps, y);
    case 2: return horner_of<T, 2>(x, frames, by_tap, reversed, taps, y);
    case 3: return horner_of<T, 3>(x, frames, by_tap, reversed, taps, y);
    case 4: return horner_of<T, 4>(x, frames, by_tap, reversed, taps, y);
    default: return horner_of<T, 5>(x, frames, by_tap, reversed, taps, y);
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

template <class T>
void powers(const T* x, std::size_t frames, std::size_t order, T* const* out)
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

/// Of complex numbers, the real beside the imaginary part: both twice, or in each other's place.
template <class T> VOLTERRA_INLINE V<T> real_twice(V<T> v)
{
    if constexpr (Of<T>::lanes == 8)
        return __builtin_shufflevector(v, v, 0, 0, 2, 2, 4, 4, 6, 6);
    else if constexpr (Of<T>::lanes == 4)
        return __builtin_shufflevector(v, v, 0, 0, 2, 2);
    else
        return __builtin_shufflevector(v, v, 0, 0);
}

template <class T> VOLTERRA_INLINE V<T> imaginary_twice(V<T> v)
{
    if constexpr (Of<T>::lanes == 8)
        return __builtin_shufflevector(v, v, 1, 1, 3, 3, 5, 5, 7, 7);
    else if constexpr (Of<T>::lanes == 4)
        return __builtin_shufflevector(v, v, 1, 1, 3, 3);
    else
        return __builtin_shufflevector(v, v, 1, 1);
}

template <class T> VOLTERRA_INLINE V<T> swapped(V<T> v)
{
    if constexpr (Of<T>::lanes == 8)
        return __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6);
    else if constexpr (Of<T>::lanes == 4)
        return __builtin_shufflevector(v, v, 1, 0, 3, 2);
    else
        return __builtin_shufflevector(v, v, 1, 0);
}

/// -1 for real parts, 1 for imaginary ones.
template <class T> VOLTERRA_INLINE V<T> signs()
{
    V<T> result;
    for (std::size_t lane = 0; lane < Of<T>::lanes; lane++)
        result[lane] = lane % 2 == 0 ? T(-1) : T(1);
    return result;
}

/// (a + ib)(c + id) = c·(a, b) + d·(-b, a): the turn by i is done once, after the sum.
template <class T>
void multiply_add(T* sum, const T* x, std::size_t x_stride, const T* h, std::size_t h_stride,
                  std::size_t spectra, std::size_t tiles, bool add)
{
    constexpr std::size_t lanes = Of<T>::lanes;
    constexpr std::size_t tile = volterra_tile_bytes / sizeof(T);
    constexpr std::size_t wide = 4; // 8 sums: what 16 registers leave room for
    static_assert(tile % (wide * lanes) == 0);
    for (std::size_t t = 0; t < tiles; t++) {
        for (std::size_t part = 0; part < tile; part += wide * lanes) {
            const T* a = x + t * x_stride + part;
            const T* b = h + t * h_stride + part;
            V<T> straight[wide] = {};
            V<T> turned[wide] = {};
            for (std::size_t j = 0; j < spectra; j++, a += tile, b += tile) {
#pragma GCC unroll 4
                for (std::size_t u = 0; u < wide; u++) {
                    const V<T> signal = load(a + u * lanes);
                    const V<T> filter = load(b + u * lanes);
                    straight[u] += signal * real_twice<T>(filter);
                    turned[u] += signal * imaginary_twice<T>(filter);
                }
            }
            T* to = sum + t * tile + part;
#pragma GCC unroll 4
            for (std::size_t u = 0; u < wide; u++) {
                V<T> all = straight[u] + swapped<T>(turned[u]) * signs<T>();
                if (add) all += load(to + u * lanes);
                store(to + u * lanes, all);
            }
        }
    }
}

template <class T> bool within(const T* values, std::size_t count, T limit)
{
    // Counted without a branch: the loop must not depend on what it finds.
    std::size_t beyond = 0;
    for (std::size_t i = 0; i < count; i++)
        beyond += !(values[i] <= limit && values[i] >= -limit);
    return beyond == 0;
}

template <class T>
constexpr VolterraKernels<T> table{ASIOWIRE_VOLTERRA_NAME, horner<T>,       fir_add<T>, powers<T>,
                                   product<T>,             multiply_add<T>, within<T>};

} // namespace

#define JOINED(a, b) a##b
#define NAMED(kind, set) JOINED(volterra_##kind##_, set)
const VolterraKernels<float> NAMED(f32, ASIOWIRE_VOLTERRA_SET) = table<float>;
const VolterraKernels<double> NAMED(f64, ASIOWIRE_VOLTERRA_SET) = table<double>;

} // namespace asiowire
