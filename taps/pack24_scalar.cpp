// SPDX-License-Identifier: MIT
// The rule itself, for every processor; the other instruction sets are judged by it.
#include "taps/pack24_kernels.hpp"

#include <bit>
#include <cstring>

namespace asiowire {
namespace {

constexpr std::int32_t least = -8388608;
constexpr std::int32_t most = 8388607;

template <class T> T load(const unsigned char* from)
{
    T value;
    std::memcpy(&value, from, sizeof value);
    return value;
}

/// Comparisons that a NaN fails give 0; ±Inf and the overflow of the product are clamped.
template <bool truncating> struct OfFloat {
    static std::int32_t code(const unsigned char* from, double scale)
    {
        double v = static_cast<double>(load<float>(from)) * scale;
        v = v == v ? v : 0.0;
        v = v > least ? v : least;
        v = v < most ? v : most;
        if constexpr (truncating) return static_cast<std::int32_t>(v);
        // Adding 1.5 × 2^52 leaves no bit below the integers: rounded to nearest even without the
        // call that std::lrint is. The low half of the sum's bits is the integer.
        return static_cast<std::int32_t>(std::bit_cast<std::int64_t>(v + 6755399441055744.0));
    }
};

struct OfInt {
    static std::int32_t code(const unsigned char* from, double)
    {
        const auto v = load<std::int32_t>(from);
        return v < least ? least : v > most ? most : v;
    }
};

void store(std::uint8_t* to, std::int32_t code)
{
    to[0] = static_cast<std::uint8_t>(code);
    to[1] = static_cast<std::uint8_t>(code >> 8);
    to[2] = static_cast<std::uint8_t>(code >> 16);
}

template <class Of>
void contiguous(const unsigned char* in, std::size_t samples, std::uint8_t* out, double scale)
{
    for (std::size_t i = 0; i < samples; i++)
        store(out + packed_bytes * i, Of::code(in + sample_bytes * i, scale));
}

template <class Of, std::size_t width>
void interleave(const unsigned char* const* in, std::size_t frames, std::uint8_t* out,
                std::size_t out_step, double scale)
{
    for (std::size_t f = 0; f < frames; f++)
        for (std::size_t c = 0; c < width; c++)
            store(out + f * out_step + packed_bytes * c,
                  Of::code(in[c] + sample_bytes * f, scale));
}

template <class Of>
void deinterleave8(const unsigned char* in, std::ptrdiff_t in_step, std::size_t frames,
                   std::uint8_t* const* out, double scale)
{
    for (std::size_t c = 0; c < 8; c++)
        for (std::size_t f = 0; f < frames; f++)
            store(out[c] + packed_bytes * f,
                  Of::code(in + static_cast<std::ptrdiff_t>(f) * in_step + sample_bytes * c,
                           scale));
}

template <class Of>
constexpr Pack24Kernel kernel{contiguous<Of>, interleave<Of, 8>, interleave<Of, 16>,
                              deinterleave8<Of>};

} // namespace

// The product of a float32 and a float32 scale is exact in float64: one code serves both.
const Pack24Kernels pack24_scalar{kernel<OfFloat<false>>, kernel<OfFloat<true>>, kernel<OfInt>};
const Pack24WideKernels pack24_scalar_wide{kernel<OfFloat<false>>, kernel<OfFloat<true>>};

} // namespace asiowire
