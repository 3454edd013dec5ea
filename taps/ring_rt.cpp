// SPDX-License-Identifier: MIT
// Runs on the audio thread.

#include "taps/ring.hpp"

#include <cstring>

namespace asiowire {

namespace {

constexpr auto relaxed = std::memory_order_relaxed;

void add(std::atomic<std::uint64_t>& counter, std::uint64_t more) ASIOWIRE_RT
{
    counter.store(counter.load(relaxed) + more, relaxed); // one writer: no locked instruction
}

} // namespace

/// A block that does not fit is remembered whole: its frames, and what it had to say.
void Ring::drop(const RingStamp& stamp) ASIOWIRE_RT
{
    if (dropped_ == 0) add(header_->drops, 1);
    position_ += stamp.missed + stamp.frames;
    dropped_ += stamp.frames;
    missed_ += stamp.missed;
    flags_ |= stamp.flags;
    add(header_->dropped, stamp.frames);
    header_->position.store(position_, relaxed);
}

/// Tells observers what will be overwritten, and steps over the end of the memory.
RingBlock* Ring::claim(std::uint64_t bytes, std::uint64_t skipped) ASIOWIRE_RT
{
    header_->claimed.store(written_ + skipped + bytes, relaxed);
    std::atomic_thread_fence(std::memory_order_release); // before any store into the block
    if (skipped > 0) {
        auto& pad = *reinterpret_cast<RingBlock*>(data_ + offset_);
        pad = {.at = written_,
               .position = position_,
               .bytes = static_cast<std::uint32_t>(skipped),
               .flags = ring_pad};
        written_ += skipped;
        offset_ = 0;
    }
    return reinterpret_cast<RingBlock*>(data_ + offset_);
}

bool Ring::push(const RingStamp& stamp, const float* const* planes) ASIOWIRE_RT
{
    const std::uint64_t bytes = ring_block_bytes(channels_, stamp.frames);
    const std::uint64_t to_the_end = data_bytes_ - offset_;
    const std::uint64_t skipped = bytes > to_the_end ? to_the_end : 0;
    const std::uint64_t keep = header_->keep.load(std::memory_order_acquire);
    const std::uint64_t end = written_ + skipped + bytes;
    if (bytes > data_bytes_ || (keep != RingHeader::nobody && end - keep > data_bytes_)) {
        drop(stamp);
        return false;
    }
    RingBlock& block = *claim(bytes, skipped);
    const std::uint64_t missed = missed_ + stamp.missed;
    position_ += stamp.missed;
    block = {.at = written_,
             .position = position_,
             .clock_ns = stamp.clock_ns,
             .dropped = dropped_,
             .missed = missed,
             .bytes = static_cast<std::uint32_t>(bytes),
             .frames = stamp.frames,
             .channels = channels_,
             .rate = stamp.rate,
             .flags = flags_ | stamp.flags};
    auto* to = reinterpret_cast<float*>(&block + 1);
    for (std::uint32_t c = 0; c < channels_; c++, to += stamp.frames) {
        const std::size_t plane_bytes = std::size_t{stamp.frames} * sizeof(float);
        if (planes[c] != nullptr)
            std::memcpy(to, planes[c], plane_bytes);
        else
            std::memset(to, 0, plane_bytes);
    }
    position_ += stamp.frames;
    dropped_ = missed_ = 0;
    flags_ = 0;
    written_ = end;
    offset_ = offset_ + bytes == data_bytes_ ? 0 : offset_ + bytes;
    add(header_->blocks, 1);
    header_->position.store(position_, relaxed);
    header_->written.store(end, std::memory_order_release);
    return true;
}

} // namespace asiowire
