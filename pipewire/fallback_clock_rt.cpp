// SPDX-License-Identifier: MIT
// Runs on the audio thread.

#include "pipewire/fallback_clock.hpp"

namespace asiowire {

void FallbackClock::on_tick(void* self, std::uint64_t expirations) ASIOWIRE_RT
{
    static_cast<FallbackClock*>(self)->tick(expirations);
}

/// Ticks that a late machine or a slow host missed are frames missed, as in the graph: they are not
/// made up for in a burst.
void FallbackClock::tick(std::uint64_t expirations) ASIOWIRE_RT
{
    constexpr auto relaxed = std::memory_order_relaxed;
    RtState* const state = state_.load(std::memory_order_acquire);
    if (state == nullptr) return;
    const std::uint32_t generation = generation_.load(relaxed);
    const bool first = generation != generation_seen_;
    if (first) ticks_ = 0;
    generation_seen_ = generation;
    ticks_ += expirations;
    if (expirations == 0 || !state->unclocked.load(relaxed) ||
        !state->armed.load(std::memory_order_acquire))
        return;
    cycle(*state, {.quantum = state->block,
                   .rate = rate_.load(relaxed),
                   .time_ns = first_ns_.load(relaxed) + (ticks_ - 1) * interval_ns_.load(relaxed),
                   .position = ticks_ * state->block,
                   .clock_id = 0,
                   .discontinuous = first,
                   .off_graph = true});
}

} // namespace asiowire
