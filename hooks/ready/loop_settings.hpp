// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/asiowire_hook.h"
#include "hooks/ready/loop_watch.hpp"

#include <vector>

namespace asiowire {

/// Publishes an event. [hook-thread]
__attribute__((format(printf, 3, 4))) void loop_say(const AsioWireHookHost* host, int32_t level,
                                                    const char* format, ...);

/// What the settings ask for, at this rate.
///
/// [hook-thread]
/// Errors   false, and an error event says what is needed
bool loop_plan(const AsioWireHookHost* host, const AsioWireHookSetting* settings,
               std::uint32_t rate, LoopPlan& plan);

/// A watch for every output that `pairs` names, with its inputs. The plan outlives them.
///
/// [hook-thread]
/// Errors   false, and an error event says what is needed
bool loop_watches(const AsioWireHookHost* host, const AsioWireHookStream* stream,
                  const AsioWireHookSetting* settings, const LoopPlan& plan,
                  std::vector<LoopWatch>& watches);

} // namespace asiowire
