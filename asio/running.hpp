// SPDX-License-Identifier: MIT
#pragma once

#include "asio/outcome.hpp"
#include "asio/session.hpp"

#include <expected>
#include <memory>

namespace asiowire {

/// start's result: the audio thread, and the graph's cycle on it.
class Running {
public:
    /// Arms the engine for a session and makes its thread; no block comes before begin().
    /// [any-thread & prepared]
    static std::expected<std::shared_ptr<Running>, Outcome>
    create(const std::shared_ptr<Session>& session);

    /// Returns when blocks come.
    /// [any-thread but the audio thread, once]
    Outcome begin();

    /// No block comes after it. From inside the host's callback it returns at once, and the thread is
    /// over when the callback is.
    /// [any-thread, once]
    Outcome end();

    /// Whether the thread is gone; waits for that, `milliseconds` at most.
    /// [any-thread; 0 on the audio thread]
    bool over(std::uint32_t milliseconds) const { return thread_->join(milliseconds); }

private:
    Running(std::shared_ptr<Session> session, std::unique_ptr<AudioThread> thread)
        : session_(std::move(session)), thread_(std::move(thread))
    {
    }

    const std::shared_ptr<Session> session_;
    const std::unique_ptr<AudioThread> thread_;
};

} // namespace asiowire
