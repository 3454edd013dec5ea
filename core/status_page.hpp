// SPDX-License-Identifier: MIT
#pragma once

#include "core/histogram.hpp"
#include "core/seqlock.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace asiowire {

/// What a driver is doing.
enum class PageState : std::uint32_t {
    open = 0,     ///< a program has it; nothing is prepared
    prepared = 1, ///< buffers are there; not started, or stopped
    running = 2,
    hanging = 3, ///< the host does not come back from its callback
    stalled = 4, ///< started, but the graph turns no cycles
    lost = 5,    ///< its audio thread is dead; good for nothing any more
};

/// What of a status page changes seldom; names are cut off and end with a 0.
struct PageFacts {
    std::array<char, 64> program{};
    std::array<char, 64> node{};
    std::array<char, 128> playback{}; // node played into; "" = none
    std::array<char, 128> capture{};  // node recorded from
    std::array<char, 192> scheduling{}; // what the audio thread obtained, a sentence
    PageState state = PageState::open;
    std::uint32_t inputs = 0; // active channels
    std::uint32_t outputs = 0;
    std::uint32_t block = 0;   // frames; so are those down to the latencies
    std::uint32_t quantum = 0; // of the running graph, or what is expected
    std::uint32_t fifo_delay = 0;
    std::uint32_t budget = 0;
    std::uint32_t input_latency = 0;
    std::uint32_t output_latency = 0; // with fifo_delay and budget
    std::uint32_t rate = 0;           // Hz
    std::uint32_t sample_type = 0;    // SampleType
    std::uint32_t buffered = 0;       // 1: the schedule is buffered, not synchronous
    std::uint32_t runs = 0;           // starts since open
    std::uint32_t hangs = 0;          // since open
};

/// Counted since the latest prepare; one cache line.
struct alignas(64) PageCounters {
    std::atomic<std::uint64_t> cycles{0};
    std::atomic<std::uint64_t> blocks{0};
    std::atomic<std::uint64_t> gaps{0};
    std::atomic<std::uint64_t> overruns{0};
    std::atomic<std::uint64_t> late{0};
    std::atomic<std::uint64_t> xruns_ours{0};
    std::atomic<std::uint64_t> xruns_device{0};
    std::atomic<std::uint64_t> woken_late{0};
};

/// A driver's public record: one file of shared memory, which any program of the user may map and read
/// at any time, and after the driver's end as well. Its layout is fixed by `version`; magic, version,
/// bytes and the owner stay where they are in all versions.
///
/// One writer for each part, plain stores, no lock: a reader may miss the newest values, and does not
/// disturb.
struct StatusPage {
    static constexpr std::uint64_t right_magic = 0x6572'6957'6f69'7341; // "AsioWire"
    static constexpr std::uint32_t right_version = 1;

    std::atomic<std::uint64_t> magic{0}; // written last
    std::uint32_t version = right_version;
    std::uint32_t bytes = 0;       // of the whole page
    std::uint32_t pid = 0;         // the owner's
    std::uint32_t number = 0;      // among the owner's drivers
    std::uint64_t start_time = 0;  // the owner's, as in /proc/PID/stat: a pid alone may be another's
    std::uint64_t opened = 0;      // seconds since 1970

    PageCounters counters; // the audio thread's
    Seqlock<PageFacts> facts; // of threads that take turns

    // Per cycle in which the host was called; ns.
    alignas(64) Histogram wake; // from the cycle's start, by the graph's clock, to our first instruction
    alignas(64) Histogram host; // the host's own code; in the buffered schedule its thread's, per block
    alignas(64) Histogram own;  // all the rest: ours
};

static_assert(std::atomic<std::uint64_t>::is_always_lock_free &&
              std::atomic<std::uint32_t>::is_always_lock_free);
static_assert(offsetof(StatusPage, version) == 8 && offsetof(StatusPage, pid) == 16 &&
              offsetof(StatusPage, start_time) == 24 && offsetof(StatusPage, counters) == 64 &&
              offsetof(StatusPage, facts) == 128 && sizeof(PageFacts) == 632 &&
              offsetof(StatusPage, wake) == 768 && sizeof(Histogram) == 4608 &&
              sizeof(StatusPage) == 768 + 3 * 4608);

} // namespace asiowire
