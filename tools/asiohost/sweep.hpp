// SPDX-License-Identifier: MIT
#pragma once

#include "args.hpp"

namespace asiohost {

/// Runs one opened driver with each of the block sizes, and reports each run.
///
/// [main-thread]
/// Errors   refused or no_callbacks at once; audio_wrong at the end, when any run was wrong
Result<void> run_sweep(const DriverEntry& entry, const Options& options);

} // namespace asiohost
