// SPDX-License-Identifier: MIT
#pragma once

#include "asio/engine_token.hpp"
#include "asio/host.hpp"
#include "asio/host_buffers.hpp"
#include "core/seqlock.hpp"
#include "wine/pe/threads.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

namespace asiowire {

/// What the audio thread shares with the rest: buffers, the host, the position of the latest block.
/// It outlives a host that disposes of its buffers from inside its own callback.
class Session {
public:
    struct Position {
        std::uint64_t frames = 0;  // since start
        std::uint64_t time_ns = 0; // timeGetTime base
    };

    Session(std::shared_ptr<EngineToken> engine, std::unique_ptr<HostBuffers> buffers,
            const Host& host);

    const EngineToken& engine() const { return *engine_; }
    const HostBuffers& buffers() const { return *buffers_; }
    const Host& host() const { return host_; }

    /// Of the latest block, also when that was the last one; nothing from start to the first block.
    /// [any-thread]
    std::optional<Position> position() const;

    /// [no audio thread]
    void reset_position();

    /// Names what lies on the audio thread's way to the host, for the engine to fetch in time.
    /// [any-thread]
    void list_warm(abi::PrepareParams& params) const;

    /// Calls the host's bufferSwitch, or bufferSwitchTimeInfo when it wants that.
    /// [audio-thread & running]  bounded but for the host
    static void block(void* session, abi::RunParams& params) ASIOWIRE_RT; // session_rt.cpp

private:
    const Host host_;
    std::atomic<std::uint32_t> blocks_{0};
    Seqlock<Position> position_;
    const std::shared_ptr<EngineToken> engine_;
    const std::unique_ptr<HostBuffers> buffers_;
};

} // namespace asiowire
