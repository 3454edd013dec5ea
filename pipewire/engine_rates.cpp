// SPDX-License-Identifier: MIT
// The graph's sample rate on the host's wish. Never on the audio thread, but for a host that asks in
// its callback.

#include "pipewire/engine.hpp"
#include "pipewire/log.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

namespace asiowire {

namespace {

constexpr std::array<std::uint32_t, 6> offered = {44100, 48000, 88200, 96000, 176400, 192000};

} // namespace

asiowire::Status Engine::offers_rate(std::uint32_t rate, std::string& message) const
{
    if (const std::uint32_t held = forced_rate_; held != 0 && !settings_.pin) {
        if (held == rate) return asiowire::Status::ok;
        message = "the graph is held at " + std::to_string(held) + " Hz (clock.force-rate)";
        return asiowire::Status::clock_held;
    }
    if (std::ranges::find(offered, rate) != offered.end() || rate == graph_rate_) return asiowire::Status::ok;
    message = std::to_string(rate) + " Hz is not a rate that is offered";
    return asiowire::Status::no_clock;
}

asiowire::Status Engine::set_rate(std::uint32_t rate, bool may_wait, std::string& message)
{
    if (abandoned_) return asiowire::Status::thread_lost;
    if (const asiowire::Status status = offers_rate(rate, message); status != asiowire::Status::ok)
        return status;
    const std::uint32_t before = status(0).rate;
    wanted_rate_ = rate;
    {
        const std::lock_guard guard(events_mutex_);
        told_.rate = rate;
    }
    pw_loop_invoke(
        pw_thread_loop_get_loop(connection_->loop()),
        [](spa_loop*, bool, std::uint32_t, const void*, std::size_t, void* self) -> int {
            auto* engine = static_cast<Engine*>(self);
            if (engine->node_) engine->node_->force_rate(engine->wanted_rate_);
            return 0;
        },
        0, nullptr, 0, false, this);
    if (!may_wait || idle_ || before == rate) return asiowire::Status::ok;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(1000);
    const std::shared_ptr<RtState> running = state();
    while (running->graph_rate != rate) {
        if (std::chrono::steady_clock::now() > deadline) {
            log(LogLevel::warning, "the graph does not come to " + std::to_string(rate) +
                                       " Hz; it stays at " +
                                       std::to_string(running->graph_rate.load()));
            break; // the host learns the true rate as a change of rate
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return asiowire::Status::ok;
}

} // namespace asiowire
