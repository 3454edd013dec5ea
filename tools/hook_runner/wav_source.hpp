// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/runner/block_source.hpp"

#include <expected>
#include <memory>
#include <string>

namespace asiowire {

/// A sound file, as fast as it is asked for. Blocks of 1024 frames.
/// [hook-thread]
/// Errors   a sentence: it cannot be read, or this build has no libsndfile
std::expected<std::unique_ptr<hooks::BlockSource>, std::string> open_wav(const std::string& path);

} // namespace asiowire
