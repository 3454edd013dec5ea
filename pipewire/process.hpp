// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <sys/types.h>

namespace asiowire {

/// When a process started, as in /proc/PID/stat; 0: there is none, or it has ended. With its number it
/// names a process: the number alone may be another's by now.
/// [any-thread]  Units: clock ticks since boot
std::uint64_t start_time_of(pid_t pid);

} // namespace asiowire
