// SPDX-License-Identifier: MIT
#pragma once

#include <sched.h>

namespace asiowire {

/// This thread runs before the graph's own, as the rig (tests/rig/daemon.py) wants of clients; where
/// there is no right to that it stays as it is.
inline void be_realtime()
{
    constexpr sched_param above_the_daemon{15};
    sched_setscheduler(0, SCHED_FIFO, &above_the_daemon);
}

} // namespace asiowire
