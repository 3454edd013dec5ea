// SPDX-License-Identifier: MIT
// Runs on the audio thread.

#include "core/ticks.hpp"
#include "pipewire/node.hpp"
#include "pipewire/settings.hpp"

#include <cstddef>
#include <cstring>

namespace asiowire {

namespace {

// SPA_IO_CLOCK_FLAG_DISCONT, which headers before 1.2 do not name; older daemons never set the bit.
constexpr std::uint32_t clock_flag_discont = 1u << 4;

/// What the driver says it has lost, by its estimate: `xrun`, which older headers call padding, and
/// older daemons leave 0.
/// Source   PipeWire, spa/include/spa/node/io.h, before and after the member was named
std::uint64_t driver_xrun(const spa_io_clock& clock) ASIOWIRE_RT
{
    constexpr std::size_t offset = 152;
    static_assert(offsetof(spa_io_clock, next_nsec) == 120);
    static_assert(sizeof(spa_io_clock) >= offset + sizeof(std::uint64_t));
    std::uint64_t frames = 0;
    std::memcpy(&frames, reinterpret_cast<const std::byte*>(&clock) + offset, sizeof frames);
    return frames;
}

} // namespace

float* Node::dsp_buffer(void* port, Frames frames) ASIOWIRE_RT
{
    ASIOWIRE_RT_UNKNOWN_BEGIN("declared without effects in pipewire/filter.h; see node.hpp")
    return static_cast<float*>(pw_filter_get_dsp_buffer(port, frames));
    ASIOWIRE_RT_UNKNOWN_END
}

float* Node::port_buffer(void* port, Frames frames) ASIOWIRE_RT
{
    const auto* const ours = static_cast<const Port*>(port);
    if (!ours->plays) return dsp_buffer(port, frames);
    const spa_io_buffers* const exchange = __atomic_load_n(&ours->exchange, __ATOMIC_ACQUIRE);
    if (exchange == nullptr) return nullptr;
    const bool lies_there =
        __atomic_load_n(&exchange->status, __ATOMIC_RELAXED) == SPA_STATUS_HAVE_DATA;
    return lies_there ? nullptr : dsp_buffer(port, frames);
}

void Node::on_process(void* self, spa_io_position* position) ASIOWIRE_RT
{
    const std::uint64_t begin = ticks();
    RtState& s = static_cast<Node*>(self)->state_;
    const spa_io_clock& clock = position->clock;
    const Cycle now = {
        .quantum = static_cast<Frames>(clock.duration),
        .rate = clock.rate.denom,
        .time_ns = clock.nsec,
        .position = clock.position,
        .clock_id = clock.id,
        .discontinuous = (clock.flags & clock_flag_discont) != 0,
        .freewheeling = (clock.flags & SPA_IO_CLOCK_FLAG_FREEWHEEL) != 0,
        .driver_xrun = driver_xrun(clock),
    };
    s.graph_quantum.store(now.quantum, std::memory_order_relaxed);
    s.graph_rate.store(now.rate, std::memory_order_relaxed);
    s.graph_cycles.store(s.graph_cycles.load(std::memory_order_relaxed) + 1,
                         std::memory_order_relaxed);
    if (!s.armed.load(std::memory_order_acquire) || now.quantum == 0 ||
        s.unclocked.load(std::memory_order_acquire) || lived_already(s, now)) {
        silent_cycle(s, now.quantum);
        s.xruns.forget();
        return;
    }
    const HostTime host = cycle(s, now);
    account(s, now, host, begin, ticks());
}

} // namespace asiowire
