// SPDX-License-Identifier: MIT
#include "taps/pack24.hpp"

#include "taps/pack24_kernels.hpp"

#include <algorithm>
#include <cfloat>
#include <cstring>

namespace asiowire {
namespace {

constexpr std::size_t tile_frames = 64;     // × 32 channels × 4 bytes: a part of the L1 cache
constexpr std::size_t tile_channels = 8; // the least that the transposing kernels take
constexpr std::size_t scratch_samples = 1024;

Simd probe()
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return Simd::scalar;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vbmi"))
        return Simd::avx512;
    return Simd::avx2;
#else
    return Simd::scalar;
#endif
}

/// Those wanted, or the best that are there.
const Pack24Kernels& kernels_for(Simd wanted)
{
    const Simd simd = std::min(wanted, best_simd());
#if defined(__x86_64__)
    if (simd == Simd::avx512) return pack24_avx512;
    if (simd == Simd::avx2) return pack24_avx2;
#endif
    static_cast<void>(simd);
    return pack24_scalar;
}

const unsigned char* bytes(const void* samples)
{
    return static_cast<const unsigned char*>(samples);
}

/// Word by word: a sample may lie at any address.
void gather(const unsigned char* in, std::ptrdiff_t step, bool swapped, std::size_t samples,
            std::uint32_t* to)
{
    for (std::size_t i = 0; i < samples; i++) {
        std::uint32_t word;
        std::memcpy(&word, in + static_cast<std::ptrdiff_t>(i) * step, sizeof word);
        to[i] = swapped ? __builtin_bswap32(word) : word;
    }
}

} // namespace

Simd best_simd()
{
    static const Simd best = probe();
    return best;
}

Packer24 Packer24::float32(double scale, Rounding rounding, Simd simd)
{
    const bool is_float32 = scale >= FLT_MIN && scale <= FLT_MAX &&
                            static_cast<double>(static_cast<float>(scale)) == scale;
    const bool cut = rounding == Rounding::truncate;
    if (!is_float32)
        return Packer24(cut ? pack24_scalar_wide.truncate : pack24_scalar_wide.nearest, scale);
    const Pack24Kernels& kernels = kernels_for(simd);
    return Packer24(cut ? kernels.truncate : kernels.nearest, scale);
}

Packer24 Packer24::int32(Simd simd)
{
    return Packer24(kernels_for(simd).int32, 1.0);
}

void Packer24::contiguous(const void* in, std::size_t samples, std::uint8_t* out) const
{
    kernel_->contiguous(bytes(in), samples, out, scale_);
}

void Packer24::strided(const void* in, std::ptrdiff_t step, bool swapped, std::size_t samples,
                       std::uint8_t* out) const
{
    if (step == static_cast<std::ptrdiff_t>(sample_bytes) && !swapped)
        return contiguous(in, samples, out);
    std::uint32_t scratch[scratch_samples];
    for (std::size_t i = 0; i < samples; i += scratch_samples) {
        const std::size_t n = std::min(scratch_samples, samples - i);
        gather(bytes(in) + static_cast<std::ptrdiff_t>(i) * step, step, swapped, n, scratch);
        contiguous(scratch, n, out + packed_bytes * i);
    }
}

void Packer24::interleave(const void* const* in, std::size_t channels, std::size_t frames,
                          std::uint8_t* out) const
{
    if (frames == 0) return; // addresses may be null then
    if (channels == 1) return contiguous(in[0], frames, out);
    const std::size_t out_step = packed_bytes * channels;
    if (channels < tile_channels) { // frames are made of whole words first
        std::uint32_t scratch[scratch_samples];
        const std::size_t most = scratch_samples / std::max<std::size_t>(channels, 1);
        for (std::size_t f = 0; channels != 0 && f < frames; f += most) {
            const std::size_t n = std::min(most, frames - f);
            for (std::size_t c = 0; c < channels; c++)
                for (std::size_t k = 0; k < n; k++)
                    std::memcpy(&scratch[k * channels + c], bytes(in[c]) + sample_bytes * (f + k),
                                sample_bytes);
            contiguous(scratch, n * channels, out + out_step * f);
        }
        return;
    }
    for (std::size_t f = 0; f < frames; f += tile_frames) {
        const std::size_t n = std::min(tile_frames, frames - f);
        for (std::size_t c = 0, width; c < channels; c += width) {
            width = channels - c < 16 ? 8 : 16;
            const std::size_t first = std::min(c, channels - width);
            const unsigned char* from[16];
            for (std::size_t k = 0; k < width; k++)
                from[k] = bytes(in[first + k]) + sample_bytes * f;
            (width == 8 ? kernel_->interleave8 : kernel_->interleave16)(
                from, n, out + out_step * f + packed_bytes * first, out_step, scale_);
        }
    }
}

void Packer24::deinterleave(const void* in, std::ptrdiff_t frame_step, std::size_t channels,
                            std::size_t frames, std::uint8_t* const* out) const
{
    if (frames == 0) return; // addresses may be null then
    const auto wanted = static_cast<std::size_t>(
        std::count_if(out, out + channels, [](const std::uint8_t* to) { return to != nullptr; }));
    if (channels < tile_channels || wanted * 4 <= channels) {
        // A transposed tile costs as much as two or three channels picked one by one.
        for (std::size_t c = 0; c < channels; c++)
            if (out[c] != nullptr)
                strided(bytes(in) + sample_bytes * c, frame_step, false, frames, out[c]);
        return;
    }
    std::uint8_t nowhere[packed_bytes * tile_frames];
    for (std::size_t f = 0; f < frames; f += tile_frames) {
        const std::size_t n = std::min(tile_frames, frames - f);
        for (std::size_t c = 0; c < channels; c += tile_channels) {
            const std::size_t first = std::min(c, channels - tile_channels);
            std::uint8_t* to[tile_channels];
            for (std::size_t k = 0; k < tile_channels; k++)
                to[k] =
                    out[first + k] == nullptr ? nowhere : out[first + k] + packed_bytes * f;
            kernel_->deinterleave8(bytes(in) + static_cast<std::ptrdiff_t>(f) * frame_step +
                                       sample_bytes * first,
                                   frame_step, n, to, scale_);
        }
    }
}

} // namespace asiowire
