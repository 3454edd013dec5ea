// SPDX-License-Identifier: MIT
#pragma once

#include "driver.hpp"

#include <memory>
#include <optional>

#include "audio_rt.hpp"

namespace asiohost {

/// How long the first callback may take to come, and the longest pause after that.
inline constexpr int kCallbackLimitMs = 3'000;

/// What a run is to do.
struct Plan {
    int block = 0;         // frames; 0: what the driver prefers
    int inputs = -1;       // the first so many channels; -1: all
    int outputs = -1;      // the first so many channels; -1: all
    int first_channel = 0; // of both, the channels before it get no buffers
    double rate = 0;       // Hz; 0: as it is
    double seconds = 5;
    double settle = 0; // seconds of the loop that are not judged
    double burn_percent = 0;
    bool loopback = false;
    std::string play; // a WAV file for output 1; empty: none
    // Ways of hosts that a driver has to live with, for the fault switches.
    bool time_info = true;         // false: no bufferSwitchTimeInfo at all
    bool answer_messages = true;   // false: 0 to every asioMessage
    bool forget_callbacks = false; // the callback struct is overwritten after createBuffers
    BlockHook hook = nullptr;
};

/// What the loop did, over all channels; counted in samples, a frame of one channel each.
struct LoopOutcome {
    std::int64_t lost = 0;
    std::int64_t duplicated = 0;
    std::int64_t corrupt = 0;
    std::int64_t rtt = -1; // of the first channel that heard anything; -1: none did
    std::int64_t rtt_changes = 0;
    std::int64_t first_wrong = -1; // arrival index on any channel; -1: nothing was wrong
    std::int64_t last_wrong = -1;
    int rtt_differs = 0;     // channels whose round trip is another one
    std::vector<int> silent; // channels that heard nothing
    int channels = 0;
};

/// Everything a run found out.
struct Outcome {
    std::string driver;
    double rate = 0;
    int block = 0;
    int inputs = 0;
    int outputs = 0;
    std::string sample_types;
    double seconds = 0; // from the first callback to the last
    std::int64_t callbacks = 0;
    std::int64_t expected = 0;
    std::optional<LoopOutcome> loop;
    std::int32_t reported_in = 0;
    std::int32_t reported_out = 0;
    std::optional<Quantiles> intervals; // nanoseconds
    std::optional<Quantiles> wakes;
    std::uint64_t future_stamps = 0; // systemTime later than the callback it came with
    std::int64_t position_jumps = 0;
    std::int64_t wrong_halves = 0;
    int late_callbacks = 0;
    bool called_inside_start = false;
    int resets = 0, resyncs = 0, latency_changes = 0, overloads = 0, rate_changes = 0;
};

/// An opened driver with buffers, from createBuffers to Release. One at a time per process: ASIO's
/// callbacks do not say whom they are for.
class Session {
public:
    explicit Session(Driver driver) : driver_(std::move(driver)) {}
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Stops and disposes what still runs.
    ~Session();

    /// Sets the rate, chooses channels and size, and has the driver make its buffers.
    ///
    /// [main-thread & disposed]
    /// Errors   refused; usage when the plan asks for more than there is
    Result<void> prepare(const Plan& plan);

    /// [main-thread & prepared]
    Result<void> start();

    /// Waits `seconds` from the first callback on, reading the latencies on the way.
    ///
    /// [main-thread & running]
    /// Errors   no_callbacks when none comes in time, or when they cease
    Result<void> wait(double seconds);

    /// [main-thread & running]
    Result<void> stop();

    /// [main-thread & prepared]
    Result<void> dispose();

    /// Tells the session that the fault at hand has already stopped, disposed or released.
    ///
    /// [main-thread]
    void forget_running() { running_ = false; }
    void forget_buffers() { prepared_ = running_ = false; }

    /// What was found out so far; complete after stop().
    ///
    /// [main-thread & stopped]
    Outcome outcome();

    Driver& driver() { return driver_; }

    /// How long one block lasts. [main-thread & prepared]
    double block_seconds() const { return rt_->block / rt_->rate; }
    std::int64_t callbacks() const { return rt_->callbacks.load(std::memory_order_acquire); }

private:
    Result<void> settle_rate();
    Result<void> choose_channels();
    Result<void> choose_block();
    Result<Format> format_of(int channel, bool is_input);
    Result<void> create_buffers();
    void prepare_loop();
    Result<void> prepare_sound();
    LoopOutcome loop_outcome() const;
    Result<void> read_latencies();
    double silent_for() const;
    void retire_state();

    Driver driver_;
    Plan plan_;
    // Never freed while the driver may still call: see retire_state().
    std::unique_ptr<RtState> rt_ = std::make_unique<RtState>();
    asio::Callbacks callbacks_{}; // some drivers keep the pointer, so it lives as long as we do
    std::string sample_types_;
    std::int32_t reported_in_ = 0;
    std::int32_t reported_out_ = 0;
    DWORD main_thread_ = GetCurrentThreadId();
    bool prepared_ = false;
    bool running_ = false;
};

/// Opens, prepares, starts, waits and stops: an ordinary run from end to end.
///
/// [main-thread]
Result<Outcome> run_once(const DriverEntry& entry, const Plan& plan);

} // namespace asiohost
