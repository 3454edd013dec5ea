// SPDX-License-Identifier: MIT
#pragma once

namespace asiohost {

/// The longest a driver call may take before the program gives up on it.
inline constexpr unsigned kCallLimitMs = 10'000;

/// Starts the thread that ends the process with ExitCode::call_hung when a watched call hangs.
///
/// [main-thread, once, before the first WatchedCall]
void start_watchdog();

/// A driver call that is under way as long as this object lives.
///
/// [any thread]  lock-free
class WatchedCall {
public:
    explicit WatchedCall(const char* name) noexcept;
    ~WatchedCall();
    WatchedCall(const WatchedCall&) = delete;
    WatchedCall& operator=(const WatchedCall&) = delete;

private:
    int slot_;
};

} // namespace asiohost
