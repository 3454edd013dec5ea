// SPDX-License-Identifier: MIT
#pragma once

#include "asio/asio_abi.hpp"
#include "asio/host_buffers.hpp"
#include "core/seqlock.hpp"
#include "wine/pe/threads.hpp"

#include <atomic>
#include <cstdint>
#include <memory>

namespace asiowire {

/// The token of an open engine, closed with its last owner.
class EngineToken {
public:
    explicit EngineToken(std::uint64_t value) : value_(value) {}
    ~EngineToken();
    EngineToken(const EngineToken&) = delete;
    EngineToken& operator=(const EngineToken&) = delete;
    std::uint64_t value() const { return value_; }

private:
    const std::uint64_t value_;
};

/// createBuffers' result: buffers, the host's callbacks (copied: the host may free its struct), and
/// the position of the latest block. Shared with the audio thread, so that it outlives a host that
/// disposes of it from inside its own callback.
class Session {
public:
    struct Position {
        std::uint64_t frames = 0;  // since start
        std::uint64_t time_ns = 0; // timeGetTime base
    };

    Session(std::shared_ptr<EngineToken> engine, std::unique_ptr<HostBuffers> buffers,
            const asio::Callbacks& callbacks);

    const HostBuffers& buffers() const { return *buffers_; }
    const EngineToken& engine() const { return *engine_; }

    /// [any-thread]
    Position position() const { return position_.load(); }
    bool has_position() const { return blocks_ > 0; }
    void reset_position();

    /// Names what lies on the audio thread's way to the host, for the engine to fetch in time.
    /// [any-thread]
    void list_warm(abi::PrepareParams& params) const;

    /// Calls the host's bufferSwitch, or bufferSwitchTimeInfo when it wants that.
    /// [audio-thread & running]  bounded but for the host
    static void block(void* session, abi::RunParams& params) ASIOWIRE_RT; // session_rt.cpp

    /// Passes a message on, when the host says it listens to it. Returns the host's answer.
    /// [event-thread or any-thread but the audio thread]
    std::int32_t tell(asio::MessageSelector selector) const;

private:
    const asio::Callbacks callbacks_;
    const bool wants_time_info_;
    std::atomic<std::uint32_t> blocks_{0};
    Seqlock<Position> position_;
    const std::shared_ptr<EngineToken> engine_;
    const std::unique_ptr<HostBuffers> buffers_;
};

} // namespace asiowire
