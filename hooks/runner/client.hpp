// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/runner/fd.hpp"
#include "hooks/runner/log_book.hpp"

#include <optional>
#include <poll.h>
#include <string>
#include <vector>

namespace asiowire::hooks {

/// A program that asks the runner something: one line of words with tabs between, then an answer whose
/// first line is "ok" or "failed", then the end; a log has no end.
/// [supervisor-thread]
class Client {
public:
    explicit Client(Fd socket) : socket_(std::move(socket)) {}

    /// The words of its question, once; none: not whole yet.
    std::optional<std::vector<std::string>> question();
    void answer(bool well, std::string_view text);
    /// Everything in the log, from its beginning and for ever.
    void follow(LogBook& book, bool json);

    /// Sends what it takes; a log's reader that is too slow misses lines and is told how many.
    void turn(LogBook& book);
    bool has_gone() const { return !socket_; }
    void leave(LogBook& book);

    void wait_for(std::vector<pollfd>& polls) const;
    /// The name of the hook that was added for it, until it is settled.
    std::string pending;
    std::vector<std::string> added; // the words with which it was

private:
    void refill(const LogBook& book);

    Fd socket_;
    std::string in_;
    std::string out_;
    bool asked_ = false;
    bool answered_ = false;
    bool follows_ = false;
    bool json_ = false;
    std::uint64_t next_ = 0; // entry of the log
};

} // namespace asiowire::hooks
