// SPDX-License-Identifier: MIT
#pragma once

#include "core/convert.hpp"
#include "core/reblock.hpp"
#include "core/rt.hpp"
#include "core/status_page.hpp"
#include "pipewire/clocks.hpp"
#include "pipewire/xruns.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace asiowire {

/// One block on its way to the host.
struct Block {
    std::uint64_t position; // frames since start of the block's first frame; missed ones count
    std::uint64_t time_ns;  // when its last frame was captured, Wine's performance counter in ns
    std::uint32_t half;     // 0 or 1
    std::uint32_t rate;     // Hz
};

/// Time stamp counter around the host's own code, told by whoever called it.
struct HostSpan {
    std::uint64_t enter = 0;
    std::uint64_t leave = 0;
};

/// How a block reaches the host: over Wine's door, or by a plain call in native programs.
/// [audio-thread & running]  false: nobody is there any more, do not call again
using HostCall = bool (*)(void* context, const Block& block, HostSpan& span) ASIOWIRE_RT;

/// A port's buffer for this cycle, or null when it is not linked; asked once per port and cycle.
/// [audio-thread & running]
using PortBuffer = float* (*)(void* port, Frames frames) ASIOWIRE_RT;

/// Where the host's halves lie: each channel `channel_stride` bytes after the one before, so that the
/// outputs of one half are one piece of memory.
struct HostBuffers {
    std::byte* inputs = nullptr;  // first active input channel, half 0
    std::byte* outputs = nullptr; // first active output channel, half 0
    std::uint32_t channel_stride = 0; // bytes
    std::uint32_t half_stride = 0;    // bytes

    std::byte* input(std::size_t channel, std::uint32_t half) const ASIOWIRE_RT
    {
        return at(inputs, channel, half);
    }
    std::byte* output(std::size_t channel, std::uint32_t half) const ASIOWIRE_RT
    {
        return at(outputs, channel, half);
    }

    /// [audio-thread]  silences every output of a half, padding included; all types' silence is 0
    void clear_outputs(std::size_t n_outputs, std::uint32_t half) const ASIOWIRE_RT
    {
        if (n_outputs > 0) std::memset(at(outputs, 0, half), 0, n_outputs * channel_stride);
    }

private:
    std::byte* at(std::byte* base, std::size_t channel, std::uint32_t half) const ASIOWIRE_RT
    {
        return base + channel * channel_stride + half * half_stride;
    }
};

/// Memory that the way to the host and back will touch. It is cold after every sleep; asking for all
/// of it at the start of a cycle lets the misses happen together, while the ports are copied.
struct WarmList {
    static constexpr std::size_t cache_line = 64;
    std::array<const std::byte*, 96> lines{};
    std::size_t n_lines = 0;

    /// [any-thread & stopped]  what does not fit is left cold
    void add(const void* begin, std::size_t bytes)
    {
        const auto first = reinterpret_cast<std::uintptr_t>(begin) / cache_line;
        const auto last = (reinterpret_cast<std::uintptr_t>(begin) + bytes - 1) / cache_line;
        for (auto line = first; bytes > 0 && line <= last && n_lines < lines.size(); line++)
            lines[n_lines++] = reinterpret_cast<const std::byte*>(line * cache_line);
    }
    /// [audio-thread]  wait-free; a prefetch of memory that is gone is harmless
    void fetch() const ASIOWIRE_RT
    {
        for (std::size_t i = 0; i < n_lines; i++) __builtin_prefetch(lines[i]);
    }
};

class Tap;

/// Everything the audio thread touches, and nothing else: filled before start, then its own until
/// stop, but for the atomics, which say who writes them.
struct RtState {
    static constexpr std::size_t max_channels = 64;

    // Set before start, constant while running.
    Frames block = 0;
    std::size_t n_inputs = 0;
    std::size_t n_outputs = 0;
    std::array<void*, max_channels> input_ports{};
    std::array<void*, max_channels> output_ports{};
    HostBuffers buffers;
    Converter convert = converter(SampleType::float32); // of what lies in `buffers`
    std::uint32_t sample_bytes = bytes_per_sample(SampleType::float32);
    PortBuffer port_buffer = nullptr;
    HostCall host = nullptr;
    void* host_context = nullptr;
    const TickClock* clock = nullptr; // none: nothing is said of overruns
    StatusPage* page = nullptr;       // none: no times are kept
    bool host_elsewhere = false; // it computes on a thread of its own
    WarmList warm;

    // Written by the main loop and the host's threads.
    alignas(64) std::atomic<bool> armed{false}; // true: the host may be called
    std::atomic<bool> unclocked{false}; // true: by the fallback clock, and not by the graph's cycles
    std::atomic<Tap*> tap{nullptr};          // what is recorded; none: nothing
    std::atomic<std::int64_t> clock_offset_ns{0}; // Wine's performance counter − CLOCK_MONOTONIC

    // Written by the audio thread, read by others.
    alignas(64) std::atomic<Frames> graph_quantum{0}; // of the latest cycle, armed or not
    std::atomic<std::uint32_t> graph_rate{0};        // Hz, likewise
    std::atomic<std::uint64_t> graph_cycles{0};      // all of them
    std::atomic<Frames> fifo_delay{0};
    std::atomic<Frames> budget{0}; // of the buffered schedule
    std::atomic<std::uint64_t> cycles{0}; // armed ones
    std::atomic<std::uint64_t> blocks{0};
    std::atomic<std::uint64_t> gaps{0};
    std::atomic<std::uint64_t> overruns{0};   // cycles that ended after the next one was due
    std::atomic<std::uint64_t> late{0};       // blocks a host was too late for (buffered schedule)
    std::atomic<std::uint64_t> host_since{0}; // ticks when the host got its block; 0: it has none;
                                              // written by the host's thread where it has its own

    // The audio thread's own. The double buffer itself is the FIFO: the host's current input half
    // fills up, and what it played before waits in its output halves until its cycle comes.
    alignas(64) Frames filled = 0;  // input frames in the current half, < block
    std::uint32_t half = 0;         // the half that fills, and that the host gets next
    Frames quantum = 0;             // that the delay was made for
    Frames silence = 0;             // frames of silence to be played before anything else
    Frames waiting = 0;             // frames of the host's that wait to be played, ≤ 2 × block
    std::uint64_t missed = 0;       // frames the clock ran on without us
    std::uint64_t next_position = 0;
    std::uint64_t last_time_ns = 0; // of the latest block
    std::uint32_t clock_id = 0;
    bool clock_seen = false;
    bool off_graph = false;          // the latest cycle was the fallback clock's
    std::uint64_t cycle_time_ns = 0; // of the latest cycle
    std::uint32_t cycle_rate = 0;    // likewise, Hz
    double ahead = 0;                // frames that the host had before their time, from clock to clock
    bool host_gone = false;
    Tap* tapping = nullptr; // in this cycle
    Xruns xruns;
    std::array<const float*, max_channels> in{}; // this cycle's port buffers
    std::array<float*, max_channels> out{};
};

/// What the graph says about one cycle.
struct Cycle {
    Frames quantum;         // frames
    std::uint32_t rate;     // Hz
    std::uint64_t time_ns;  // CLOCK_MONOTONIC at the start of the cycle
    std::uint64_t position; // the graph's frame counter
    std::uint32_t clock_id;
    bool discontinuous;     // the counter was allowed to jump
    bool freewheeling = false;     // the graph runs as fast as it can: no cycle is ever due
    std::uint64_t driver_xrun = 0; // what the driver has lost so far, by its own estimate; frames
    bool off_graph = false; // the fallback clock's: there are no ports
};

/// What of a cycle was the host's own.
struct HostTime {
    std::uint64_t ticks = 0;
    bool called = false;
};

/// One graph cycle: gathers inputs, calls the host for every full block, scatters outputs; between the
/// graph's samples and the host's stands `convert`, in these two copies and nowhere else. The host
/// gets its output half silent, so that one that writes nothing is not heard twice.
///
/// [audio-thread & running]  bounded by channels × quantum and the host's own time
/// Shapes   port buffers: [frame] float32, one per channel
/// Errors   an unlinked input reads as silence; a clock that ran on without us counts `gaps`
/// Source   delay rule: core/reblock.hpp
HostTime cycle(RtState& state, const Cycle& now) ASIOWIRE_RT;

/// Counts a cycle that ended after the next one was due: what we played may have come too late for those
/// who play it on, even when the graph's clock has not run on without us. And keeps the status page:
/// whose xruns, and how long everything took. `begin`, `end`: ticks().
/// [audio-thread & running]  wait-free
void account(RtState& state, const Cycle& now, const HostTime& host, std::uint64_t begin,
             std::uint64_t end) ASIOWIRE_RT;
/// Whether the fallback clock has given the host most of this cycle's time already: it was ahead of the
/// graph, which has come back, by a part of a block, or by all that a graph which stood still catches up.
/// [audio-thread & running]
bool lived_already(const RtState& state, const Cycle& now) ASIOWIRE_RT;

/// Takes the inputs, which would not be filled again if they were left, and plays silence; the host
/// is not asked.
/// [audio-thread]
void silent_cycle(RtState& state, Frames quantum) ASIOWIRE_RT;

} // namespace asiowire
