// SPDX-License-Identifier: MIT
// What the engine forces on the graph, and whether the graph does so. Never on the audio thread.

#include "pipewire/clocks.hpp"
#include "pipewire/engine.hpp"
#include "pipewire/log.hpp"

namespace asiowire {

/// Takes over what PipeWire's own variables wish. A rate is wished for as by the host, because what
/// the host is told must come true; but only where a native client would get it, too.
void Engine::take_wishes()
{
    const ClientWishes& wishes = settings_.wishes;
    if (wishes.rate == 0 || wishes.rate == graph_rate_) return;
    if (forced_rate_ == 0 && graph_->allows_rate(wishes.rate)) {
        wanted_rate_ = wishes.rate;
        return;
    }
    settings_.remarks.push_back("the graph may not run at " + std::to_string(wishes.rate) +
                                " Hz, which PIPEWIRE_RATE or PIPEWIRE_QUANTUM ask for");
}

Forced Engine::pin_wanted() const
{
    if (!settings_.pin || idle_) return {};
    return {.quantum = shape_.block,
            .rate = wanted_rate_ != 0 ? wanted_rate_.load() : graph_rate_.load()};
}

/// The pin follows the host: its start, its wish for another rate, its stop from inside the
/// callback.
void Engine::keep_pin()
{
    const Forced wanted = pin_wanted();
    if (wanted == Forced{})
        pin_->release();
    else
        pin_->hold(wanted);
}

void Engine::watch_delivery()
{
    if (idle_ || rejoining_ || !state_->armed) return;
    const std::uint32_t pinned_rate = pin_->held().rate;
    const Forced forced{.quantum = shape_.block,
                        .rate = pinned_rate != 0 ? pinned_rate : wanted_rate_.load()};
    const Forced runs{.quantum = state_->graph_quantum, .rate = state_->graph_rate};
    const std::string news = delivery_.look(forced, runs, monotonic_ns());
    if (!news.empty()) log(LogLevel::warning, news);
}

} // namespace asiowire
