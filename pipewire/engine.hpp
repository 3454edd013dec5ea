// SPDX-License-Identifier: MIT
#pragma once

#include "pipewire/buffered_host.hpp"
#include "pipewire/caretaker.hpp"
#include "pipewire/clocks.hpp"
#include "pipewire/config_watch.hpp"
#include "pipewire/delivery.hpp"
#include "pipewire/devices.hpp"
#include "pipewire/device_latency.hpp"
#include "pipewire/graph.hpp"
#include "pipewire/graph_pin.hpp"
#include "pipewire/host_recorder.hpp"
#include "pipewire/links.hpp"
#include "pipewire/node.hpp"
#include "pipewire/realtime.hpp"
#include "pipewire/settings.hpp"
#include "pipewire/status_file.hpp"
#include "wine/unix/semaphore.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <new>
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
        std::vector<std::string> input_names; // by channel
        std::vector<std::string> output_names;
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

    enum class Event {
        closed,
        latencies_changed,
        overload,
        device_changed, // it has not the channels any more that the host was told of
        resync,        // position and time have jumped
        rate_changed,  // not on the host's wish
        block_changed, // another block would suit the graph better
        reset,         // settings have changed that only a device opened anew has
    };
    struct Notice {
        Event event = Event::closed;
        std::uint32_t value = 0; // rate_changed: Hz; block_changed: frames
    };

    struct Status {
        std::uint32_t rate = 0;
        Frames quantum = 0;
        Frames fifo_delay = 0; // of re-blocking
        Frames budget = 0;     // of the buffered schedule
        Frames preferred_block = 0;
        Frames input_latency = 0;  // the device's
        Frames output_latency = 0; // the device's, and both of ours
        std::uint64_t cycles = 0;
        std::uint64_t blocks = 0;
        std::uint64_t gaps = 0;
        std::uint64_t overruns = 0;
        std::uint64_t late = 0;
        std::uint64_t hangs = 0;
        std::uint64_t overhead_p50_ns = 0;
        std::uint64_t overhead_p99_ns = 0;
    };

    /// [any-thread]  program: the node's name; entry: what the host has chosen in its list of devices
    /// Errors   no_daemon; `message` says why, or, with success, what was used instead of a setting
    static Result<std::unique_ptr<Engine>> open(const std::string& program, std::string& message,
                                                const DeviceEntry& entry = {});

    /// Stops first when running. An abandoned engine is left where it is: what is frozen in the cycle may
    /// still look at it.
    /// [any-thread but the audio thread]
    static void operator delete(Engine* engine, std::destroying_delete_t);
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    const Device& device() const { return device_; }

    /// As they were when it was opened; what can be taken over later is not in here.
    /// [any-thread]
    const Settings& settings() const { return settings_; }

    /// [any-thread & stopped]  afterwards a thread must come to run_loop()
    asiowire::Status prepare(const Request& request);

    /// Adds to the request's warm list.
    /// [audio-thread & prepared, before run_loop()]
    void warm(const void* begin, std::size_t bytes) { state_->warm.add(begin, bytes); }

    /// Lends the calling thread to the graph until stop.
    /// [audio-thread & prepared]
    void run_loop();

    /// Buffered schedule: the host is done with its block; waits for the next one. False: the end.
    /// [host's thread & prepared]
    bool await_block(Block& next) { return buffered_->await(next); }

    /// Buffered schedule: gives the host's thread its priority, below the graph's.
    /// [host's thread & prepared, before await_block()]
    void become_host_thread() const;

    /// Returns once the node cycles with its links made; the host is called from here on, never
    /// before. Once per prepare(). Without a daemon the fallback clock calls the host, and `message`
    /// says so; the node is made when the daemon is there.
    /// [any-thread but the audio thread & prepared]
    asiowire::Status start(std::string& message);

    /// The host is not called after this returns. A host that does not come back from its callback for
    /// seconds is left behind, as in abandon().
    /// [any-thread but the audio thread]
    /// Errors   thread_lost
    asiowire::Status stop();

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

    /// The audio thread is dead inside the cycle, or will not come out of it: leaves the graph without
    /// waiting for it. The engine is of no further use. `reason`: for the log.
    /// [any-thread]
    void abandon(const std::string& reason);

    /// Whether the graph can run at a rate.
    /// [any-thread]
    /// Errors   no_clock, clock_held, with the reason in `message`
    asiowire::Status offers_rate(std::uint32_t rate, std::string& message) const;

    /// Has the graph run at a rate, now or from start on, and waits until it does unless told not to.
    /// [any-thread; audio thread: may_wait = false]
    /// Errors   as offers_rate()
    asiowire::Status set_rate(std::uint32_t rate, bool may_wait, std::string& message);

    /// Waits for something the host should be told.
    /// [event-thread]
    Notice next_event();

    /// Makes every next_event() return closed from now on.
    /// [any-thread]
    void close_events();

    /// What the audio thread got when it last came to the graph's loop.
    /// [any-thread]
    Scheduling scheduling() const;

    /// [any-thread]  block: frames to predict the latencies for when not running; 0 = the prepared
    Status status(Frames block) const;

private:
    Engine(std::string program, DeviceEntry entry, Settings settings);
    void look_at_device();
    void name_channels();
    void follow_graph();
    std::unique_ptr<RtState> make_state(const Request& request);
    asiowire::Status join_graph(std::string& message);
    bool wait_until_settled();
    void wait_for_steady_graph() const;
    bool wait_for_host() const;
    void finish_deferred();
    void dismiss_caretaker();
    void leave_graph();
    void teardown();
    bool let_go();

    // engine_care.cpp
    void look_after();
    void watch_host();

    // engine_recovery.cpp
    void attach_graph();
    bool reconnect();
    void lose_daemon();
    void pace_by_fallback();
    void pace_by_graph();
    void watch_graph();
    void watch_device();
    void recover();
    bool rejoin();

    // engine_status.cpp
    void open_status_page();
    void name_devices_in_status();
    void show_prepared(const Request& request);
    void show_status();
    bool host_hangs() const;
    bool without_graph() const;
    // engine_config.cpp
    void reload();
    void take_live(const Settings& next);
    // engine_pin.cpp
    void take_wishes();
    Forced pin_wanted() const;
    void keep_pin();
    void watch_delivery();

    // engine_threads.cpp
    void schedule_thread(const std::string& name, const RealtimeWish& wish);

    // engine_reports.cpp
    std::shared_ptr<RtState> state() const;
    Frames predicted_quantum(Frames block) const;
    void log_summary() const;
    Notice look_for_news();

    const std::string program_;
    const DeviceEntry entry_;
    Settings settings_;   // constant once open
    Settings configured_; // what was configured at open, whether it could be had or not
    Settings latest_;     // configuration as last read; the main loop's
    std::atomic<int> watchdog_ms_{0};
    Frames live_block_ = 0; // preferred, 0 = the quantum; loop locked
    Device device_;
    std::unique_ptr<Connection> connection_;
    std::unique_ptr<Graph> graph_;
    LinkStore link_store_; // loop locked
    Devices devices_;      // loop locked
    std::unique_ptr<GraphPin> pin_; // goes before both
    Latencies device_latencies_; // of the devices: before start
    Latencies node_latencies_;   // of what our ports are linked to: while running
    DeviceLatency device_latency_{device_latencies_};
    // The graph's, for callers that must not wait for the main loop, like a host in its callback.
    std::atomic<Frames> forced_quantum_{0};
    std::atomic<std::uint32_t> forced_rate_{0};
    std::atomic<std::uint32_t> graph_rate_{48000};
    std::atomic<Frames> preferred_block_{1024};

    std::atomic<std::uint32_t> wanted_rate_{0}; // the host's wish, Hz; 0 = none
    std::atomic<bool> idle_{true};              // no node of ours is wanted in the graph
    std::atomic<bool> rejoining_{false};        // it is wanted, but was taken away or lost
    std::atomic<std::uint64_t> hangs_{0};
    Delivery delivery_; // the caretaker's own

    std::unique_ptr<StatusFile> status_file_; // from open on, never null after that

    // The caretaker's own.
    std::uint64_t hanging_since_ = 0; // the hang already seen
    std::uint64_t tried_ns_ = 0;      // to rejoin, last
    std::uint64_t cycles_seen_ = 0;   // of the graph, when they moved last
    std::uint64_t moved_ns_ = 0;      // that moment
    struct DeviceWatch {
        int looks_left = 0; // 0: the device is known
        int alike = 0;      // looks that gave the same
        std::uint32_t inputs = 0;
        std::uint32_t outputs = 0;
    } device_watch_;

    std::unique_ptr<HostRecorder> recorder_; // from open on, never null after that
    Node::Shape shape_;
    std::shared_ptr<RtState> state_; // also held by readers of its counters
    std::unique_ptr<BufferedHost> buffered_;
    std::unique_ptr<Node> node_;
    std::unique_ptr<Links> links_;
    std::atomic<bool> prepared_{false}; // a thread has been asked to run_loop(), for one start
    std::atomic<bool> abandoned_{false};
    TickClock tick_clock_;     // start's, then the caretaker's
    ClockOffset clock_offset_; // prepare's, then the caretaker's

    mutable std::mutex events_mutex_; // guards state_'s pointer and what follows
    Semaphore events_wake_;
    bool events_closed_ = false;
    bool device_changed_ = false;
    bool resynced_ = false;
    bool reset_wanted_ = false;
    Scheduling scheduling_;
    struct Told {
        Frames input_latency = 0;
        Frames output_latency = 0;
        std::uint32_t rate = 0;
        Frames preferred_block = 0;
        std::uint64_t troubles = 0; // gaps, overruns and late blocks
        std::uint64_t overload_ns = 0;
    } told_; // what the host knows

    std::unique_ptr<ConfigWatch> watch_;   // goes with the loop locked
    std::unique_ptr<Caretaker> caretaker_; // from start to stop; goes first
};

} // namespace asiowire
