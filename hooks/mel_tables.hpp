// SPDX-License-Identifier: MIT
#pragma once

// What a kernel reads: plain pointers and numbers, since kernels are compiled several times with
// different instruction sets and must not bring along a library's inline functions.

#include <cstddef>
#include <cstdint>

namespace asiowire {

struct Complex64 {
    double re;
    double im;
};

/// One triangular filter: which frequencies of the transform it weighs, and where its weights lie.
struct MelBand {
    std::uint32_t first_bin;
    std::uint32_t n_bins;
    std::uint32_t first_weight;
};

/// One pass of a mixed-radix transform: `length` is what is left to be split by it.
struct FftStage {
    std::size_t radix;
    std::size_t length;
    const Complex64* twiddles; ///< [position in length / radix][output 1…radix-1]
    const Complex64* roots;    ///< [radix] powers of the radix's own root of unity
};

/// A complex transform of products of 2, 3, 5, … (see make_stages).
struct FftTables {
    std::size_t length;
    std::size_t n_stages;
    FftStage stages[20]; // 2^20 needs ten of radix 4
};

/// A real transform of any length n: a complex one of n/2 points when n is even, of n when odd;
/// through a convolution (Bluestein) where that number has a large prime factor.
struct TransformTables {
    std::size_t length;      ///< of the complex transform
    bool packed;             ///< two real samples to a complex one
    bool chirped;            ///< Bluestein
    FftTables fft;           ///< of `length` points, or of the convolution's
    const Complex64* unpack; ///< [length + 1] half a turn's twiddles, when packed
    const Complex64* chirp;  ///< [length] when chirped
    const Complex64* filter; ///< [fft.length] the chirp's spectrum, scaled, when chirped
};

/// Everything constant about a spectrogram.
struct MelTables {
    std::size_t n_fft;
    std::size_t hop;
    std::size_t n_mels;
    std::size_t n_bins;
    std::size_t block;   ///< frames of one call at most
    std::size_t rows;    ///< of the hop-transposed signal
    std::size_t columns; ///< of it, a block's frames and what the last one reaches beyond
    bool is_400;         ///< the fast transform; `offsets` and windows are then in its order
    const std::uint32_t* offsets; ///< [n_fft] where frame 0's samples lie in the transposed signal
    const float* window32;
    const double* window64;
    const MelBand* bands;
    const float* weights32;
    const double* weights64;
    const float* doubt; ///< [n_mels] times the frame's power: below this a band needs float64
    TransformTables transform; ///< unless is_400
};

/// The computation with one instruction set.
struct MelKernel {
    const char* name;
    std::size_t (*workspace_bytes)(const MelTables&);
    /// Computes `frames` (at most a block) from samples that begin with the first one's; values go
    /// to out[mel × stride + frame]. Returns how many frames needed float64 beside float32.
    ///
    /// [any-thread]  no allocation
    /// Shapes   samples: (frames - 1) × hop + n_fft
    /// Ownership  workspace: 64-byte aligned, its contents mean nothing between two calls
    std::size_t (*compute)(const MelTables&, void* workspace, const float* samples,
                           std::size_t frames, float* out, std::size_t stride);
};

} // namespace asiowire
