// SPDX-License-Identifier: MIT
#pragma once

#include "asio/asio_abi.hpp"
#include "asio/outcome.hpp"

#include <cstdint>

namespace asiowire {

/// What createBuffers may be asked for.
struct BufferLimits {
    std::uint32_t inputs;
    std::uint32_t outputs;
    std::uint32_t min_block; // frames
    std::uint32_t max_block;
};

/// One bit per channel that is to have a buffer; a channel asked for twice is one channel.
struct ChannelMasks {
    std::uint64_t inputs = 0;
    std::uint64_t outputs = 0;
};

/// Says what is wrong with createBuffers' arguments.
/// [any-thread]  pure
/// Errors   bad_argument for pointers and counts; bad_state for sizes and channels, because ASIO's
///          name for them is ASE_InvalidMode
/// Source   ASIO 2.3, ASIOCreateBuffers
Outcome check_request(const asio::BufferInfo* infos, std::int32_t count, std::int32_t frames,
                      const asio::Callbacks* callbacks, const BufferLimits& limits);

/// [any-thread & checked]  pure
ChannelMasks channel_masks(const asio::BufferInfo* infos, std::int32_t count);

} // namespace asiowire
