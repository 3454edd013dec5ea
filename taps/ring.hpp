// SPDX-License-Identifier: MIT
#pragma once

#include "core/rt.hpp"
#include "taps/ring_layout.hpp"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>

namespace asiowire {

/// What the producer knows of a block besides its samples.
struct RingStamp {
    std::uint64_t clock_ns = 0;
    std::uint64_t missed = 0; // frames
    std::uint32_t frames = 0;
    std::uint32_t rate = 0; // Hz
    std::uint32_t flags = 0;
};

/// Pages of the ring, mapped into this process.
class RingMemory {
public:
    RingMemory() = default;
    RingMemory(void* memory, std::size_t bytes) : memory_(memory), bytes_(bytes) {}
    ~RingMemory();
    RingMemory(RingMemory&& other) noexcept;
    RingMemory& operator=(RingMemory&& other) noexcept;

    std::byte* begin() const { return static_cast<std::byte*>(memory_); }
    std::size_t bytes() const { return bytes_; }

private:
    void* memory_ = nullptr;
    std::size_t bytes_ = 0;
};

/// The recording tap's ring: planar float32 blocks from the audio thread to whoever records or
/// looks on. Its memory is a memfd, there and touched from the start, locked where the limits
/// allow.
class Ring {
public:
    /// What a ring is made for; capacity in seconds of uninterrupted audio.
    struct Shape {
        std::span<const RingChannel> channels; // 1…ring_max_channels
        std::uint32_t rate = 48000;            // Hz, the highest that is expected
        double seconds = 10;
    };

    /// [any-thread but the audio thread]
    /// Errors   a sentence: more memory than there is
    static std::expected<std::unique_ptr<Ring>, std::string> create(const Shape& shape);

    ~Ring();
    Ring(const Ring&) = delete;
    Ring& operator=(const Ring&) = delete;

    /// Puts one block behind the others, or drops all of it, in all channels, when the recorder has
    /// left no room; a drop is counted and told in the next block that fits.
    ///
    /// [audio-thread, one at a time]  wait-free, O(channels × frames), no system call
    /// Shapes   planes: [channel][frame], as many as the ring has channels; a null channel is
    /// silence Errors   false: dropped
    bool push(const RingStamp& stamp, const float* const* planes) ASIOWIRE_RT;

    const RingHeader& header() const { return *header_; }
    std::uint32_t channels() const { return channels_; }

    /// Whether the memory cannot be swapped out. [any-thread]
    bool locked() const { return locked_; }

    /// For observers: mapped read-only (a writable mapping is refused by the kernel), in this
    /// process or, inherited, passed on or opened as /proc/PID/fd/N, in another one of the same
    /// user. [any-thread]  Ownership  stays the ring's
    int descriptor() const { return file_; }

private:
    friend class RingReader;
    friend class RingTakes;
    Ring() = default;
    void drop(const RingStamp& stamp) ASIOWIRE_RT;
    RingBlock* claim(std::uint64_t bytes, std::uint64_t skipped) ASIOWIRE_RT;

    RingMemory memory_;
    RingHeader* header_ = nullptr;
    std::byte* data_ = nullptr;
    std::uint64_t data_bytes_ = 0;
    std::uint32_t channels_ = 0;
    bool locked_ = false;
    int file_ = -1;

    // The audio thread's own.
    alignas(64) std::uint64_t written_ = 0; // bytes since the ring began
    std::uint64_t offset_ = 0;              // written_ % data_bytes_
    std::uint64_t position_ = 0;            // frames
    std::uint64_t dropped_ = 0;             // frames, since the latest block that fitted
    std::uint64_t missed_ = 0;              // of the blocks that were dropped
    std::uint32_t flags_ = 0;               // likewise
};

/// The recorder's end of a ring: loses nothing that the ring has room for.
///
/// As long as it exists the producer keeps what has not been popped.
/// [disk-thread, one per ring]
class RingReader {
public:
    /// Begins with the next block. Ownership  the ring stays the caller's and outlives this
    explicit RingReader(Ring& ring);
    ~RingReader();
    RingReader(const RingReader&) = delete;
    RingReader& operator=(const RingReader&) = delete;

    /// The oldest block that has not been popped; null: there is none.
    const RingBlock* front();

    /// As front(), `behind` being a block that front() or next() gave.
    const RingBlock* next(const RingBlock& behind) const;

    /// Gives the oldest block's room back.
    void pop();

    /// Share of the room that is taken, 0…1. [any-thread]
    double fill() const;

    /// A channel of a block. Shapes: [frame]
    static const float* plane(const RingBlock& block, std::size_t channel)
    {
        return reinterpret_cast<const float*>(&block + 1) + channel * block.frames;
    }

private:
    const RingBlock* at(std::uint64_t position) const;

    Ring& ring_;
    std::uint64_t read_ = 0;
};

/// A look at another process's ring, or at ours: follows it without being noticed, and says when it
/// was too slow.
/// [any-thread, one at a time]
class RingObserver {
public:
    /// Begins with the next block.
    /// Errors   a sentence: it is no ring, has another version, or is damaged
    static std::expected<RingObserver, std::string> open(int descriptor);

    enum class Found {
        nothing,     ///< no news
        block,       ///< copied
        overwritten, ///< the observer was too slow and goes on with the next new block
    };

    /// Copies the next block: header, and samples [channel][frame] as far as they fit.
    /// Shapes   samples: at least channels × frames, else what fits; 8192 frames are the longest
    /// cycle
    Found next(RingBlock& block, std::span<float> samples);

    /// Nothing will come any more.
    bool ended() const;

    std::uint32_t channels() const { return header().channels; }
    std::span<const RingChannel> map() const { return {header().map.data(), channels()}; }
    const RingHeader& header() const
    {
        return *reinterpret_cast<const RingHeader*>(memory_.begin());
    }

private:
    explicit RingObserver(RingMemory memory);
    bool plausible(const RingBlock& block) const;

    RingMemory memory_;
    std::uint64_t data_bytes_ = 0; // as checked once: the memory is not ours
    std::uint64_t read_ = 0;
};

} // namespace asiowire
