// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/runner/block_source.hpp"

#include <expected>
#include <memory>
#include <string>

namespace asiowire {

/// A driver's ring, followed without being noticed.
/// [hook-thread]
/// Ownership  the descriptor stays the caller's and may be closed afterwards
/// Errors   a sentence: it is no ring that we can read
std::expected<std::unique_ptr<hooks::BlockSource>, std::string> open_ring(int descriptor);

} // namespace asiowire
