// SPDX-License-Identifier: MIT
#pragma once

#include "core/status.hpp"
#include "pipewire/borrowed_thread.hpp"
#include "pipewire/fallback_clock.hpp"
#include "pipewire/handles.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace asiowire {

/// Our own line to the daemon: a main loop on its own thread, a context whose data loop waits for a
/// borrowed thread, and the core. Loops and context outlive the daemon: what is lost with it is the
/// core, and the thread that is lent to the data loop never notices.
class Connection {
public:
    /// [any-thread]
    /// Errors   no_daemon, with the reason in `why`
    static Result<std::unique_ptr<Connection>> open(const std::string& program, std::string& why);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    pw_thread_loop* loop() const { return loop_.get(); }
    pw_core* core() const { return core_.get(); }
    BorrowedThread& audio_thread() { return *audio_thread_; }
    FallbackClock& fallback_clock() { return *fallback_clock_; }

    /// Waits until the daemon has answered everything asked so far; false after three seconds (a tenth
    /// of one while it owes an answer since longer), when it is gone or when there is no time.
    /// [any-thread but the main loop, loop locked]
    bool round_trip();

    /// Tries once to reach the daemon again after it was lost.
    /// [any-thread but the main loop, loop locked]  no proxy and no filter of before may exist any more
    /// Errors   no_daemon, with the reason in `why`; the line stays lost
    Status reconnect(std::string& why);

    /// Somebody waits for whoever waits for the daemon here: with `true` no round trip takes longer than
    /// a moment, until `false`.
    /// [any-thread]
    void hurry(bool on) { hurried_ = on; }

    /// [any-thread, loop locked]
    bool lost() const { return lost_; }

    /// What tells this daemon from its predecessors and successors.
    /// [any-thread]
    std::uint32_t daemon_cookie() const { return daemon_cookie_; }

    /// Called on the main loop when the daemon goes away.
    void on_lost(std::function<void()> call) { on_lost_ = std::move(call); }

    /// Gives up without talking to the audio thread, which is dead: the socket is closed, so that
    /// the daemon forgets our node. The connection must not be freed afterwards, because that would
    /// wait for the dead thread. `silence` runs under the lock, to unhook other callbacks.
    /// [any-thread but the main loop]  may wait for ever, when the main loop does
    void abandon(const std::function<void()>& silence);

private:
    explicit Connection(const std::string& program) : program_(program) {}
    Status connect(std::string& why);

    const std::string program_;
    ThreadLoop loop_;
    Context context_;
    std::optional<BorrowedThread> audio_thread_;
    std::optional<FallbackClock> fallback_clock_; // on its loop
    Core core_;
    Hook core_hook_;
    std::function<void()> on_lost_;
    int pending_ = 0;
    int answered_ = -1;
    int overdue_ = -1; // what was last waited for in vain
    std::atomic<std::uint32_t> daemon_cookie_{0};
    bool lost_ = false;
    std::atomic<bool> hurried_{false};
};

} // namespace asiowire
