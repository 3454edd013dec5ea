// SPDX-License-Identifier: MIT

#include "pipewire/engine.hpp"

#include "pipewire/channel_names.hpp"
#include "pipewire/clocks.hpp"
#include "pipewire/config.hpp"
#include "pipewire/log.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

namespace asiowire {

using std::chrono::milliseconds;

Engine::Engine(std::string program, DeviceEntry entry, Settings settings)
    : program_(std::move(program)), entry_(std::move(entry)), settings_(std::move(settings)),
      configured_(settings_), latest_(settings_),
      link_store_(entry_.device.empty() ? program_ : program_ + "@" + entry_.device)
{
    live_block_ = settings_.block;
    take_live(settings_);
}

Result<std::unique_ptr<Engine>> Engine::open(const std::string& program, std::string& message,
                                             const DeviceEntry& entry)
{
    Config config = Config::read(program);
    entry.lay_over(config.settings);
    std::unique_ptr<Engine> engine(new Engine(program, entry, config.settings));
    auto connection = Connection::open(program, message);
    if (!connection) {
        log(LogLevel::error, message);
        return std::unexpected(connection.error());
    }
    engine->connection_ = std::move(*connection);
    engine->open_status_page();
    {
        const LoopLock lock(engine->connection_->loop());
        Engine* const self = engine.get();
        self->connection_->on_lost([self] { self->lose_daemon(); });
        self->attach_graph();
        self->look_at_device();
        if (!self->connection_->round_trip()) // the devices' latencies
            message = "the PipeWire daemon went away";
        self->watch_ = std::make_unique<ConfigWatch>(
            pw_thread_loop_get_loop(self->connection_->loop()), [self] { self->reload(); });
        self->reload(); // what changed before it was watched
    }
    if (!message.empty()) { // without the lock, for the engine's own end
        log(LogLevel::error, message);
        return std::unexpected(asiowire::Status::no_daemon);
    }
    engine->pin_ = std::make_unique<GraphPin>(*engine->connection_, engine->graph_);
    engine->recorder_ = std::make_unique<HostRecorder>(program, engine->settings_,
                                                       engine->status_file_->path());
    for (const std::string& file : config.files) log(LogLevel::info, "configured by " + file);
    for (const std::string& remark : engine->settings_.remarks) log(LogLevel::warning, remark);
    if (!engine->settings_.remarks.empty()) message = engine->settings_.remarks.front();
    return engine;
}

void Engine::operator delete(Engine* engine, std::destroying_delete_t)
{
    if (!engine->let_go()) return;
    engine->~Engine();
    ::operator delete(engine);
}

Engine::~Engine()
{
    if (!connection_) return; // it never opened
    recorder_.reset();
    pin_.reset();
    const LoopLock lock(connection_->loop());
    connection_->on_lost(nullptr);
    watch_.reset();
    device_latency_.forget();
    graph_.reset();
}

void Engine::look_at_device()
{
    const auto look_for = [this](const std::string& named, const std::string& by) {
        if (!named.empty() && graph_->node_named(named) == SPA_ID_INVALID) // see Devices
            settings_.remarks.push_back(by + " names \"" + named.substr(0, 40) +
                                        "\", which is not in the graph; using the default device");
    };
    look_for(settings_.playback, settings_.named_by["asiowire.playback"]);
    look_for(settings_.capture, settings_.named_by["asiowire.capture"]);
    look_for(settings_.card, "the ASIO entry");
    if (!settings_.follow_default && settings_.card.empty()) {
        const LinkList& kept = link_store_.list();
        if (settings_.playback.empty()) look_for(kept.playback, "the program's list of links");
        if (settings_.capture.empty()) look_for(kept.capture, "the program's list of links");
    }
    const auto channels = [this](std::uint32_t node, Direction direction) {
        const auto ports = static_cast<std::uint32_t>(graph_->ports_of(node, direction).size());
        return std::clamp(ports, min_channels, max_channels);
    };
    const std::uint32_t outputs = channels(devices_.sink(*graph_), Direction::in);
    const std::uint32_t inputs = channels(devices_.source(*graph_), Direction::out);
    device_.inputs = settings_.inputs != 0 ? settings_.inputs : inputs;
    device_.outputs = settings_.outputs != 0 ? settings_.outputs : outputs;
    name_channels();
    follow_graph();
    take_wishes();
    device_.rate = wanted_rate_ != 0 ? wanted_rate_.load() : graph_rate_.load();
    follow_graph(); // the preferred block, at this rate
    device_.preferred_block = preferred_block_;
}

void Engine::name_channels()
{
    device_.input_names = channel_names(*graph_, devices_.source(*graph_), Direction::out,
                                        device_.inputs, "In");
    device_.output_names = channel_names(*graph_, devices_.sink(*graph_), Direction::in,
                                         device_.outputs, "Out");
}

/// Takes over from the graph what hosts may ask at any moment.
void Engine::follow_graph()
{
    forced_quantum_ = graph_->forced_quantum();
    forced_rate_ = graph_->forced_rate();
    graph_rate_ = graph_->rate();
    const Frames live_block = live_block_;
    const std::uint32_t rate = wanted_rate_ != 0 ? wanted_rate_.load() : graph_rate_.load();
    const Frames wished = live_block != 0 ? live_block : settings_.wishes.block_at(rate);
    preferred_block_ =
        wished != 0 ? wished : std::clamp(graph_->quantum(), min_block, max_block);
    devices_.choose(settings_, *graph_, link_store_);
    device_latency_.watch(*graph_, devices_.source(*graph_), devices_.sink(*graph_));
    name_devices_in_status();
}

asiowire::Status Engine::prepare(const Request& request)
{
    if (abandoned_) return asiowire::Status::thread_lost;
    if (node_ || !idle_) return asiowire::Status::bad_state;
    if (request.block < min_block || request.block > max_block || request.host == nullptr)
        return asiowire::Status::bad_argument;
    const auto channels_of = [](std::uint64_t mask, std::uint32_t available) {
        std::vector<std::uint32_t> channels;
        for (std::uint32_t c = 0; c < available; c++)
            if ((mask >> c & 1) != 0) channels.push_back(c);
        return channels;
    };
    shape_ = {.name = program_,
              .block = request.block,
              .rate = device_.rate,
              .input_channels = channels_of(request.input_mask, device_.inputs),
              .output_channels = channels_of(request.output_mask, device_.outputs),
              .input_names = device_.input_names,
              .output_names = device_.output_names};
    std::shared_ptr<RtState> state = make_state(request);
    buffered_.reset();
    if (settings_.schedule == Schedule::buffered)
        buffered_ = std::make_unique<BufferedHost>(*state, shape_.input_channels.size(),
                                                   shape_.output_channels.size(), request.buffers,
                                                   settings_.sample_type);
    connection_->audio_thread().expect();
    {
        const std::lock_guard guard(events_mutex_);
        state_ = std::move(state);
    }
    recorder_->prepared(this->state(), shape_.input_channels, shape_.output_channels, device_.inputs,
                        device_.outputs, device_.rate);
    prepared_ = true;
    show_prepared(request);
    const Status expected = status(request.block);
    const std::lock_guard guard(events_mutex_);
    told_ = {.input_latency = expected.input_latency,
             .output_latency = expected.output_latency,
             .rate = expected.rate,
             .preferred_block = expected.preferred_block};
    return asiowire::Status::ok;
}

std::unique_ptr<RtState> Engine::make_state(const Request& request)
{
    auto state = std::make_unique<RtState>();
    state->block = request.block;
    state->n_inputs = shape_.input_channels.size();
    state->n_outputs = shape_.output_channels.size();
    state->warm = request.warm;
    state->clock_offset_ns = clock_offset_.track();
    state->clock = &tick_clock_;
    state->page = &status_file_->page();
    state->buffers = request.buffers;
    state->convert = converter(settings_.sample_type);
    state->sample_bytes = bytes_per_sample(settings_.sample_type);
    state->host = request.host;
    state->host_context = request.host_context;
    return state;
}

asiowire::Status Engine::start(std::string& message)
{
    if (!prepared_.exchange(false) || node_) return asiowire::Status::bad_state;
    if (connection_->audio_thread().start() != asiowire::Status::ok) {
        message = "the audio thread did not come to the graph's loop";
        return asiowire::Status::system_error;
    }
    idle_ = false;
    keep_pin();
    const asiowire::Status status = join_graph(message);
    bool lost = false;
    {
        const LoopLock lock(connection_->loop());
        lost = connection_->lost();
        if (lost) lose_daemon(); // again, perhaps: it may have been lost before there was a start
        if (status != asiowire::Status::ok && !lost) leave_graph();
    }
    if (status != asiowire::Status::ok) log(LogLevel::error, message);
    if (idle_) {
        pin_->release();
        connection_->audio_thread().stop();
        return status == asiowire::Status::ok ? asiowire::Status::bad_state : status;
    }
    if (!lost) wait_for_steady_graph();
    tick_clock_.set();
    cycles_seen_ = state_->graph_cycles;
    moved_ns_ = monotonic_ns();
    recorder_->started();
    state_->armed.store(true, std::memory_order_release);
    status_file_->tell([](PageFacts& facts) { facts.runs++; });
    const int watchdog_ms = watchdog_ms_; // may change later: no pace is slower than 25
    const milliseconds pace(watchdog_ms == 0 ? 25 : std::clamp(watchdog_ms / 4, 5, 25));
    auto caretaker = std::make_unique<Caretaker>(pace, [this] { look_after(); });
    const std::lock_guard guard(events_mutex_);
    caretaker_ = std::move(caretaker);
    return asiowire::Status::ok;
}

/// Makes the node and its links, on a new line to the daemon where the old one is lost, or leaves
/// nothing of them.
asiowire::Status Engine::join_graph(std::string& message)
{
    const LoopLock lock(connection_->loop());
    if (idle_) return asiowire::Status::bad_state; // stopped meanwhile
    shape_.forced_rate = wanted_rate_;
    node_latencies_.clear();
    auto node = connection_->lost() && !reconnect()
                    ? std::unexpected(asiowire::Status::no_daemon)
                    : Node::create(*connection_, shape_, *state_, node_latencies_, message);
    if (node) node_ = std::move(*node);
    if (node && wait_until_settled()) return asiowire::Status::ok;
    teardown();
    if (message.empty()) message = "the PipeWire daemon went away or does not answer";
    return node ? asiowire::Status::no_daemon : node.error();
}

/// Waits, a second at most, until the daemon knows our ports and all links there can be carry
/// sound, so that no channel of the host's first block is missing. False: the daemon is gone, or
/// has not even answered that there is a node.
bool Engine::wait_until_settled()
{
    const auto deadline = std::chrono::steady_clock::now() + milliseconds(1000);
    while (std::chrono::steady_clock::now() < deadline) {
        if (connection_->lost() || !node_ || idle_) return false;
        if (!links_ && node_->id() != SPA_ID_INVALID)
            links_ = std::make_unique<Links>(
                *connection_, *graph_, node_->id(), devices_,
                Links::Channels{shape_.input_channels, shape_.output_channels}, link_store_);
        if (links_ && links_->settled()) return connection_->round_trip();
        timespec until{};
        pw_thread_loop_get_time(connection_->loop(), &until, SPA_NSEC_PER_MSEC * 20);
        pw_thread_loop_timed_wait_full(connection_->loop(), &until);
    }
    return !connection_->lost() && node_ && node_->id() != SPA_ID_INVALID;
}

/// The graph takes a few cycles to follow our wish, and the delay of re-blocking should be made for
/// the quantum that stays; a few more, and all links have carried their first buffers.
void Engine::wait_for_steady_graph() const
{
    constexpr auto relaxed = std::memory_order_relaxed;
    constexpr std::uint64_t settling_cycles = 3;
    const auto deadline = std::chrono::steady_clock::now() + milliseconds(150);
    std::uint64_t since = state_->graph_cycles.load(relaxed);
    while (std::chrono::steady_clock::now() < deadline) {
        const std::uint64_t now = state_->graph_cycles.load(relaxed);
        const std::uint32_t wanted_rate = wanted_rate_;
        if (state_->graph_quantum.load(relaxed) != shape_.block ||
            (wanted_rate != 0 && state_->graph_rate.load(relaxed) != wanted_rate))
            since = now;
        if (now >= since + settling_cycles) return;
        std::this_thread::sleep_for(milliseconds(1));
    }
}

} // namespace asiowire
