// SPDX-License-Identifier: MIT

#include "pipewire/fallback_clock.hpp"

#include "pipewire/clocks.hpp"

namespace asiowire {

namespace {

constexpr std::uint64_t second_ns = 1'000'000'000;

timespec as_timespec(std::uint64_t ns)
{
    return {.tv_sec = static_cast<time_t>(ns / second_ns),
            .tv_nsec = static_cast<long>(ns % second_ns)};
}

} // namespace

FallbackClock::FallbackClock(pw_loop* loop)
    : loop_(loop), timer_(pw_loop_add_timer(loop, &FallbackClock::on_tick, this))
{
}

FallbackClock::~FallbackClock()
{
    if (timer_ != nullptr) pw_loop_destroy_source(loop_, timer_);
}

void FallbackClock::begin(RtState& state, std::uint32_t rate)
{
    first_ns_ = monotonic_ns();
    interval_ns_ = state.block * second_ns / rate;
    rate_ = rate;
    generation_++;
    state.unclocked = true;
    state_ = &state;
    set_timer(first_ns_, interval_ns_);
}

void FallbackClock::end()
{
    RtState* const state = state_.exchange(nullptr);
    if (state == nullptr) return;
    state->unclocked = false;
    set_timer(0, 0);
}

/// A time that has passed already rings at once; 0 disarms.
void FallbackClock::set_timer(std::uint64_t first_ns, std::uint64_t interval_ns)
{
    if (timer_ == nullptr) return;
    timespec first = as_timespec(first_ns);
    timespec interval = as_timespec(interval_ns);
    pw_loop_update_timer(loop_, timer_, &first, &interval, true);
}

} // namespace asiowire
