// SPDX-License-Identifier: MIT
#pragma once

#include "pipewire/graph.hpp"
#include "pipewire/links.hpp"
#include "pipewire/node.hpp"
#include "pipewire/settings.hpp"
#include "wine/unix/semaphore.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace asiowire {

/// The sound card that a host sees: a connection to PipeWire from open on, a node in its graph from
/// start to stop, and a cycle that calls the host on whatever thread runs run_loop().
class Engine {
public:
    struct Device {
        std::uint32_t inputs = 2;
        std::uint32_t outputs = 2;
        std::uint32_t rate = 48000; // Hz
        Frames preferred_block = 1024;
    };

    /// What a host prepares: see abi::PrepareParams.
    struct Request {
        Frames block = 0;
        std::uint64_t input_mask = 0;
        std::uint64_t output_mask = 0;
        HostBuffers buffers;
        HostCall host = nullptr;
        void* host_context = nullptr;
        WarmList warm; // what lies on the way to the host
    };

    enum class Event { closed, latencies_changed, overload, daemon_lost };

    struct Status {
        std::uint32_t rate = 0;
        Frames quantum = 0;
        Frames fifo_delay = 0;
        Frames input_latency = 0;
        Frames output_latency = 0;
        std::uint64_t cycles = 0;
        std::uint64_t blocks = 0;
        std::uint64_t gaps = 0;
        std::uint64_t overhead_p50_ns = 0;
        std::uint64_t overhead_p99_ns = 0;
    };

    /// [any-thread]  program: the node's name
    /// Errors   no_daemon; `message` says why, or, with success, what was used instead of a setting
    static Result<std::unique_ptr<Engine>> open(const std::string& program, std::string& message);

    /// [any-thread but the audio thread]  stops first when running
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    const Device& device() const { return device_; }
    const Settings& settings() const { return settings_; }

    /// [any-thread & stopped]  afterwards a thread must come to run_loop()
    asiowire::Status prepare(const Request& request);

    /// Adds to the request's warm list.
    /// [audio-thread & prepared, before run_loop()]
    void warm(const void* begin, std::size_t bytes) { state_->warm.add(begin, bytes); }

    /// Lends the calling thread to the graph until stop.
    /// [audio-thread & prepared]
    void run_loop();

    /// Returns once the node cycles with its links made; the host is called from here on, never
    /// before.
    /// [any-thread but the audio thread & prepared]
    asiowire::Status start(std::string& message);

    /// The host is not called after this returns.
    /// [any-thread but the audio thread]
    void stop();

    /// As stop(), for a host that asks from inside its own callback: the host is not called again,
    /// the rest happens as soon as it returns.
    /// [audio-thread, inside HostCall]
    void stop_from_inside();

    /// Makes run_loop() return after the current cycle, because its thread is about to end.
    /// [audio-thread, inside HostCall]
    void leave();

    /// After leave(): takes the node out of the graph that nobody serves any more.
    /// [audio-thread, behind run_loop()]
    void clear_up();

    /// The audio thread is dead inside the cycle: leaves the graph without waiting for it. The
    /// engine is of no further use.
    /// [any-thread]
    void abandon();

    /// Whether the graph can run at a rate.
    /// [any-thread]
    /// Errors   no_clock, clock_held, with the reason in `message`
    asiowire::Status offers_rate(std::uint32_t rate, std::string& message) const;

    /// Has the graph run at a rate, now or from start on.
    /// [any-thread]
    /// Errors   as offers_rate()
    asiowire::Status set_rate(std::uint32_t rate, std::string& message);

    /// Waits for something the host should be told.
    /// [event-thread]
    Event next_event();

    /// Makes every next_event() return closed from now on.
    /// [any-thread]
    void close_events();

    /// [any-thread]  block: frames to predict the latencies for when not running; 0 = the prepared
    Status status(Frames block) const;

private:
    Engine(std::string program, Settings settings);
    void look_at_device();
    asiowire::Status join_graph(std::string& message);
    bool wait_until_settled();
    void wait_for_steady_graph() const;
    void finish_deferred();
    void teardown();
    Frames predicted_quantum(Frames block) const;
    void log_summary() const;

    const std::string program_;
    Settings settings_;
    Device device_;
    std::unique_ptr<Connection> connection_;
    std::unique_ptr<Graph> graph_;
    // The graph's, for callers that must not wait for the main loop, like a host in its callback.
    std::atomic<Frames> forced_quantum_{0};

    Node::Shape shape_;
    std::shared_ptr<RtState> state_; // also held by readers of its counters
    std::unique_ptr<Node> node_;
    std::unique_ptr<Links> links_;
    std::atomic<bool> abandoned_{false};
    std::atomic<std::uint64_t> started_ns_{0};
    std::atomic<std::uint64_t> started_ticks_{0};

    mutable std::mutex events_mutex_; // guards state_'s pointer and what follows
    Semaphore events_wake_;
    bool events_closed_ = false;
    bool daemon_lost_ = false;
    Frames told_delay_ = 0;
    std::uint64_t told_gaps_ = 0;
};

} // namespace asiowire
