// SPDX-License-Identifier: MIT
// Compiled once per instruction set, with ASIOWIRE_MEL_KERNEL its name and ASIOWIRE_MEL_BYTES the
// width of its vectors. Includes no library header: an inline function of one, compiled here for
// AVX-512, could be the copy that the linker keeps for everybody.

#include "hooks/mel_fft400.hpp"
#include "hooks/mel_fft_any.hpp"

namespace asiowire {
namespace {

constexpr double floor_power = 1e-10;
constexpr std::size_t lanes32 = Vector<float>::lanes;
constexpr std::size_t lanes64 = Vector<double>::lanes;
constexpr std::size_t line = 64;

/// Where everything lies in the workspace, in bytes from its start.
struct Layout {
    std::size_t x;
    std::size_t y;
    std::size_t power;
    std::size_t end;
};

Layout layout(const MelTables& tables)
{
    const std::size_t points = tables.is_400 ? 200 : tables.transform.fft.length;
    const auto round = [](std::size_t bytes) { return (bytes + line - 1) / line * line; };
    Layout at{};
    at.x = round(tables.rows * tables.columns * sizeof(float));
    at.y = at.x + round(points * sizeof(C64));
    at.power = at.y + (tables.is_400 ? 0 : round(points * sizeof(C64)));
    at.end = at.power + round(tables.n_bins * vector_bytes);
    return at;
}

typedef float Four __attribute__((vector_size(16)));
typedef float LooseFour __attribute__((vector_size(16), aligned(4), may_alias));

MEL_INLINE Four four_at(const float* from)
{
    return *reinterpret_cast<const LooseFour*>(from);
}

MEL_INLINE void put_four(float* to, Four four)
{
    *reinterpret_cast<LooseFour*>(to) = four;
}

/// Transposes the signal by hops: to[m][h] = samples[h * hop + m], so that a sample of neighbouring
/// frames is one unaligned load. Beyond the samples given it is 0.
void transpose(const MelTables& tables, const float* samples, std::size_t count, std::size_t frames,
               float* to)
{
    const std::size_t hop = tables.hop;
    const std::size_t columns = tables.columns;
    const std::size_t lanes_full = (frames + lanes32 - 1) / lanes32 * lanes32;
    const std::size_t used = lanes_full + (tables.n_fft - 1) / hop; // at most `columns`
    std::size_t h = 0;
    for (; h + 4 <= used && (h + 3) * hop + tables.rows <= count; h += 4) {
        const float* from = samples + h * hop;
        float* row = to + h;
        std::size_t m = 0;
        for (; m + 4 <= tables.rows; m += 4, from += 4, row += 4 * columns) {
            const Four a = four_at(from), b = four_at(from + hop);
            const Four c = four_at(from + 2 * hop), d = four_at(from + 3 * hop);
            const Four ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5);
            const Four ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
            const Four cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5);
            const Four cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
            put_four(row, __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5));
            put_four(row + columns, __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7));
            put_four(row + 2 * columns, __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5));
            put_four(row + 3 * columns, __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7));
        }
        for (; m < tables.rows; m++, from++, row += columns)
            put_four(row, Four{from[0], from[hop], from[2 * hop], from[3 * hop]});
    }
    for (; h < used; h++) {
        const std::size_t begin = h * hop;
        const std::size_t there = begin < count ? count - begin : 0;
        for (std::size_t m = 0; m < tables.rows; m++)
            to[m * columns + h] = m < there ? samples[begin + m] : 0;
    }
}

template <class Scalar>
MEL_INLINE V<Scalar> band_power(const MelBand& band, const Scalar* weights, const V<Scalar>* power)
{
    const V<Scalar>* bins = power + band.first_bin;
    V<Scalar> sum{};
    for (std::size_t i = 0; i < band.n_bins; i++)
        sum = sum + weights[band.first_weight + i] * bins[i];
    return sum;
}

/// A group of frames in float64; those of `wanted` go to `out`.
void group64(const MelTables& tables, char* workspace, const Layout& at, std::size_t frame,
             const bool* wanted, float* out, std::size_t stride)
{
    const float* samples = reinterpret_cast<const float*>(workspace) + frame;
    auto* x = reinterpret_cast<C64*>(workspace + at.x);
    auto* y = reinterpret_cast<C64*>(workspace + at.y);
    auto* power = reinterpret_cast<V<double>*>(workspace + at.power);
    if (tables.is_400)
        power_400<double>(samples, tables.offsets, tables.window64, x, power);
    else
        power_any(tables, samples, x, y, power);
    V<double> total{};
    for (std::size_t k = 0; k < tables.n_bins; k++)
        total = total + power[k];
    const V<double> undefined = total - total; // 0, or NaN where a sample was not finite
    for (std::size_t m = 0; m < tables.n_mels; m++) {
        const V<double> band = band_power<double>(tables.bands[m], tables.weights64, power);
        const V<double> value =
            log10_of<double>(band > floor_power ? band : V<double>{} + floor_power);
        for (std::size_t lane = 0; lane < lanes64; lane++)
            if (wanted[lane])
                out[m * stride + lane] = static_cast<float>(value[lane] + undefined[lane]);
    }
}

/// A group of frames of 400 in float32. Marks those whose quiet bands drown in the rounding errors
/// of their loud ones, or that overflow, in `doubtful`.
void group32(const MelTables& tables, char* workspace, const Layout& at, std::size_t frame,
             bool* doubtful, float* out, std::size_t stride, std::size_t frames)
{
    const float* samples = reinterpret_cast<const float*>(workspace) + frame;
    auto* work = reinterpret_cast<C<float>*>(workspace + at.x);
    auto* power = reinterpret_cast<V<float>*>(workspace + at.power);
    power_400<float>(samples, tables.offsets, tables.window32, work, power);
    V<float> totals[4] = {power[200]};
    for (std::size_t k = 0; k < 200; k += 4) {
#pragma GCC unroll 4
        for (std::size_t i = 0; i < 4; i++)
            totals[i] = totals[i] + power[k + i];
    }
    const V<float> total = (totals[0] + totals[1]) + (totals[2] + totals[3]);
    const V<float> lowest = V<float>{} + static_cast<float>(floor_power);
    auto doubt = ~(total < 1e30F); // true for NaN, too
    const bool whole = frames >= lanes32;
    for (std::size_t m = 0; m < tables.n_mels; m++) {
        const V<float> band = band_power<float>(tables.bands[m], tables.weights32, power);
        const V<float> kept = band > lowest ? band : lowest;
        doubt |= kept < total * tables.doubt[m];
        const V<float> value = log10_of<float>(kept);
        if (whole)
            *reinterpret_cast<Vector<float>::Loose*>(out + m * stride) = value;
        else
            for (std::size_t lane = 0; lane < frames; lane++)
                out[m * stride + lane] = value[lane];
    }
    for (std::size_t lane = 0; lane < lanes32; lane++)
        doubtful[lane] = lane < frames && doubt[lane] != 0;
}

std::size_t workspace_bytes(const MelTables& tables)
{
    return layout(tables).end;
}

std::size_t compute(const MelTables& tables, void* memory, const float* samples, std::size_t frames,
                    float* out, std::size_t stride)
{
    auto* workspace = static_cast<char*>(memory);
    const Layout at = layout(tables);
    transpose(tables, samples, (frames - 1) * tables.hop + tables.n_fft, frames,
              reinterpret_cast<float*>(workspace));
    std::size_t doubtful = 0;
    bool wanted[lanes32];
    for (std::size_t frame = 0; frame < frames; frame += lanes32) {
        const std::size_t here = frames - frame < lanes32 ? frames - frame : lanes32;
        for (std::size_t lane = 0; lane < lanes32; lane++)
            wanted[lane] = lane < here;
        if (tables.is_400) group32(tables, workspace, at, frame, wanted, out + frame, stride, here);
        for (std::size_t first = 0; first < lanes32; first += lanes64) {
            std::size_t n = 0;
            for (std::size_t lane = first; lane < first + lanes64; lane++)
                n += wanted[lane];
            if (n == 0) continue;
            doubtful += n;
            group64(tables, workspace, at, frame + first, wanted + first, out + frame + first,
                    stride);
        }
    }
    return doubtful;
}

} // namespace

extern const MelKernel ASIOWIRE_MEL_KERNEL;
const MelKernel ASIOWIRE_MEL_KERNEL = {ASIOWIRE_MEL_NAME, workspace_bytes, compute};

} // namespace asiowire
