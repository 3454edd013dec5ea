// SPDX-License-Identifier: MIT
// What of the engine stands in its status page besides what the audio thread counts there itself.
// Never on the audio thread.

#include "pipewire/engine.hpp"
#include "pipewire/log.hpp"
#include "pipewire/status_folder.hpp"

namespace asiowire {

void Engine::open_status_page()
{
    std::string remark;
    status_file_ = StatusFile::create(status_folder(), remark);
    if (!remark.empty()) log(LogLevel::info, remark);
    status_file_->tell([&](PageFacts& facts) {
        put(facts.program, program_);
        put(facts.node, program_);
        facts.sample_type = static_cast<std::uint32_t>(settings_.sample_type);
        facts.buffered = settings_.schedule == Schedule::buffered ? 1 : 0;
    });
}

/// The devices that ports are linked to, on the main loop: the graph may be looked at there alone.
void Engine::name_devices_in_status()
{
    const std::string playback = devices_.sink_name(*graph_);
    const std::string capture = devices_.source_name(*graph_);
    status_file_->tell([&](PageFacts& facts) {
        put(facts.playback, playback);
        put(facts.capture, capture);
    });
}

/// A new run is coming: it counts from 0.
void Engine::show_prepared(const Request& request)
{
    status_file_->clear();
    status_file_->tell([&](PageFacts& facts) {
        facts.block = request.block;
        facts.inputs = static_cast<std::uint32_t>(shape_.input_channels.size());
        facts.outputs = static_cast<std::uint32_t>(shape_.output_channels.size());
    });
    show_status();
}

void Engine::show_status()
{
    const Status now = status(0);
    const bool runs = !idle_;
    const PageState state = abandoned_                ? PageState::lost
                            : runs && host_hangs()    ? PageState::hanging
                            : runs && without_graph() ? PageState::stalled
                            : runs                    ? PageState::running
                            : this->state() != nullptr ? PageState::prepared
                                                       : PageState::open;
    status_file_->tell([&](PageFacts& facts) {
        facts.state = state;
        facts.rate = now.rate;
        facts.quantum = now.quantum;
        facts.fifo_delay = now.fifo_delay;
        facts.budget = now.budget;
        facts.input_latency = now.input_latency;
        facts.output_latency = now.output_latency;
        facts.hangs = static_cast<std::uint32_t>(now.hangs);
    });
}

/// Whether the watchdog has found a host that is still in that callback.
bool Engine::host_hangs() const
{
    const std::uint64_t since = state_->host_since;
    return since != 0 && since == hanging_since_;
}

/// Whether the host lives by the fallback clock, or the node is being made anew.
bool Engine::without_graph() const
{
    return rejoining_ || state_->unclocked;
}

} // namespace asiowire
