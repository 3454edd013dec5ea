// SPDX-License-Identifier: MIT
#pragma once

#include "pipewire/clocks.hpp"
#include "tests/engine/borrowed_filter.hpp"
#include "tests/engine/native_host.hpp"

#include <array>
#include <atomic>
#include <cstring>
#include <dlfcn.h>
#include <memory>
#include <semaphore>
#include <string>
#include <vector>

namespace engine_test {

/// A cycle as a sound card announces it.
struct Step {
    Frames quantum = 256;
    std::uint32_t rate = 48000;    // Hz
    std::uint32_t other_clock = 0; // 0: the clock's own id, else another one
    std::int64_t jump = 0;         // frames that the position leaps before this cycle
    bool discontinuous = false;
    std::uint64_t xrun = 0; // frames that the driver says it has lost before this cycle
    std::chrono::milliseconds due{2000}; // from now until the cycle's time is over
};

/// A sound card that turns a cycle when it is told to and not before: a driver of the graph that
/// owns the clock, plays sample(frame, channel) into its capture ports, frames counted from 0 over
/// all cycles, and keeps what its playback ports got.
class SteppedDriver {
public:
    static constexpr const char* name = "stepped-driver";
    static constexpr std::size_t channels = 3; // each way

    /// One cycle that was turned.
    struct Turned {
        Step step;
        std::uint64_t position = 0;
        std::uint64_t first_frame = 0; // of what was played
        bool linked = false;           // every playback port had a buffer
        bool as_told = false;          // the daemon has not put a quantum of its own in
        std::array<std::vector<float>, channels> got;
    };

    SteppedDriver()
    {
        if (!possible()) return;
        filter_ = std::make_unique<BorrowedFilter>(
            name,
            pw_properties_new(PW_KEY_NODE_NAME, name, PW_KEY_NODE_DRIVER, "true",
                              PW_KEY_PRIORITY_DRIVER, "50000", PW_KEY_NODE_ALWAYS_PROCESS, "true",
                              PW_KEY_NODE_GROUP, "group.dsp.0", nullptr),
            [this](pw_filter* filter) { connect(filter); },
            [this](spa_io_position* position) { process(position); });
    }

    /// Whether this PipeWire lets a client turn cycles: from 0.3.66 on.
    static bool possible() { return trigger_process() != nullptr && is_driving() != nullptr; }

    /// Turns one cycle and waits for its end; false when it does not end in time, as when somebody
    /// joins or leaves the graph in the middle of it.
    bool step(const Step& next, milliseconds patience)
    {
        if (!filter_ || !is_driving()(filter_->get())) return false;
        while (ended_.try_acquire()) {
        } // of a cycle that ended too late
        turned_ = {.step = next,
                   .position = 0,
                   .first_frame = frame_,
                   .linked = false,
                   .as_told = false,
                   .got = {}};
        stage_.store(Stage::beginning, std::memory_order_release);
        if (trigger_process()(filter_->get()) < 0) return false;
        if (!ended_.try_acquire_for(patience)) return false;
        frame_ += next.quantum;
        return true;
    }

    /// The latest cycle; to be asked, or taken, after its step().
    Turned& turned() { return turned_; }

private:
    enum class Stage { idle, beginning, ending };

    // Not in the headers of 0.3.65.
    template <class Function> static Function* find(const char* symbol)
    {
        return reinterpret_cast<Function*>(dlsym(RTLD_DEFAULT, symbol));
    }
    static int (*trigger_process())(pw_filter*)
    {
        return find<int(pw_filter*)>("pw_filter_trigger_process");
    }
    static bool (*is_driving())(pw_filter*)
    {
        return find<bool(pw_filter*)>("pw_filter_is_driving");
    }

    void connect(pw_filter* filter)
    {
        for (std::size_t c = 0; c < channels; c++) {
            playback_[c] = add_port(filter, PW_DIRECTION_INPUT, "playback_", c);
            capture_[c] = add_port(filter, PW_DIRECTION_OUTPUT, "capture_", c);
        }
        pw_filter_connect(filter,
                          static_cast<pw_filter_flags>(PW_FILTER_FLAG_RT_PROCESS |
                                                       PW_FILTER_FLAG_DRIVER |
                                                       PW_FILTER_FLAG_CUSTOM_LATENCY),
                          nullptr, 0);
    }

    static void* add_port(pw_filter* filter, spa_direction direction, const char* prefix,
                          std::size_t channel)
    {
        return pw_filter_add_port(
            filter, direction, PW_FILTER_PORT_FLAG_MAP_BUFFERS, 0,
            pw_properties_new(PW_KEY_FORMAT_DSP, "32 bit float mono audio", PW_KEY_PORT_NAME,
                              (prefix + std::to_string(channel + 1)).c_str(), nullptr),
            nullptr, 0);
    }

    /// PipeWire calls it twice in a cycle of a driver's: when it is triggered, before everybody
    /// else, and when everybody else has finished.
    void process(spa_io_position* position)
    {
        if (position == nullptr) return;
        const Stage stage = stage_.load(std::memory_order_acquire);
        if (stage == Stage::beginning) {
            stage_ = Stage::ending;
            begin(position->clock);
        } else if (stage == Stage::ending) {
            stage_ = Stage::idle;
            turned_.as_told = position->clock.duration == turned_.step.quantum;
            end();
            ended_.release();
        }
    }

    void begin(spa_io_clock& clock)
    {
        const Step& step = turned_.step;
        position_ += static_cast<std::uint64_t>(step.jump);
        xrun_ += step.xrun;
        turned_.position = position_;
        const std::uint64_t cycle_ns = std::uint64_t{step.quantum} * 1'000'000'000u / step.rate;
        const auto due_ns = static_cast<std::uint64_t>(
            static_cast<std::int64_t>(asiowire::monotonic_ns()) + step.due.count() * 1'000'000);
        clock.flags =
            step.discontinuous ? 1u << 4 : 0; // SPA_IO_CLOCK_FLAG_DISCONT of newer headers
        if (own_clock_ == 0) own_clock_ = clock.id;
        clock.id = own_clock_ + step.other_clock;
        clock.nsec = due_ns - cycle_ns;
        clock.next_nsec = due_ns;
        clock.rate = {1, step.rate};
        clock.position = position_;
        clock.duration = step.quantum;
        clock.delay = 0;
        clock.rate_diff = 1.0;
        // What newer headers call target_rate, target_duration and xrun: the daemon's wish, which
        // PipeWire would put in the place of what is not alike, and what was lost.
        auto* const bytes = reinterpret_cast<std::byte*>(&clock);
        std::memcpy(bytes + 128, &clock.rate, sizeof clock.rate);
        std::memcpy(bytes + 136, &clock.duration, sizeof clock.duration);
        std::memcpy(bytes + 152, &xrun_, sizeof xrun_);
        position_ += step.quantum;
        for (std::size_t c = 0; c < channels; c++) {
            auto* const out =
                static_cast<float*>(pw_filter_get_dsp_buffer(capture_[c], step.quantum));
            for (Frames i = 0; out != nullptr && i < step.quantum; i++)
                out[i] = sample(turned_.first_frame + i, c);
        }
    }

    void end()
    {
        turned_.linked = true;
        for (std::size_t c = 0; c < channels; c++) {
            const Frames quantum = turned_.step.quantum;
            const auto* in = static_cast<float*>(pw_filter_get_dsp_buffer(playback_[c], quantum));
            turned_.linked &= in != nullptr;
            if (in != nullptr) turned_.got[c].assign(in, in + quantum);
        }
    }

    std::array<void*, channels> playback_{};
    std::array<void*, channels> capture_{};

    std::atomic<Stage> stage_{Stage::idle};
    std::counting_semaphore<> ended_{0};
    Turned turned_; // the stepping thread's, but for the time of a cycle
    std::uint64_t frame_ = 0;
    std::uint64_t position_ = 1'000'000;
    std::uint64_t xrun_ = 0;
    std::uint32_t own_clock_ = 0;            // the daemon's number for it
    std::unique_ptr<BorrowedFilter> filter_; // the last: its thread uses what is above
};

} // namespace engine_test
