// SPDX-License-Identifier: MIT
#pragma once

#include "core/reblock.hpp"
#include "core/status.hpp"

#include <cstdint>
#include <string>
#include <sys/types.h>
#include <vector>

namespace asiowire {

/// What is forced on the whole graph; 0 = nothing.
struct Forced {
    Frames quantum = 0;
    std::uint32_t rate = 0; // Hz

    bool operator==(const Forced&) const = default;
};

/// A process that holds, or held, the graph. The start time tells it from another of the same number.
struct PinOwner {
    pid_t pid = 0;
    std::uint64_t started = 0; // ticks after boot, as in /proc/PID/stat
    std::uint64_t engine = 0;  // which of the process
    Forced wish;

    bool operator==(const PinOwner&) const = default;
};

/// Who holds the graph, and what stood there before: shared by all drivers of one daemon, and what is
/// left of those that were killed.
struct PinRecord {
    Forced before;                // what the last one gives back
    Forced written;               // by the newest owner; what differs from it is somebody else's word
    std::vector<PinOwner> owners; // the newest last

    bool empty() const { return owners.empty(); }

    /// [any-thread]; so are all that follow
    std::string text() const;

    /// Errors   a text that is not whole is an empty record
    static PinRecord from(const std::string& text);

    /// Writes an owner down, as the newest, in a graph where `now` is forced.
    void enter(const PinOwner& owner, const Forced& now);

    /// Forgets one engine and all processes that are dead, and says what is to be forced in a graph
    /// where `now` is: the newest owner's wish, or what stood there before; what somebody else has
    /// set meanwhile stays.
    Forced leave(const PinOwner& owner, const Forced& now);

private:
    void forget_the_dead();
};

/// The file of one daemon's record, locked while it lives. It is emptied and never removed: another
/// process may be waiting for its lock.
class PinLedger {
public:
    /// [any-thread]  waits a second at most.  `make`: also when nobody has ever pinned this daemon
    /// Errors   unsupported: there is none; system_error: it cannot be had
    static Result<PinLedger> open(std::uint32_t daemon, bool make);
    ~PinLedger();
    PinLedger(PinLedger&& other) noexcept;
    PinLedger(const PinLedger&) = delete;
    PinLedger& operator=(const PinLedger&) = delete;

    PinRecord record;

    /// Keeps the record, whatever happens to this process from now on.
    /// [any-thread]
    /// Errors   system_error
    Status save() const;

private:
    explicit PinLedger(int file);
    int file_;
};

} // namespace asiowire
