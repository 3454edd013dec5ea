// SPDX-License-Identifier: MIT
#include "audio_rt.hpp"

#include <cstring>

#include "win_clock.hpp"

// A 32-bit Windows program only promises 4-byte stack alignment, vector code wants 16.
#if defined(__i386__)
#define ASIOHOST_ENTRY __attribute__((force_align_arg_pointer))
#else
#define ASIOHOST_ENTRY
#endif

// Nothing here is noexcept: that gives a frame a personality routine, which Wine takes for a
// Windows exception handler in a winelib program, so that a crash further up never ends the
// process.

namespace asiohost {
namespace {

std::atomic<RtState*> current{nullptr};

std::int64_t wide(asio::Wide value)
{
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(value.hi) << 32 | value.lo);
}

void note_time(RtState& rt, std::int64_t entered, const asio::TimeInfo& info)
{
    const std::int64_t system_time = wide(info.system_time);
    if ((info.flags & asio::kSystemTimeValid) != 0 && system_time != 0)
        rt.wakes.add(system_time_difference_ns(ticks_to_ns(entered) + rt.system_time_offset_ns,
                                               system_time));
    if ((info.flags & asio::kSamplePositionValid) != 0) {
        const std::int64_t position = wide(info.sample_position);
        if (rt.next_position >= 0 && position != rt.next_position) rt.position_jumps++;
        rt.next_position = position + rt.block;
    }
}

void note_entry(RtState& rt, std::int64_t entered, std::int64_t block, int half)
{
    if (block == 0) {
        rt.first_tick = entered;
        rt.first_thread = GetCurrentThreadId();
    } else {
        const std::int64_t last = rt.last_tick.load(std::memory_order_relaxed);
        rt.intervals.add(ticks_to_ns(entered - last));
    }
    if (half == rt.last_half) rt.wrong_halves++;
    rt.last_half = half;
    rt.last_tick.store(entered, std::memory_order_relaxed);
}

void fill_sound(const RtState& rt, float* to)
{
    const auto length = static_cast<std::int64_t>(rt.sound.size());
    std::int64_t at = rt.frames % length;
    for (int i = 0; i < rt.block; i++) {
        to[i] = rt.sound[static_cast<std::size_t>(at)];
        if (++at == length) at = 0;
    }
}

void exchange(RtState& rt, int half)
{
    if (!rt.settled && rt.frames >= rt.settle_frames) {
        for (ChannelCheck& check : rt.checks)
            check.forgive();
        rt.settled = true;
    }
    if (rt.loopback) {
        for (std::size_t i = 0; i < rt.checks.size(); i++)
            rt.checks[i].feed(rt.frames, rt.block, rt.inputs[i].halves[half]);
    }
    for (std::size_t i = 0; i < rt.outputs.size(); i++) {
        const Port& port = rt.outputs[i];
        if (rt.loopback && i < rt.checks.size()) {
            fill_codes(rt.layout, port.format, static_cast<int>(i), rt.frames, rt.block,
                       port.halves[half]);
        } else if (i == 0 && !rt.sound.empty()) {
            fill_sound(rt, static_cast<float*>(port.halves[half]));
        } else {
            std::memset(port.halves[half], 0,
                        static_cast<std::size_t>(rt.block * bytes_of(port.format)));
        }
    }
    rt.frames += rt.block;
}

void process(const asio::Time* time, int half)
{
    const std::int64_t entered = now_ticks();
    RtState* const state = current.load(std::memory_order_acquire);
    if (state == nullptr) return;
    RtState& rt = *state;
    if (rt.stopped.load(std::memory_order_acquire)) {
        rt.late_callbacks.fetch_add(1, std::memory_order_relaxed);
        return; // the buffers may be gone
    }
    const std::int64_t block = rt.callbacks.load(std::memory_order_relaxed);
    note_entry(rt, entered, block, half);
    rt.callbacks.store(block + 1, std::memory_order_release);
    if (time != nullptr) note_time(rt, entered, time->info);
    if (rt.hook != nullptr && rt.hook(block) == Next::leave) return;
    if (half != 0 && half != 1) {
        rt.wrong_halves++;
        return;
    }
    exchange(rt, half);
    if (rt.burn_ticks > 0) {
        while (now_ticks() - entered < rt.burn_ticks) {
        }
    }
    if (rt.output_ready) rt.driver->output_ready();
}

ASIOHOST_ENTRY void ASIO_CALLBACK buffer_switch(std::int32_t half, asio::Bool)
{
    process(nullptr, half);
}

ASIOHOST_ENTRY asio::Time* ASIO_CALLBACK buffer_switch_time_info(asio::Time* time,
                                                                 std::int32_t half, asio::Bool)
{
    process(time, half);
    return nullptr;
}

ASIOHOST_ENTRY void ASIO_CALLBACK sample_rate_did_change(double)
{
    if (RtState* rt = current.load(std::memory_order_acquire)) rt->messages.rate_changes++;
}

ASIOHOST_ENTRY std::int32_t ASIO_CALLBACK asio_message(std::int32_t selector, std::int32_t value,
                                                       void*, double*)
{
    RtState* const rt = current.load(std::memory_order_acquire);
    if (rt == nullptr || !rt->answer_messages) return 0;
    switch (selector) {
    case asio::kAsioSelectorSupported:
        switch (value) {
        case asio::kAsioEngineVersion:
        case asio::kAsioResetRequest:
        case asio::kAsioResyncRequest:
        case asio::kAsioLatenciesChanged:
        case asio::kAsioOverload:
            return 1;
        case asio::kAsioSupportsTimeInfo:
            return rt->want_time_info;
        default:
            return 0;
        }
    case asio::kAsioEngineVersion:
        return 2;
    case asio::kAsioSupportsTimeInfo:
        return rt->want_time_info;
    case asio::kAsioResetRequest:
        rt->messages.resets++;
        return 1;
    case asio::kAsioResyncRequest:
        rt->messages.resyncs++;
        return 1;
    case asio::kAsioLatenciesChanged:
        rt->messages.latency_changes++;
        return 1;
    case asio::kAsioOverload:
        rt->messages.overloads++;
        return 1;
    default:
        return 0;
    }
}

} // namespace

void set_rt_state(RtState* state)
{
    current.store(state, std::memory_order_release);
}

asio::Callbacks host_callbacks(bool with_time_info)
{
    return {buffer_switch, sample_rate_did_change, asio_message,
            with_time_info ? buffer_switch_time_info : nullptr};
}

} // namespace asiohost
