// SPDX-License-Identifier: MIT
// Runs on the audio thread.

#include "core/ticks.hpp"
#include "pipewire/rt_state.hpp"
#include "pipewire/tap.hpp"

#include <algorithm>
#include <cstring>

namespace asiowire {

namespace {

constexpr auto relaxed = std::memory_order_relaxed;

void count(std::atomic<std::uint64_t>& counter) ASIOWIRE_RT
{
    counter.store(counter.load(relaxed) + 1, relaxed); // one writer: no locked instruction
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

/// When the latest cycle's time is over, on the graph's clock.
double due_ns(const RtState& s) ASIOWIRE_RT
{
    const double cycle_ns = s.cycle_rate == 0 ? 0 : 1e9 * s.quantum / s.cycle_rate;
    return static_cast<double>(s.cycle_time_ns) + cycle_ns;
}

/// Counts the frames between the graph's clock and the fallback clock, or back. Two clocks count
/// differently, so their time has to say it; where one begins before the other's last cycle is over,
/// the difference is kept for the next change.
void change_clock(RtState& s, const Cycle& now) ASIOWIRE_RT
{
    const double apart_ns = static_cast<double>(now.time_ns) - due_ns(s);
    const double frames = apart_ns * now.rate / 1e9 - s.ahead;
    const auto missed = static_cast<std::uint64_t>(std::max(frames, 0.0));
    s.missed += missed;
    s.ahead = static_cast<double>(missed) - frames;
    if (now.off_graph) count(s.gaps);
}

/// Counts the frames that the graph's clock ran on without us, so that the host's sample position
/// keeps step with the world.
void follow_clock(RtState& s, const Cycle& now) ASIOWIRE_RT
{
    const bool other_clock = s.off_graph != now.off_graph || (now.off_graph && now.discontinuous);
    if (s.clock_seen && other_clock) change_clock(s, now);
    const bool comparable = s.clock_seen && s.clock_id == now.clock_id && !now.discontinuous &&
                            !other_clock && s.quantum == now.quantum;
    if (comparable && now.position > s.next_position) {
        s.missed += now.position - s.next_position;
        count(s.gaps);
    }
    s.clock_seen = true;
    s.clock_id = now.clock_id;
    s.off_graph = now.off_graph;
    s.cycle_time_ns = now.time_ns;
    s.cycle_rate = now.rate;
    s.next_position = now.position + now.quantum;
}

/// Asks early for the lines of the port buffer that a later channel had in the last cycle, which is
/// the one it has now as long as the graph stays as it is: another processor touched them last.
template <auto prefetch_line, class Buffers>
void fetch_ahead(const Buffers& buffers, std::size_t channel, std::size_t n, Frames offset,
                 Frames frames) ASIOWIRE_RT
{
    constexpr std::size_t channels_ahead = 3; // 2 to 8 measured alike
    constexpr Frames line = 16;               // frames of a cache line
    constexpr Frames at_most = 128;           // beyond that the processor sees the pattern itself
    const std::size_t ahead = channel + channels_ahead;
    if (ahead >= n || buffers[ahead] == nullptr) return;
    for (Frames i = 0; i < std::min(frames, at_most); i += line)
        prefetch_line(buffers[ahead] + offset + i);
}

void to_read(const float* line) ASIOWIRE_RT
{
    __builtin_prefetch(line);
}

/// By name, because compilers turn a prefetch for writing into one for reading unless told that the
/// processor has it; one fetched for reading costs a second trip for the right to write (scatter of
/// 32 channels × 64 frames: 4.0 µs instead of 1.7). x86-64 processors without it take it as a no-op.
void to_write(const float* line) ASIOWIRE_RT
{
    asm volatile("prefetchw %0" : : "m"(*line));
}

/// Fetching a port's buffer and copying from it belong in one pass: the processor then overlaps the
/// search for the next buffer with the copy of this one.
void gather(RtState& s, Frames quantum, Frames offset, Frames frames) ASIOWIRE_RT
{
    for (std::size_t c = 0; c < s.n_inputs; c++) {
        fetch_ahead<to_read>(s.in, c, s.n_inputs, offset, frames);
        if (offset == 0)
            s.in[c] = s.off_graph ? nullptr : s.port_buffer(s.input_ports[c], quantum);
        std::byte* to = s.buffers.input(c, s.half) + std::size_t{s.filled} * s.sample_bytes;
        if (s.in[c] != nullptr)
            s.convert.from_float(to, s.in[c] + offset, frames);
        else
            std::memset(to, 0, std::size_t{frames} * s.sample_bytes);
    }
}

/// Plays `frames` of what waits: first due silence, then the older half's rest, then the newer half.
void scatter(RtState& s, Frames quantum, Frames offset, Frames frames) ASIOWIRE_RT
{
    const Frames silent = std::min(s.silence, frames);
    const Frames older = s.waiting > s.block ? std::min(s.waiting - s.block, frames - silent) : 0;
    const Frames newer = std::min(s.waiting - older, frames - silent - older);
    // The half filled last is the newest; s.half already points to the next one.
    const std::uint32_t newest = s.half ^ 1;
    const std::size_t older_from = std::size_t{2 * s.block - s.waiting} * s.sample_bytes;
    const std::size_t newer_from =
        std::size_t{s.block - std::min(s.waiting - older, s.block)} * s.sample_bytes;
    for (std::size_t c = 0; c < s.n_outputs; c++) {
        fetch_ahead<to_write>(s.out, c, s.n_outputs, offset, frames);
        if (offset == 0)
            s.out[c] = s.off_graph ? nullptr : s.port_buffer(s.output_ports[c], quantum);
        if (offset == 0 && s.out[c] == nullptr && s.tapping != nullptr)
            s.out[c] = s.tapping->spare(c, quantum); // nobody listens, but it is recorded
        if (s.out[c] == nullptr) continue;
        float* to = s.out[c] + offset;
        if (silent > 0) clear(to, silent);
        if (older > 0)
            s.convert.to_float(to + silent, s.buffers.output(c, newest ^ 1) + older_from, older);
        s.convert.to_float(to + silent + older, s.buffers.output(c, newest) + newer_from, newer);
        const Frames missing = frames - silent - older - newer;
        if (missing > 0) clear(to + frames - missing, missing);
    }
    s.silence -= silent;
    s.waiting -= older + newer;
}

void turn_half(RtState& s) ASIOWIRE_RT
{
    s.half ^= 1;
    s.filled = 0;
    s.waiting += s.block;
}

/// When a block's last frame was captured, on Wine's clock. Never a step back: when the quantum grows,
/// the frames of one cycle reach further into the past than the time that has gone by.
std::uint64_t block_time_ns(RtState& s, const Cycle& now, Frames behind) ASIOWIRE_RT
{
    const std::uint64_t behind_ns =
        behind == 0 || now.rate == 0 ? 0 : std::uint64_t{behind} * 1'000'000'000u / now.rate;
    const std::uint64_t captured_ns =
        now.time_ns - behind_ns + static_cast<std::uint64_t>(s.clock_offset_ns.load(relaxed));
    s.last_time_ns = std::max(captured_ns, s.last_time_ns + 1);
    return s.last_time_ns;
}

/// Hands the full half over. `behind`: frames of this cycle that come after the block's last one.
void call_host(RtState& s, const Cycle& now, Frames behind, HostSpan& span) ASIOWIRE_RT
{
    const std::uint64_t block_index = s.blocks.load(relaxed);
    const Block block = {
        .position = s.missed + block_index * s.block,
        .time_ns = block_time_ns(s, now, behind),
        .half = s.half,
        .rate = now.rate,
    };
    s.buffers.clear_outputs(s.n_outputs, s.half);
    if (!s.host_elsewhere) s.host_since.store(ticks(), relaxed);
    if (!s.host(s.host_context, block, span)) s.host_gone = true;
    if (!s.host_elsewhere) s.host_since.store(0, relaxed);
    s.blocks.store(block_index + 1, relaxed);
    turn_half(s);
}

} // namespace

bool lived_already(const RtState& s, const Cycle& now) ASIOWIRE_RT
{
    if (!s.off_graph || now.rate == 0) return false;
    const double half_cycle_ns = 5e8 * now.quantum / now.rate;
    constexpr double absurd_ns = 60e9; // a time of another kind than ours
    const double ahead_ns = due_ns(s) - static_cast<double>(now.time_ns);
    return ahead_ns > half_cycle_ns && ahead_ns < absurd_ns;
}

void silent_cycle(RtState& s, Frames quantum) ASIOWIRE_RT
{
    for (std::size_t c = 0; c < s.n_inputs; c++) s.port_buffer(s.input_ports[c], quantum);
    for (std::size_t c = 0; c < s.n_outputs; c++)
        if (float* out = s.port_buffer(s.output_ports[c], quantum)) clear(out, quantum);
}

HostTime cycle(RtState& s, const Cycle& now) ASIOWIRE_RT
{
    HostTime time;
    s.warm.fetch();
    follow_clock(s, now);
    follow_quantum(s, now.quantum);
    count(s.cycles);
    s.tapping = Tap::now(s);

    Frames offset = 0;
    while (offset < now.quantum) {
        const Frames frames = std::min(s.block - s.filled, now.quantum - offset);
        gather(s, now.quantum, offset, frames);
        s.filled += frames;
        if (s.filled == s.block) {
            if (s.host_gone || !s.armed.load(relaxed)) {
                s.buffers.clear_outputs(s.n_outputs, s.half); // the host has stopped
                turn_half(s);
            } else {
                HostSpan span;
                call_host(s, now, now.quantum - offset - frames, span);
                time.ticks += span.leave - span.enter;
                time.called = true;
            }
        }
        scatter(s, now.quantum, offset, frames);
        offset += frames;
    }
    if (s.tapping != nullptr) s.tapping->push(s, now);
    return time;
}

} // namespace asiowire
