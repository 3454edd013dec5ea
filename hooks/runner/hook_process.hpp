// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/runner/block_source.hpp"
#include "hooks/runner/loaded_hook.hpp"
#include "hooks/runner/pulse.hpp"
#include "hooks/runner/wire.hpp"

#include <string>
#include <vector>

namespace asiowire::hooks {

/// What a hook's process is to do.
struct HookOrders {
    std::string object; // the shared object
    std::string channels = "all";
    std::uint64_t memory_bytes = 0;
    std::vector<GivenSetting> settings;
};

/// Loads a hook into this process and lets it hear a source to its end, or until the other end of the
/// wire is closed. Whatever goes wrong in a way that can be told is told over the wire.
///
/// [hook-thread, once per process]  returns the process's exit code
int run_hook(const HookOrders& orders, BlockSource& source, int socket, bool patient, Pulse& pulse);

} // namespace asiowire::hooks
