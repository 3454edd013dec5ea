// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace asiowire {

/// Names the calling thread and asks for SCHED_FIFO at `priority` (0: leave it), not inherited by
/// children. Says what was obtained, for the log; never a reason to fail.
///
/// [audio-thread or host's thread, before the loop]  name: at most 15 bytes
std::string become_realtime(const std::string& name, int priority);

} // namespace asiowire
