// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace asiowire {

/// Names the calling thread and asks for SCHED_FIFO at `priority` (0: leave it), not inherited by
/// children. Says what was obtained, for the log; never a reason to fail.
///
/// [audio-thread, before the loop]
std::string become_realtime(int priority);

} // namespace asiowire
