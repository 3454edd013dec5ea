// SPDX-License-Identifier: MIT
#pragma once

#include "core/reblock.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <windows.h>

namespace asiowire {

/// The host's double buffers, float32, allocated on the Windows side, because a 32-bit host needs
/// them below 4 GiB; the Unix half writes them directly.
///
/// Shapes   [active input channels, then active output channels][half][frame]
/// Layout   begins on a page; no half shares a cache line with another; from channel to channel the
///          offset within a page moves on, because the processor takes addresses that are equal in
///          their last twelve bits for the same when it decides whether a load must wait for a
///          store, and because they would share a few sets of its cache
class HostBuffers {
public:
    static constexpr std::size_t cache_line = 64;

    /// [any-thread]  null when Windows has no memory
    static std::unique_ptr<HostBuffers> allocate(Frames block, std::uint64_t input_mask,
                                                 std::uint64_t output_mask)
    {
        std::unique_ptr<HostBuffers> buffers(new HostBuffers(block, input_mask, output_mask));
        buffers->base_ = static_cast<std::byte*>(
            VirtualAlloc(nullptr, buffers->bytes(), MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE));
        if (buffers->base_ == nullptr) return nullptr;
        buffers->clear();
        return buffers;
    }
    ~HostBuffers()
    {
        if (base_ != nullptr) VirtualFree(base_, 0, MEM_RELEASE);
    }
    HostBuffers(const HostBuffers&) = delete;
    HostBuffers& operator=(const HostBuffers&) = delete;

    std::size_t half_stride() const { return round_up(half_bytes(), cache_line); }
    std::size_t channel_stride() const { return 2 * half_stride() + cache_line; }
    std::size_t half_bytes() const { return std::size_t{block_} * sizeof(float); }

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

    /// Silence everywhere, as the engine expects it at start; and every page touched, so that the
    /// audio thread meets no page fault.
    /// [any-thread & stopped]
    void clear() const { std::memset(base_, 0, bytes()); }

    Frames block() const { return block_; }
    std::uint64_t input_mask() const { return input_mask_; }
    std::uint64_t output_mask() const { return output_mask_; }
    bool active(bool is_input, std::uint32_t channel) const
    {
        return channel < 64 && ((is_input ? input_mask_ : output_mask_) >> channel & 1) != 0;
    }

private:
    HostBuffers(Frames block, std::uint64_t input_mask, std::uint64_t output_mask)
        : block_(block), input_mask_(input_mask), output_mask_(output_mask)
    {
    }
    static constexpr std::size_t round_up(std::size_t bytes, std::size_t to)
    {
        return (bytes + to - 1) / to * to;
    }
    std::size_t n_inputs() const { return static_cast<std::size_t>(std::popcount(input_mask_)); }
    std::size_t bytes() const
    {
        return (n_inputs() + static_cast<std::size_t>(std::popcount(output_mask_))) *
               channel_stride();
    }

    const Frames block_;
    const std::uint64_t input_mask_;
    const std::uint64_t output_mask_;
    std::byte* base_ = nullptr;
};

} // namespace asiowire
