// SPDX-License-Identifier: MIT

#include "asio/buffer_request.hpp"

#include "wine/abi.h"

namespace asiowire {

namespace {

constexpr std::int32_t max_requests = 4 * abi::max_channels; // every channel, each twice

Outcome check_size(std::int32_t frames, const BufferLimits& limits)
{
    const std::int64_t wanted = frames;
    if (wanted >= limits.min_block && wanted <= limits.max_block) return Status::ok;
    const std::string size = std::to_string(frames) + " frames are not ";
    if (limits.min_block == limits.max_block)
        return {Status::bad_state, size + "the fixed size of " + std::to_string(limits.min_block)};
    return {Status::bad_state, size + "within " + std::to_string(limits.min_block) + " to " +
                                   std::to_string(limits.max_block)};
}

Outcome check_channel(const asio::BufferInfo& info, const BufferLimits& limits)
{
    if (info.is_input != 0 && info.is_input != 1)
        return {Status::bad_state, "isInput is neither 0 nor 1"};
    const std::uint32_t channels = info.is_input != 0 ? limits.inputs : limits.outputs;
    if (info.channel >= 0 && static_cast<std::uint32_t>(info.channel) < channels) return Status::ok;
    return {Status::bad_state, std::string(info.is_input != 0 ? "input" : "output") + " channel " +
                                   std::to_string(info.channel) + " does not exist; there are " +
                                   std::to_string(channels)};
}

} // namespace

Outcome check_request(const asio::BufferInfo* infos, std::int32_t count, std::int32_t frames,
                      const asio::Callbacks* callbacks, const BufferLimits& limits)
{
    if (infos == nullptr || callbacks == nullptr)
        return {Status::bad_argument, "a pointer is null"};
    if (callbacks->buffer_switch == nullptr && callbacks->buffer_switch_time_info == nullptr)
        return {Status::bad_argument, "there is no bufferSwitch to call"};
    if (count < 1 || count > max_requests)
        return {Status::bad_argument, std::to_string(count) + " buffers cannot be made"};
    if (Outcome size = check_size(frames, limits); size.status != Status::ok) return size;
    for (const asio::BufferInfo* info = infos; info != infos + count; info++)
        if (Outcome channel = check_channel(*info, limits); channel.status != Status::ok)
            return channel;
    return Status::ok;
}

ChannelMasks channel_masks(const asio::BufferInfo* infos, std::int32_t count)
{
    ChannelMasks masks;
    for (const asio::BufferInfo* info = infos; info != infos + count; info++)
        (info->is_input != 0 ? masks.inputs : masks.outputs) |= std::uint64_t{1} << info->channel;
    return masks;
}

} // namespace asiowire
