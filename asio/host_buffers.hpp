// SPDX-License-Identifier: MIT
#pragma once

#include "core/reblock.hpp"
#include "core/sample_type.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <windows.h>

namespace asiowire {

/// The host's double buffers, one sample type for all, allocated on the Windows side, because a 32-bit host needs
/// them below 4 GiB; the Unix half writes them directly.
///
/// Shapes   [half][active input channels, then active output channels][frame]
/// Layout   begins on a page; no channel shares a cache line with another; the outputs of a half are
///          one piece, so that one call silences them; from channel to channel the offset within a
///          page moves on, because equal offsets share a few sets of the processor's cache and look
///          to it like the same address when it decides whether a load must wait for a store
class HostBuffers {
public:
    static constexpr std::size_t cache_line = 64;

    /// [any-thread]  null when Windows has no memory
    static std::unique_ptr<HostBuffers> allocate(SampleType type, Frames block,
                                                 std::uint64_t input_mask,
                                                 std::uint64_t output_mask)
    {
        std::unique_ptr<HostBuffers> buffers(
            new HostBuffers(type, block, input_mask, output_mask));
        buffers->base_ = static_cast<std::byte*>(
            VirtualAlloc(nullptr, buffers->bytes(), MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE));
        if (buffers->base_ == nullptr) return nullptr;
        std::memset(buffers->base_, 0, buffers->bytes()); // touched: no page fault while running
        return buffers;
    }
    ~HostBuffers()
    {
        if (base_ != nullptr) VirtualFree(base_, 0, MEM_RELEASE);
    }
    HostBuffers(const HostBuffers&) = delete;
    HostBuffers& operator=(const HostBuffers&) = delete;

    std::size_t channel_stride() const
    {
        const std::size_t channel = std::size_t{block_} * bytes_per_sample(type_);
        return (channel + cache_line - 1) / cache_line * cache_line + cache_line;
    }
    std::size_t half_stride() const { return (n_inputs() + n_outputs()) * channel_stride(); }

    std::byte* inputs() const { return base_; }
    std::byte* outputs() const { return base_ + n_inputs() * channel_stride(); }

    /// The half of a device channel that is active; two requests for one channel share it.
    std::byte* half(bool is_input, std::uint32_t channel, std::uint32_t half) const
    {
        const std::uint64_t below = (std::uint64_t{1} << channel) - 1;
        const auto rank =
            static_cast<std::size_t>(std::popcount((is_input ? input_mask_ : output_mask_) & below));
        return (is_input ? inputs() : outputs()) + rank * channel_stride() + half * half_stride();
    }

    SampleType type() const { return type_; }
    Frames block() const { return block_; }
    std::uint64_t input_mask() const { return input_mask_; }
    std::uint64_t output_mask() const { return output_mask_; }
    bool active(bool is_input, std::uint32_t channel) const
    {
        return channel < 64 && ((is_input ? input_mask_ : output_mask_) >> channel & 1) != 0;
    }

private:
    HostBuffers(SampleType type, Frames block, std::uint64_t input_mask,
                std::uint64_t output_mask)
        : type_(type), block_(block), input_mask_(input_mask), output_mask_(output_mask)
    {
    }
    std::size_t n_inputs() const { return static_cast<std::size_t>(std::popcount(input_mask_)); }
    std::size_t n_outputs() const { return static_cast<std::size_t>(std::popcount(output_mask_)); }
    std::size_t bytes() const { return 2 * half_stride(); }

    const SampleType type_;
    const Frames block_;
    const std::uint64_t input_mask_;
    const std::uint64_t output_mask_;
    std::byte* base_ = nullptr;
};

} // namespace asiowire
