// SPDX-License-Identifier: MIT
#pragma once

#include "asio/session.hpp"

#include <memory>
#include <windows.h>

namespace asiowire {

/// Passes the engine's events to whatever session is there, on the event thread. Owns a share of the
/// engine, so that the engine outlives the thread that sleeps in it.
class Events final : public EventSink {
public:
    explicit Events(std::shared_ptr<EngineToken> engine) : engine_(std::move(engine)) {}

    /// From here on events go to this session; null: nowhere. Waits, a second at most, until a
    /// message to the session before is over, unless called from inside that message.
    /// [any-thread]
    void aim_at(std::weak_ptr<Session> session);

    /// [event-thread]
    void event(abi::Event kind) override;

private:
    const std::shared_ptr<EngineToken> engine_;
    SRWLOCK lock_ = SRWLOCK_INIT;
    std::weak_ptr<Session> session_;
    std::atomic<DWORD> telling_{0}; // id of the thread inside the host's asioMessage
};

} // namespace asiowire
