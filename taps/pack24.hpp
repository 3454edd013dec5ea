// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

namespace asiowire {

struct Pack24Kernel;

/// What becomes of the part of a sample below the last of its 24 bits.
enum class Rounding : std::uint8_t { nearest, truncate }; ///< nearest: ties to even

/// The instructions a kernel is written for; every one gives the same bytes.
enum class Simd : std::uint8_t { scalar, avx2, avx512 };

/// The best that this processor and its kernel allow.
/// [any-thread]  pure, cheap after the first call
Simd best_simd();

/// The scale of PipeWire and ASIO: float32 samples are k / 2^23, and every k comes back.
inline constexpr double takes_scale = 8388608.0;

/// Makes 24-bit little-endian samples, three bytes each, of 32-bit ones.
///
/// float32: sample × scale, rounded once and then clamped to [-2^23, 2^23 - 1]; NaN becomes 0. The
/// product is exact when the scale is a float32, otherwise a float64. int32: clamped, not shifted.
///
/// [any-thread]  const and without state; allocates nothing, takes no lock
/// Shapes   samples at any address, aligned or not; never read or written beyond what is named
/// Source   scale and rounding rule: measured against PipeWire and libsndfile over all 2^24 codes,
///          tests/python/pack24_codes.py
class Packer24 {
public:
    /// A packer of float32. `scale`: finite and above 0.
    static Packer24 float32(double scale = takes_scale, Rounding rounding = Rounding::nearest,
                            Simd simd = best_simd());
    /// A packer of int32.
    static Packer24 int32(Simd simd = best_simd());

    /// One channel to one channel, or whole frames to whole frames.
    void contiguous(const void* in, std::size_t samples, std::uint8_t* out) const;

    /// One channel whose samples lie `step` bytes apart (any sign, also 0), `swapped` when they are
    /// big-endian.
    void strided(const void* in, std::ptrdiff_t step, bool swapped, std::size_t samples,
                 std::uint8_t* out) const;

    /// Channels that lie apart to whole frames. Shapes: in[channel][frame] → out[frame][channel]
    void interleave(const void* const* in, std::size_t channels, std::size_t frames,
                    std::uint8_t* out) const;

    /// Frames to channels that lie apart. Shapes: in[frame][channel] → out[channel][frame]
    ///
    /// `frame_step`: bytes from frame to frame, any sign; channels lie next to each other.
    /// out[channel] may be null: that channel is not wanted.
    void deinterleave(const void* in, std::ptrdiff_t frame_step, std::size_t channels,
                      std::size_t frames, std::uint8_t* const* out) const;

private:
    Packer24(const Pack24Kernel& kernel, double scale) : kernel_(&kernel), scale_(scale) {}

    const Pack24Kernel* kernel_;
    double scale_;
};

} // namespace asiowire
