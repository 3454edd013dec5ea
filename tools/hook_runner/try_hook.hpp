// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/runner/compile.hpp"
#include "hooks/runner/spec.hpp"

namespace asiowire {

/// Lets a hook hear a sound file, in a process of its own as always, and prints what comes of it: what
/// happens, as it happens, and the last results; with `json` every result, one line each.
/// [supervisor-thread]
/// Errors   false: it did not compile or did not get through; why is printed
bool try_hook(hooks::HookSpec spec, const hooks::Workshop& workshop, const std::string& file,
              bool json);

} // namespace asiowire
