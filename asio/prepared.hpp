// SPDX-License-Identifier: MIT
#pragma once

#include "asio/outcome.hpp"
#include "asio/running.hpp"
#include "asio/session.hpp"
#include "asio/slot.hpp"

#include <memory>

namespace asiowire {

/// createBuffers' result: a session, and what start makes of it.
class Prepared {
public:
    explicit Prepared(std::shared_ptr<Session> session) : session_(std::move(session)) {}

    /// [any-thread]
    Frames block() const { return session_->buffers().block(); }
    bool active(bool is_input, std::uint32_t channel) const
    {
        return session_->buffers().active(is_input, channel);
    }
    std::optional<Session::Position> position() const { return session_->position(); }
    bool running() const { return running_.get() != nullptr; }

    /// [change, not running]
    /// Errors   whatever of it runs after an error is still to be left
    Outcome start();

    /// What runs, if anything, for its end.
    /// [change]
    std::shared_ptr<Running> leave_running() { return running_.take(); }

private:
    const std::shared_ptr<Session> session_;
    Slot<Running> running_;
};

} // namespace asiowire
