// SPDX-License-Identifier: MIT
#pragma once

#include "driver.hpp"

#include <string>

namespace asiohost {

/// What --info prints: everything a driver says about itself before it has buffers.
///
/// [main-thread & opened]
/// Errors   refused when it cannot even say how many channels it has
Result<std::string> describe(Driver& driver);

} // namespace asiohost
