// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace asiowire {

/// `asiowire hooks sweep FILE.wav [key=value…]`: writes the sweep that the hook `volterra` measures
/// with, to be played into the loop by whatever plays files.
///
/// [main-thread]  `words`: the file, then settings
/// Errors   a sentence; "" = done, and what was written stands on standard output
std::string write_sweep(const std::vector<std::string>& words);

} // namespace asiowire
