// SPDX-License-Identifier: MIT

#include "tools/asiowire/listening.hpp"

#include "pipewire/realtime.hpp"
#include "taps/channel_list.hpp"

#include <algorithm>
#include <chrono>
#include <numeric>

namespace asiowire {

std::expected<void, std::string> Listening::find(const RecordOptions& options)
{
    std::string why;
    auto connection = Connection::open("asiowire record", why);
    if (!connection) return std::unexpected(why);
    connection_ = std::move(*connection);
    connection_->on_lost([this] { lost_ = true; });
    const LoopLock lock(connection_->loop());
    graph_ = std::make_unique<Graph>(*connection_);
    node_ = options.node.empty() ? graph_->default_source() : options.node;
    if (node_.empty())
        return std::unexpected("there is no default source; name a node with --node");
    const std::size_t there = graph_->ports_of(graph_->node_named(node_), Direction::out).size();
    if (there == 0)
        return std::unexpected("\"" + node_ +
                               "\" is no node with channels to record; pw-cli ls "
                               "Node shows their names");
    rate_ = graph_->rate();
    return choose(options, static_cast<std::uint32_t>(there));
}

std::expected<void, std::string> Listening::begin(const std::string& name, Ring& ring)
{
    connection_->audio_thread().expect();
    thread_ = std::thread([this] {
        become_realtime("asiowire-audio", {}, daemon_priority());
        connection_->audio_thread().lend();
    });
    if (connection_->audio_thread().start() != Status::ok)
        return std::unexpected("the audio thread did not start");
    const LoopLock lock(connection_->loop());
    std::string why;
    auto capture = CaptureNode::create(*connection_, name, ring, why);
    if (!capture) return std::unexpected(why);
    capture_ = std::move(*capture);
    devices_ = Devices::source_alone(node_);
    graph_->on_change([this] {
        if (links_) links_->update();
    });
    if (!wait_for_links()) return std::unexpected("PipeWire does not link \"" + node_ + "\"");
    return {};
}

void Listening::end()
{
    if (!connection_) return;
    {
        const LoopLock lock(connection_->loop());
        if (graph_) graph_->on_change(nullptr);
        connection_->on_lost(nullptr);
        capture_.reset();
        links_.reset();
        graph_.reset();
    }
    if (thread_.joinable()) {
        connection_->audio_thread().stop();
        connection_->audio_thread().dismiss();
        thread_.join();
    }
    connection_.reset();
}

bool Listening::there() const
{
    const LoopLock lock(connection_->loop());
    return graph_->node_named(node_) != SPA_ID_INVALID;
}

/// Channels that do not exist are left out, and that is said.
std::expected<void, std::string> Listening::choose(const RecordOptions& options,
                                                   std::uint32_t there)
{
    std::vector<std::uint32_t> missing;
    if (options.channels.empty()) {
        channels_.resize(std::min<std::size_t>(there, ring_max_channels));
        std::iota(channels_.begin(), channels_.end(), 0u);
    } else {
        const auto chosen = parse_channels(options.channels, ring_max_channels); // checked before
        for (const std::uint32_t c : *chosen)
            (c < there ? channels_ : missing).push_back(c);
    }
    const std::string has = "\"" + node_ + "\" has " + std::to_string(there) + " channels";
    if (channels_.empty()) return std::unexpected(has + ", none of " + options.channels);
    if (!missing.empty())
        remark_ = has + "; " + channel_words(missing) + " cannot be recorded, " +
                  channel_words(channels_) + " can";
    return {};
}

/// Until all channels carry sound, three seconds at most. A link that is active brings its first buffer
/// a cycle or two later, one channel before the other. [loop locked]
bool Listening::wait_for_links()
{
    constexpr std::uint64_t cycles_to_settle = 4;
    std::uint64_t settled_at = 0; // cycle; 0 = not yet
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(3);
    while (std::chrono::steady_clock::now() < deadline && !lost_) {
        if (!links_ && capture_->id() != SPA_ID_INVALID)
            links_ = std::make_unique<Links>(*connection_, *graph_, capture_->id(), devices_,
                                             Links::Channels{channels_, {}}, link_store_);
        const std::uint64_t cycles = capture_->cycles();
        if (!links_ || !links_->settled() || cycles == 0)
            settled_at = 0;
        else if (settled_at == 0)
            settled_at = cycles;
        else if (cycles >= settled_at + cycles_to_settle)
            return true;
        timespec until{};
        pw_thread_loop_get_time(connection_->loop(), &until, SPA_NSEC_PER_MSEC * 20);
        pw_thread_loop_timed_wait_full(connection_->loop(), &until);
    }
    return false;
}

} // namespace asiowire
