// SPDX-License-Identifier: MIT

#include "pipewire/engine.hpp"

#include "core/ticks.hpp"
#include "pipewire/clocks.hpp"
#include "pipewire/log.hpp"
#include "pipewire/realtime.hpp"
#include "wine/unix/signals.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <thread>

namespace asiowire {

using std::chrono::milliseconds;

Engine::Engine(std::string program, Settings settings)
    : program_(std::move(program)), settings_(std::move(settings))
{
}

Result<std::unique_ptr<Engine>> Engine::open(const std::string& program, std::string& message)
{
    std::unique_ptr<Engine> engine(new Engine(program, Settings::from_environment()));
    auto connection = Connection::open(program, message);
    if (!connection) {
        log(LogLevel::error, message);
        return std::unexpected(connection.error());
    }
    engine->connection_ = std::move(*connection);
    {
        const LoopLock lock(engine->connection_->loop());
        engine->graph_ = std::make_unique<Graph>(*engine->connection_);
        engine->look_at_device();
        Engine* const self = engine.get();
        self->forced_quantum_ = self->graph_->forced_quantum();
        self->graph_->on_change([self] {
            self->forced_quantum_ = self->graph_->forced_quantum();
            if (self->links_) self->links_->update();
            pw_thread_loop_signal(self->connection_->loop(), false);
        });
        self->connection_->on_lost([self] {
            log(LogLevel::error, "the PipeWire daemon went away");
            const std::lock_guard guard(self->events_mutex_);
            self->daemon_lost_ = true;
            self->events_wake_.release();
        });
    }
    for (const std::string& remark : engine->settings_.remarks) log(LogLevel::warning, remark);
    if (!engine->settings_.remarks.empty()) message = engine->settings_.remarks.front();
    return engine;
}

void Engine::look_at_device()
{
    const auto channels = [this](std::string& named, const std::string& by_default,
                                 Direction direction, const char* variable) {
        std::uint32_t node = graph_->node_named(named);
        if (!named.empty() && node == SPA_ID_INVALID) {
            settings_.remarks.push_back(std::string(variable) + " names \"" + named.substr(0, 40) +
                                        "\", which is not in the graph; using the default device");
            named.clear();
        }
        if (node == SPA_ID_INVALID) node = graph_->node_named(by_default);
        const auto ports = static_cast<std::uint32_t>(graph_->ports_of(node, direction).size());
        return std::clamp(ports, min_channels, max_channels);
    };
    const std::uint32_t outputs = channels(settings_.playback, graph_->default_sink(),
                                           Direction::in, "ASIOWIRE_PLAYBACK");
    const std::uint32_t inputs = channels(settings_.capture, graph_->default_source(),
                                          Direction::out, "ASIOWIRE_CAPTURE");
    device_.inputs = settings_.inputs != 0 ? settings_.inputs : inputs;
    device_.outputs = settings_.outputs != 0 ? settings_.outputs : outputs;
    device_.rate = graph_->rate();
    device_.preferred_block = settings_.block != 0
                                  ? settings_.block
                                  : std::clamp(graph_->quantum(), min_block, max_block);
}

asiowire::Status Engine::prepare(const Request& request)
{
    if (abandoned_) return asiowire::Status::thread_lost;
    if (node_) return asiowire::Status::bad_state;
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
              .output_channels = channels_of(request.output_mask, device_.outputs)};
    auto state = std::make_shared<RtState>();
    state->block = request.block;
    state->buffers = request.buffers;
    state->host = request.host;
    state->host_context = request.host_context;
    state->warm = request.warm;
    state->clock_offset_ns = performance_counter_offset_ns();
    connection_->audio_thread().expect();
    const std::lock_guard guard(events_mutex_);
    state_ = std::move(state);
    told_delay_ = 0;
    told_gaps_ = 0;
    return asiowire::Status::ok;
}

void Engine::run_loop()
{
    log(LogLevel::info, become_realtime(settings_.priority));
    connection_->audio_thread().lend();
}

asiowire::Status Engine::start(std::string& message)
{
    if (!state_ || node_) return asiowire::Status::bad_state;
    if (connection_->audio_thread().start() != asiowire::Status::ok) {
        message = "the audio thread did not come to the graph's loop";
        return asiowire::Status::system_error;
    }
    if (const asiowire::Status status = join_graph(message); status != asiowire::Status::ok) {
        connection_->audio_thread().stop();
        log(LogLevel::error, message);
        return status;
    }
    wait_for_steady_graph();
    started_ns_ = monotonic_ns();
    started_ticks_ = ticks();
    state_->armed.store(true, std::memory_order_release);
    return asiowire::Status::ok;
}

/// Makes the node and its links, or leaves nothing of them.
asiowire::Status Engine::join_graph(std::string& message)
{
    const LoopLock lock(connection_->loop());
    auto node = connection_->lost() ? std::unexpected(asiowire::Status::no_daemon)
                                    : Node::create(*connection_, shape_, *state_, message);
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
        if (connection_->lost()) return false;
        if (!links_ && node_->id() != SPA_ID_INVALID)
            links_ = std::make_unique<Links>(*connection_, *graph_, node_->id(),
                                             Links::Wanted{settings_.playback, settings_.capture,
                                                           shape_.input_channels,
                                                           shape_.output_channels});
        if (links_ && links_->settled()) return connection_->round_trip();
        timespec until{};
        pw_thread_loop_get_time(connection_->loop(), &until, SPA_NSEC_PER_MSEC * 20);
        pw_thread_loop_timed_wait_full(connection_->loop(), &until);
    }
    return !connection_->lost() && node_->id() != SPA_ID_INVALID;
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
        if (state_->graph_quantum.load(relaxed) != shape_.block) since = now;
        if (now >= since + settling_cycles) return;
        std::this_thread::sleep_for(milliseconds(1));
    }
}

void Engine::stop()
{
    if (abandoned_ || !connection_) return;
    finish_deferred();
    if (state_) state_->armed = false;
    bool was_running = false;
    {
        const LoopLock lock(connection_->loop());
        was_running = node_ != nullptr;
        teardown();
    }
    connection_->audio_thread().stop();
    if (was_running) log_summary();
}

/// Waits until the main loop has done what clear_up() left to it.
void Engine::finish_deferred()
{
    const LoopLock lock(connection_->loop()); // given up by PipeWire while it waits
    pw_loop_invoke(
        pw_thread_loop_get_loop(connection_->loop()),
        [](spa_loop*, bool, std::uint32_t, const void*, std::size_t, void*) -> int { return 0; }, 0,
        nullptr, 0, true, nullptr);
}

/// The node goes first: a node without links is given to another driver before it goes, and the
/// file descriptor of that news leaks in PipeWire 0.3.65, one per stop.
void Engine::teardown()
{
    node_.reset();
    links_.reset();
}

void Engine::stop_from_inside()
{
    state_->armed = false;
    clear_up();
}

void Engine::leave()
{
    state_->armed = false;
    connection_->audio_thread().leave();
}

void Engine::clear_up()
{
    pw_loop_invoke(
        pw_thread_loop_get_loop(connection_->loop()),
        [](spa_loop*, bool, std::uint32_t, const void*, std::size_t, void* self) -> int {
            auto* engine = static_cast<Engine*>(self);
            engine->teardown();
            engine->connection_->audio_thread().stop();
            return 0;
        },
        0, nullptr, 0, false, this);
}

void Engine::abandon()
{
    if (abandoned_.exchange(true)) return;
    log(LogLevel::error, "the audio thread was terminated inside the graph's cycle; leaving the "
                         "graph without it (some memory is lost until the program ends)");
    if (state_) state_->armed = false;
    // Whatever the frozen cycle or PipeWire may still point to is never freed. The main loop itself
    // may be waiting for the dead thread, so the lock is tried from a thread that may wait for ever.
    struct Remains {
        std::unique_ptr<Connection> connection;
        std::unique_ptr<Graph> graph;
        std::unique_ptr<Node> node;
        std::unique_ptr<Links> links;
        std::shared_ptr<RtState> state;
    };
    auto* remains = new Remains{std::move(connection_), std::move(graph_), std::move(node_),
                                std::move(links_), state_};
    auto left = std::make_shared<std::promise<void>>();
    const std::future<void> done = left->get_future();
    {
        const SignalsBlocked blocked;
        std::thread([remains, left] {
            remains->connection->abandon([remains] { remains->graph->on_change(nullptr); });
            left->set_value();
        }).detach();
    }
    done.wait_for(std::chrono::seconds(1));
}

Engine::~Engine()
{
    close_events();
    stop();
    if (!connection_) return;
    const LoopLock lock(connection_->loop());
    connection_->on_lost(nullptr);
    graph_.reset();
}

} // namespace asiowire
