// SPDX-License-Identifier: MIT
#pragma once

#include "failure.hpp"

#include <string>
#include <vector>

namespace asiohost {

/// A sound to be played on the first output.
struct Sound {
    double rate = 0; ///< Hz
    std::vector<float> samples;
};

/// Reads a WAV file of one channel, 24-bit PCM: what `asiowire hooks sweep` writes.
///
/// [main-thread]
/// Errors   usage, with what the file is instead
Result<Sound> read_sound(const std::string& path);

} // namespace asiohost
