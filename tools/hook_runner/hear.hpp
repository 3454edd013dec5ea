// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace asiowire {

/// What a hook's own process does: the words are those of HookLife::begin, the descriptors ChildFd's.
/// [hook-thread]  returns the exit code
int hear(const std::vector<std::string>& words);

} // namespace asiowire
