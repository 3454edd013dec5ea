// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace asiowire {

/// asiowire hooks …: asks the runner of this user, or becomes it.
/// Shapes   words: those behind "hooks"; program: the runner's path
/// Errors   the exit code: 1, with a sentence, or 2 for words that make no sense
int hooks_command(std::vector<std::string> words, const std::string& program);

} // namespace asiowire
