// SPDX-License-Identifier: MIT
#pragma once

#include "taps/ring.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace asiowire {

inline constexpr std::size_t n_channels = 3;
inline constexpr std::array<RingChannel, n_channels> three_channels = {{
    {RingChannel::input, 0},
    {RingChannel::input, 7},
    {RingChannel::output, 1},
}};
inline constexpr std::uint32_t longest = 2000; // frames

inline std::unique_ptr<Ring> small_ring()
{
    auto ring = Ring::create({.channels = three_channels, .rate = 48000, .seconds = 0.01});
    return ring ? std::move(*ring) : nullptr;
}

/// What a frame of a channel holds in all tests: its position, told apart by channel.
inline float sample_at(std::uint64_t position, std::size_t channel)
{
    return static_cast<float>((position * n_channels + channel) % 8'000'009);
}

/// A producer that knows what it has pushed.
struct Source {
    Ring& ring;
    std::uint64_t position = 0;
    std::vector<float> memory = std::vector<float>(n_channels * longest);

    bool push(std::uint32_t frames, std::uint64_t missed = 0, std::uint32_t flags = 0)
    {
        position += missed;
        std::array<const float*, n_channels> planes{};
        for (std::size_t c = 0; c < n_channels; c++) {
            planes[c] = memory.data() + c * longest;
            for (std::uint32_t i = 0; i < frames; i++)
                memory[c * longest + i] = sample_at(position + i, c);
        }
        const RingStamp stamp = {.clock_ns = position * 1000,
                                 .missed = missed,
                                 .frames = frames,
                                 .rate = 48000,
                                 .flags = flags};
        position += frames;
        return ring.push(stamp, planes.data());
    }
};

inline bool right(const RingBlock& block, const float* samples)
{
    bool same = block.channels == n_channels && block.rate == 48000;
    for (std::size_t c = 0; c < n_channels; c++)
        for (std::uint32_t i = 0; i < block.frames; i++)
            same &= samples[c * block.frames + i] == sample_at(block.position + i, c);
    return same;
}

} // namespace asiowire
