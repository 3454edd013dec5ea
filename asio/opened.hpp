// SPDX-License-Identifier: MIT
#pragma once

#include "asio/changes.hpp"
#include "asio/entry.hpp"
#include "asio/events.hpp"
#include "asio/outcome.hpp"
#include "asio/prepared.hpp"
#include "asio/slot.hpp"

#include <atomic>
#include <expected>
#include <memory>
#include <string>

namespace asiowire {

/// init's result: the engine behind the door, what the device offers, and what createBuffers makes of
/// it. Everything that changes the state is done by one thread at a time; on the audio thread, inside
/// the host's callback, stop, dispose_buffers and retire return at once and take effect when the
/// callback returns.
class Opened {
public:
    /// remark: what was used instead of an unusable setting.
    /// [any-thread]
    static std::expected<std::shared_ptr<Opened>, Outcome> open(const Entry& entry,
                                                                std::string& remark);

    // What a host may ask [any-thread]; opened.cpp
    Outcome channels(std::int32_t* inputs, std::int32_t* outputs) const;
    Outcome channel_info(asio::ChannelInfo* info) const;
    Outcome latencies(std::int32_t* input, std::int32_t* output) const;
    Outcome buffer_size(std::int32_t* min, std::int32_t* max, std::int32_t* preferred,
                        std::int32_t* granularity) const;
    Outcome internal_buffers(asio::InternalBufferInfo* info) const;
    Outcome can_sample_rate(double rate) const;
    Outcome sample_rate(double* rate) const;
    Outcome set_sample_rate(double rate);
    Outcome sample_position(asio::Wide* position, asio::Wide* time) const;
    std::string describe() const;

    // What changes the state [any-thread]; opened_changes.cpp
    Outcome create_buffers(asio::BufferInfo* infos, std::int32_t count, std::int32_t frames,
                           const asio::Callbacks* callbacks);
    Outcome start();
    Outcome stop();
    Outcome dispose_buffers();

    /// The end of everything, for Release. Waits for the event thread, so that the engine is gone
    /// when Release returns: a host may exit the process next, and a thread of ours that Windows
    /// killed while it unloads PipeWire's plugins would leave the C library's loader locked and the
    /// exit hanging.
    /// [any-thread, once]
    void retire();

private:
    struct Device {
        std::uint32_t inputs;
        std::uint32_t outputs;
        std::uint32_t preferred_block;
        SampleType sample_type;
        bool fixed_block;
    };

    Opened(std::shared_ptr<EngineToken> engine, const Device& device)
        : engine_(std::move(engine)), device_(device)
    {
    }

    std::expected<abi::StatusParams, Status> status(std::uint32_t block) const;
    std::uint32_t block() const;
    std::uint32_t preferred_block() const;
    Outcome ask_rate(double rate, bool only_ask) const;

    bool inside_callback() const { return AudioThread::is_inside(engine_->value()); }
    template <class Work> Outcome change(Work work)
    {
        return changes_.change([this](std::uint32_t wishes) { grant(wishes); }, work);
    }
    Outcome wish(std::uint32_t wishes);

    // [change]
    void grant(std::uint32_t wishes);
    Outcome prepare(asio::BufferInfo* infos, std::int32_t count, std::int32_t frames,
                    const Host& host);
    Outcome run();
    Outcome halt();
    Outcome discard();
    bool wait_for_ending();
    void hear_events();

    const std::shared_ptr<EngineToken> engine_;
    const Device device_;
    Slot<Prepared> prepared_; // create_buffers … dispose_buffers
    Changes changes_;
    std::atomic<bool> retired_{false};

    // Guarded by changes_.
    std::shared_ptr<Running> ending_; // stopped, but the host is still inside its last callback
    std::shared_ptr<Events> events_;  // first create_buffers …
    std::unique_ptr<EventThread> event_thread_;
};

} // namespace asiowire
