// SPDX-License-Identifier: MIT
#pragma once

#include "pipewire/realtime.hpp"

#include <sys/types.h>

namespace asiowire {

/// Asks a broker over D-Bus for the real-time priority of one of our threads, which must have
/// SCHED_RESET_ON_FORK. Brokers want a limit of real-time CPU time on the whole process: where
/// there is none it is set to the longest that the broker takes; one that is there is never
/// touched.
///
/// [any-thread]  0.7 s at most; what hangs longer is left behind on a thread of its own
/// Errors   unsupported: built without D-Bus; system_error: there is no such broker, or it refuses
Result<int> ask_broker(Broker broker, pid_t thread, int priority);

} // namespace asiowire
