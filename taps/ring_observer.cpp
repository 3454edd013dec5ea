// SPDX-License-Identifier: MIT

#include "taps/ring.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/mman.h>
#include <sys/stat.h>

namespace asiowire {

std::expected<RingObserver, std::string> RingObserver::open(int descriptor)
{
    struct stat facts {};
    if (fstat(descriptor, &facts) != 0) return std::unexpected(std::strerror(errno));
    const auto bytes = static_cast<std::uint64_t>(facts.st_size);
    if (bytes < sizeof(RingHeader)) return std::unexpected("it is too small for a recording ring");
    void* const mapped = mmap(nullptr, bytes, PROT_READ, MAP_SHARED, descriptor, 0);
    if (mapped == MAP_FAILED) return std::unexpected(std::strerror(errno));
    RingMemory memory(mapped, bytes);
    const auto& header = *static_cast<const RingHeader*>(mapped);
    if (header.magic.load(std::memory_order_acquire) != RingHeader::right_magic)
        return std::unexpected("it is no recording ring");
    if (header.version != RingHeader::right_version)
        return std::unexpected("its recording ring has version " + std::to_string(header.version) +
                               ", not " + std::to_string(RingHeader::right_version));
    const bool fits = header.header_bytes >= sizeof(RingHeader) && header.header_bytes <= bytes &&
                      header.data_bytes > 0 && header.data_bytes == bytes - header.header_bytes &&
                      header.channels >= 1 && header.channels <= ring_max_channels;
    if (!fits) return std::unexpected("its recording ring's header is damaged");
    return RingObserver(std::move(memory));
}

RingObserver::RingObserver(RingMemory memory)
    : memory_(std::move(memory)), data_bytes_(header().data_bytes),
      read_(header().written.load(std::memory_order_acquire))
{}

/// A header that was copied while it was overwritten may say anything.
bool RingObserver::plausible(const RingBlock& block) const
{
    const std::uint64_t samples = std::uint64_t{block.channels} * block.frames;
    return block.at == read_ && block.bytes >= sizeof(RingBlock) &&
           block.bytes <= data_bytes_ - read_ % data_bytes_ &&
           ((block.flags & ring_pad) != 0 ||
            samples * sizeof(float) <= block.bytes - sizeof(RingBlock));
}

RingObserver::Found RingObserver::next(RingBlock& block, std::span<float> samples)
{
    for (;;) {
        const std::uint64_t written = header().written.load(std::memory_order_acquire);
        if (read_ == written) return Found::nothing;
        const std::byte* const from = memory_.begin() + header().header_bytes + read_ % data_bytes_;
        std::memcpy(&block, from, sizeof block);
        const bool whole = plausible(block);
        if (whole && (block.flags & ring_pad) == 0)
            std::memcpy(samples.data(), from + sizeof block,
                        std::min(std::size_t{block.channels} * block.frames, samples.size()) *
                            sizeof(float));
        std::atomic_thread_fence(std::memory_order_acquire); // the copy before the question
        const std::uint64_t claimed = header().claimed.load(std::memory_order_relaxed);
        if (!whole || claimed - read_ > data_bytes_) {
            read_ = header().written.load(std::memory_order_acquire);
            return Found::overwritten;
        }
        read_ += block.bytes;
        if ((block.flags & ring_pad) == 0) return Found::block;
    }
}

bool RingObserver::ended() const
{
    return header().ended.load(std::memory_order_acquire) != 0;
}

} // namespace asiowire
