// SPDX-License-Identifier: MIT
#pragma once

#include "asio/session.hpp"

#include <memory>
#include <windows.h>

namespace asiowire {

/// Passes the engine's events to whatever session is there, on the event thread. Owns a share of the
/// engine, so that the engine outlives the thread that sleeps in it. No lock is held while the host
/// is told: it may answer with any call, up to a Release and a new driver.
class Events final : public EventSink {
public:
    explicit Events(std::shared_ptr<EngineToken> engine) : engine_(std::move(engine)) {}

    /// From here on events go to this session; null: nowhere.
    /// [any-thread]
    void aim_at(std::weak_ptr<Session> session);

    /// Waits until the message that the host is being told is over: a second at most, because a host
    /// may wait, inside its message handler, for the very thread that calls this; not at all when
    /// called from inside that message.
    /// [any-thread but the audio thread; no lock held]
    void let_finish() const;

    /// [event-thread]
    void event(abi::Event kind, std::uint32_t value) override;

private:
    const std::shared_ptr<EngineToken> engine_;
    SRWLOCK lock_ = SRWLOCK_INIT;
    std::weak_ptr<Session> session_;
    std::atomic<DWORD> telling_{0}; // id of the thread inside the host
};

} // namespace asiowire
