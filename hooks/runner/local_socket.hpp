// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/runner/fd.hpp"

#include <string>

namespace asiowire::hooks {

/// Where the runner of a runtime folder listens.
std::string runner_socket(const std::string& folder);

/// A socket bound to a path, or connected to it.
/// [any-thread]
/// Errors   no descriptor, and errno
Fd local_socket(const std::string& path, bool bind_it);

} // namespace asiowire::hooks
