// SPDX-License-Identifier: MIT
#pragma once

#include "core/seqlock.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace asiowire {

/// What a block of the ring says of itself besides its samples.
enum RingFlag : std::uint32_t {
    ring_pad = 1u << 0,  ///< no audio: the rest of the memory before the ring begins again
    ring_gap = 1u << 1,  ///< the graph's clock ran on without us before this block: see `missed`
    ring_xrun = 1u << 2, ///< a cycle before this block ended late, or the device lost frames
    ring_late = 1u << 3, ///< a host of the buffered schedule was too late for an earlier block
};

/// What a block begins with; its samples follow it, [channel][frame] float32, channel after channel
/// without a gap. Blocks begin at multiples of 64 bytes and never wrap.
struct RingBlock {
    std::uint64_t at = 0; // bytes since the ring began: where this block says it lies
    std::uint64_t position =
        0; // of the first frame, since the ring began; missed and dropped count
    std::uint64_t clock_ns = 0; // CLOCK_MONOTONIC at the start of the cycle
    std::uint64_t dropped = 0;  // frames that found no room, right before this block
    std::uint64_t missed = 0;   // frames the graph's clock ran on without us, before this block
    std::uint32_t bytes = 0;    // of all of it, this header included
    std::uint32_t frames = 0;
    std::uint32_t channels = 0;
    std::uint32_t rate = 0; // Hz
    std::uint32_t flags = 0;
    std::uint32_t reserved = 0;
};

/// What a channel of the ring is.
struct RingChannel {
    static constexpr std::uint16_t input = 0;  // as given to the host
    static constexpr std::uint16_t output = 1; // as taken from it
    std::uint16_t direction = input;
    std::uint16_t number = 0; // among the device's channels of that direction, from 0
};

inline constexpr std::size_t ring_max_channels = 128;

/// Where frames of a take are in the ring: frame `frame` of the take is the ring's frame `position`,
/// and so on until the next place.
struct RingPlace {
    std::uint64_t frame = 0;
    std::uint64_t position = 0;
};

/// What the ring's recorder says of a take that it makes of the ring's blocks.
struct RingTake {
    static constexpr std::uint64_t open = ~std::uint64_t{0};
    static constexpr std::size_t most_places = 16;
    static constexpr std::size_t most_path = 1024; // its end included

    std::uint64_t number = 0;   // 1 for the ring's first
    std::uint64_t end = open;   // position behind its last frame
    std::uint64_t n_places = 0; // said so far; the first is where the take begins
    std::array<RingPlace, most_places> places{}; // number n at n % most_places
    std::uint32_t rate = 0;                      // Hz
    std::uint32_t hooks = 0;             // 1: results of hooks are wanted in its folder
    std::array<char, most_path> folder{}; // absolute
};

/// The first page of the ring's memory; `header_bytes` later the blocks begin.
///
/// One producer, the audio thread, puts blocks behind each other and begins anew at the end of the
/// memory: the block at position p (bytes since the ring began) lies at p % data_bytes. Whoever
/// reads follows `written` block by block. Two kinds of readers:
///
/// - The recorder, at most one, in the producer's process. What lies at `keep` and behind is never
///   overwritten: a block that has no room is dropped and counted. `keep` == nobody: no recorder.
/// - Observers, any number, in any process, read-only. Nobody waits for them or knows of them. What
///   they copied was whole only if, after the copy, `claimed` − p ≤ data_bytes; else it has been
///   overwritten, and they go on at `written`, which is always the beginning of a block.
///
/// The layout is fixed by `version`; magic, version and header_bytes stay where they are.
struct RingHeader {
    static constexpr std::uint64_t right_magic = 0x676e'6952'4f49'5341; // "ASIORing"
    static constexpr std::uint32_t right_version = 1;
    static constexpr std::uint64_t nobody = ~std::uint64_t{0};

    std::atomic<std::uint64_t> magic{0}; // written last
    std::uint32_t version = right_version;
    std::uint32_t header_bytes = 0; // where the blocks begin
    std::uint64_t data_bytes = 0;   // of the memory for blocks
    std::uint32_t channels = 0;     // of every block
    std::uint32_t pid = 0;          // the producer's

    // The producer's.
    alignas(64) std::atomic<std::uint64_t> claimed{0}; // where what it may be writing ends
    std::atomic<std::uint64_t> written{0};             // what can be read ends here
    std::atomic<std::uint64_t> position{0}; // frames since the ring began, of the next one
    std::atomic<std::uint64_t> blocks{0};   // put in
    std::atomic<std::uint64_t> dropped{0};  // frames, ever
    std::atomic<std::uint64_t> drops{0};    // runs of dropped blocks, ever

    // The recorder's.
    alignas(64) std::atomic<std::uint64_t> keep{
        nobody}; // what is not to be overwritten begins here

    // The owner's.
    alignas(64) std::atomic<std::uint32_t> ended{0}; // 1: nothing will come any more

    alignas(64) std::array<RingChannel, ring_max_channels> map{};

    // The recorder's, again, for those who lay something beside its takes. Older ones leave it 0.
    alignas(64) std::atomic<std::uint64_t> takes_begun{0};
    /// Blocks before this position are in the take that they belong to, with all its places told.
    std::atomic<std::uint64_t> recorded{0};
    std::atomic<std::uint32_t> preroll_s{0}; // how long before it is begun a take may begin
    std::array<Seqlock<RingTake>, 2> takes{}; // the two latest; number n at n % 2
};

static_assert(std::atomic<std::uint64_t>::is_always_lock_free &&
              std::atomic<std::uint32_t>::is_always_lock_free);
static_assert(sizeof(RingBlock) == 64 && offsetof(RingBlock, bytes) == 40);
static_assert(offsetof(RingHeader, version) == 8 && offsetof(RingHeader, header_bytes) == 12 &&
              offsetof(RingHeader, data_bytes) == 16 && offsetof(RingHeader, claimed) == 64 &&
              offsetof(RingHeader, written) == 72 && offsetof(RingHeader, keep) == 128 &&
              offsetof(RingHeader, ended) == 192 && offsetof(RingHeader, map) == 256 &&
              sizeof(RingHeader) <= 4096);

/// Bytes of a block, header and padding included.
/// [any-thread]  pure
constexpr std::uint64_t ring_block_bytes(std::uint64_t channels, std::uint64_t frames) noexcept
{
    constexpr std::uint64_t line = 64;
    const std::uint64_t bytes = sizeof(RingBlock) + channels * frames * sizeof(float);
    return (bytes + line - 1) / line * line;
}

} // namespace asiowire
