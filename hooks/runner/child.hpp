// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/runner/fd.hpp"
#include "hooks/runner/pulse.hpp"
#include "hooks/runner/wire.hpp"

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace asiowire::hooks {

/// Where a hook's process finds what its supervisor has opened for it.
enum ChildFd : int { child_socket = 3, child_pulse = 4, child_source = 5 };

/// A hook's process as its supervisor sees it. Ends with this object.
/// [supervisor-thread]
class Child {
public:
    /// Starts `words` (a path first) with ChildFd open; `source` < 0: none.
    /// Errors   a sentence: what the kernel refused
    static std::expected<std::unique_ptr<Child>, std::string>
    start(std::vector<std::string> words, int source);

    ~Child();
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    pid_t pid() const { return pid_; }
    const Pulse& pulse() const { return *pulse_; }

    /// To wait for: results, output, the end.
    int socket() const { return socket_.get(); }
    int output() const { return output_.get(); }
    int end() const { return pidfd_.get(); }

    /// Takes what has come, a bounded part of it. False: that was all.
    bool hear(const std::function<void(const Message&)>& message);
    void read_output(const std::function<void(std::string_view)>& output);

    /// Asks it to leave by itself; its last words can still be heard.
    void dismiss();
    /// Ends it and whatever it has started.
    void kill();

    /// How long the call that runs has been running; 0: none runs. Units: ns
    std::uint64_t inside_ns() const;

    /// How it ended, for people; "" = it has not ended, or well.
    std::string epitaph(std::uint64_t memory_bytes);
    /// Whether it has ended. Reaps it.
    bool has_ended();

private:
    Child() = default;

    pid_t pid_ = -1;
    Fd pidfd_;
    Fd socket_;
    Fd output_;
    Pulse* pulse_ = nullptr;
    bool ended_ = false;
    int status_ = 0;
    std::uint64_t most_resident_ = 0; // bytes
    std::vector<std::byte> datagram_;
};

} // namespace asiowire::hooks
