// SPDX-License-Identifier: MIT
// Runs on the audio thread.

#include "pipewire/rt_state.hpp"

#include <algorithm>
#include <cstring>

namespace asiowire {

namespace {

constexpr auto relaxed = std::memory_order_relaxed;

void count(std::atomic<std::uint64_t>& counter) ASIOWIRE_RT
{
    counter.store(counter.load(relaxed) + 1, relaxed); // one writer: no locked instruction
}

void copy(float* to, const float* from, Frames frames) ASIOWIRE_RT
{
    std::memcpy(to, from, std::size_t{frames} * sizeof(float));
}

void clear(float* to, Frames frames) ASIOWIRE_RT
{
    std::memset(to, 0, std::size_t{frames} * sizeof(float));
}

/// Holds the constant delay over a change of quantum: a larger need is met once with silence, a
/// smaller one changes nothing.
void follow_quantum(RtState& s, Frames quantum) ASIOWIRE_RT
{
    if (s.quantum == quantum) return;
    s.quantum = quantum;
    const Frames delay = s.fifo_delay.load(relaxed);
    const Frames needed = fifo_delay(s.block, quantum, s.filled);
    if (needed <= delay) return;
    s.silence += needed - delay;
    s.fifo_delay.store(needed, relaxed);
}

/// Counts the frames that the graph's clock ran on without us, so that the host's sample position
/// keeps step with the world.
void follow_clock(RtState& s, const Cycle& now) ASIOWIRE_RT
{
    const bool comparable = s.clock_seen && s.clock_id == now.clock_id && !now.discontinuous &&
                            s.quantum == now.quantum;
    if (comparable && now.position > s.next_position) {
        s.missed += now.position - s.next_position;
        count(s.gaps);
    }
    s.clock_seen = true;
    s.clock_id = now.clock_id;
    s.next_position = now.position + now.quantum;
}

void gather(RtState& s, Frames offset, Frames frames) ASIOWIRE_RT
{
    for (std::size_t c = 0; c < s.n_inputs; c++) {
        float* to = s.buffers.input(c, s.half) + s.filled;
        if (s.in[c] != nullptr)
            copy(to, s.in[c] + offset, frames);
        else
            clear(to, frames);
    }
}

/// Plays `frames` of what waits: first due silence, then the older half's rest, then the newer half.
void scatter(RtState& s, Frames offset, Frames frames) ASIOWIRE_RT
{
    const Frames silent = std::min(s.silence, frames);
    const Frames older = s.waiting > s.block ? std::min(s.waiting - s.block, frames - silent) : 0;
    const Frames newer = std::min(s.waiting - older, frames - silent - older);
    // The half filled last is the newest; s.half already points to the next one.
    const std::uint32_t newest = s.half ^ 1;
    const Frames older_from = 2 * s.block - s.waiting;
    const Frames newer_from = s.block - std::min(s.waiting - older, s.block);
    for (std::size_t c = 0; c < s.n_outputs; c++) {
        if (s.out[c] == nullptr) continue;
        float* to = s.out[c] + offset;
        clear(to, silent);
        if (older > 0) copy(to + silent, s.buffers.output(c, newest ^ 1) + older_from, older);
        copy(to + silent + older, s.buffers.output(c, newest) + newer_from, newer);
        clear(to + silent + older + newer, frames - silent - older - newer);
    }
    s.silence -= silent;
    s.waiting -= older + newer;
}

/// Hands the full half over. `behind`: frames of this cycle that come after the block's last one.
void call_host(RtState& s, const Cycle& now, Frames behind, HostSpan& span) ASIOWIRE_RT
{
    const std::uint64_t block_index = s.blocks.load(relaxed);
    const std::uint64_t behind_ns =
        now.rate == 0 ? 0 : std::uint64_t{behind} * 1'000'000'000u / now.rate;
    const Block block = {
        .position = s.missed + block_index * s.block,
        .time_ns = now.time_ns - behind_ns +
                   static_cast<std::uint64_t>(s.clock_offset_ns.load(relaxed)),
        .half = s.half,
        .rate = now.rate,
    };
    if (!s.host(s.host_context, block, span)) s.host_gone = true;
    s.blocks.store(block_index + 1, relaxed);
    s.half ^= 1;
    s.filled = 0;
    s.waiting += s.block;
}

} // namespace

void silent_cycle(RtState& s, Frames quantum) ASIOWIRE_RT
{
    for (std::size_t c = 0; c < s.n_outputs; c++)
        if (s.out[c] != nullptr) clear(s.out[c], quantum);
}

HostTime cycle(RtState& s, const Cycle& now) ASIOWIRE_RT
{
    HostTime time;
    follow_clock(s, now);
    follow_quantum(s, now.quantum);
    s.rate.store(now.rate, relaxed);
    count(s.cycles);

    Frames offset = 0;
    while (offset < now.quantum && !s.host_gone && s.armed.load(relaxed)) {
        const Frames frames = std::min(s.block - s.filled, now.quantum - offset);
        gather(s, offset, frames);
        s.filled += frames;
        if (s.filled == s.block) {
            HostSpan span;
            call_host(s, now, now.quantum - offset - frames, span);
            time.ticks += span.leave - span.enter;
            time.called = true;
        }
        scatter(s, offset, frames);
        offset += frames;
    }
    for (std::size_t c = 0; c < s.n_outputs; c++)
        if (s.out[c] != nullptr) clear(s.out[c] + offset, now.quantum - offset);
    return time;
}

} // namespace asiowire
