// SPDX-License-Identifier: MIT
#pragma once

#include "core/status.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace asiowire {

/// Whether the audio thread is to be real-time: never; whatever the daemon is; when and as the
/// daemon is, and below it.
enum class Realtime { off, on, automatic };

/// Who can give a thread a real-time priority when RLIMIT_RTPRIO does not.
enum class Broker { portal, rtkit };

/// What the user wants of our threads.
struct RealtimeWish {
    Realtime mode = Realtime::automatic;
    int priority = 0;            // exactly this, also above the daemon; 0 = not asked
    std::vector<int> processors; // of the audio thread; empty = as it is
};

/// What a thread got.
struct Scheduling {
    enum class Way { ordinary, limit, portal, rtkit };
    Way way = Way::ordinary;
    int priority = 0;         // SCHED_FIFO; 0 = ordinary
    int daemon_priority = -1; // 0 = ordinary, −1 = not known
    int processors = 0;       // how many it is bound to; 0 = as it was
    std::string story;        // one sentence, for the log
};

/// What the system does for the calling thread; a test has another one.
class RealtimeSystem {
public:
    virtual ~RealtimeSystem() = default;

    /// SCHED_FIFO, not inherited by children. 0 or an errno.
    virtual int fifo(int priority) = 0;
    /// The highest priority that RLIMIT_RTPRIO allows, once its soft limit is as high as its hard
    /// one.
    virtual int limit() = 0;
    /// The priority that a broker gave, at most the one asked for.
    virtual Result<int> ask(Broker broker, int priority) = 0;
    virtual bool bind(const std::vector<int>& processors) = 0;
};

/// The priority to ask for; 0 = stay ordinary.
/// [any-thread]  daemon: of its graph's thread, as daemon_priority() says
int priority_to_ask(const RealtimeWish& wish, int daemon);

/// Gives the calling thread what it can get. Never a reason to fail.
/// [audio-thread or host's thread, before the loop]  may take 1.4 s, when both brokers are slow
Scheduling obtain(const RealtimeWish& wish, int daemon, RealtimeSystem& system);

/// The same on this system, with the thread named (at most 15 bytes).
Scheduling become_realtime(const std::string& name, const RealtimeWish& wish, int daemon);

/// The lowest real-time priority among the threads of the daemon that this process is connected to, or,
/// where its socket is another's (systemd's), of all daemons of this user; 0 = ordinary, −1 = not to be
/// seen.
/// [any-thread]
int daemon_priority();

/// A list as in "2,4-6". Nothing when it is no such list.
/// [any-thread]
std::vector<int> processor_list(const std::string& text);

} // namespace asiowire
