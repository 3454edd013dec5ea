// SPDX-License-Identifier: MIT

#include "pipewire/clocks.hpp"

#include <algorithm>

namespace asiowire {

double TickClock::ns_per_tick() const
{
    return static_cast<double>(monotonic_ns() - opened_ns_) /
           static_cast<double>(std::max<std::uint64_t>(ticks() - first_ticks_, 1));
}

void TickClock::set()
{
    ns_per_tick_ = ns_per_tick();
    first_ns_ = static_cast<double>(opened_ns_);
    track();
}

/// A thread that is preempted between the two clocks has measured its own pause.
void TickClock::track()
{
    constexpr int looks = 8;
    constexpr double bearable_ns = 20'000;
    for (int i = 0; i < looks; i++) {
        const std::uint64_t before = ticks();
        const auto now_ns = static_cast<double>(monotonic_ns());
        const auto bracket_ns = static_cast<double>(ticks() - before) * ns_per_tick_;
        if (bracket_ns > bearable_ns) continue;
        const auto since_ns = static_cast<double>(before - first_ticks_) * ns_per_tick_;
        first_ns_ = now_ns - since_ns - bracket_ns / 2;
        return;
    }
}

} // namespace asiowire
