// SPDX-License-Identifier: MIT
// Runs on the audio thread.

#include "asio/session.hpp"

#include "asio/wide.hpp"
#include "core/ticks.hpp"

namespace asiowire {

void Session::block(void* session, abi::RunParams& params) ASIOWIRE_RT
{
    Session& s = *static_cast<Session*>(session);
    // The host may leave the floating-point control words as it likes (FTZ, rounding, precision): the
    // door gives PipeWire's side its own back, and the host finds its own again in the next block.
    const Position now = {.frames = params.position, .time_ns = params.time_ns};
    s.position_.store(now);
    s.blocks_.store(s.blocks_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);

    const auto half = static_cast<std::int32_t>(params.half);
    constexpr asio::Bool direct_process = 1; // the host may compute here and now: that is the point
    if (s.host_.wants_time_info()) {
        asio::Time time{};
        time.info.speed = 1.0;
        time.info.system_time = wide(now.time_ns);
        time.info.sample_position = wide(now.frames);
        time.info.sample_rate = params.rate;
        time.info.flags = asio::kSystemTimeValid | asio::kSamplePositionValid |
                          asio::kSampleRateValid | asio::kSpeedValid;
        params.host_enter_ticks = ticks();
        ASIOWIRE_RT_UNKNOWN_BEGIN("the host's code: its own business while the block lasts")
        s.host_.callbacks().buffer_switch_time_info(&time, half, direct_process); // may answer null
        ASIOWIRE_RT_UNKNOWN_END
    } else {
        params.host_enter_ticks = ticks();
        ASIOWIRE_RT_UNKNOWN_BEGIN("the host's code: its own business while the block lasts")
        s.host_.callbacks().buffer_switch(half, direct_process);
        ASIOWIRE_RT_UNKNOWN_END
    }
    params.host_leave_ticks = ticks();
}

} // namespace asiowire
