// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

// What the dispatcher (pack24.cpp) and the kernels of each instruction set share. This header is
// compiled for several instruction sets: nothing in it may leave a function behind that the linker
// could take for all of them.

namespace asiowire {

inline constexpr std::size_t sample_bytes = 4; ///< float32 and int32
inline constexpr std::size_t packed_bytes = 3;

/// One kind of samples in one instruction set.
struct Pack24Kernel {
    /// in[samples] → out[samples]
    void (*contiguous)(const unsigned char* in, std::size_t samples, std::uint8_t* out,
                       double scale);
    /// in[8 or 16][frames] → as many adjacent samples of each frame, frames `out_step` bytes apart
    void (*interleave8)(const unsigned char* const* in, std::size_t frames, std::uint8_t* out,
                        std::size_t out_step, double scale);
    void (*interleave16)(const unsigned char* const* in, std::size_t frames, std::uint8_t* out,
                         std::size_t out_step, double scale);
    /// 8 adjacent samples of each frame, frames `in_step` bytes apart → out[8][frames]
    void (*deinterleave8)(const unsigned char* in, std::ptrdiff_t in_step, std::size_t frames,
                          std::uint8_t* const* out, double scale);
};

/// Every kind of samples in one instruction set. In `nearest` and `truncate` the scale is a
/// float32, so that the product of 24 × 24 bits can be exact; the wide ones multiply in float64.
struct Pack24Kernels {
    Pack24Kernel nearest, truncate, int32;
};
struct Pack24WideKernels {
    Pack24Kernel nearest, truncate;
};

extern const Pack24Kernels pack24_scalar;
extern const Pack24WideKernels pack24_scalar_wide;
extern const Pack24Kernels pack24_avx2;
extern const Pack24Kernels pack24_avx512;

} // namespace asiowire
