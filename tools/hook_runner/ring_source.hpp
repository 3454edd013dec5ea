// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/runner/block_source.hpp"

#include <expected>
#include <memory>
#include <string>
#include <vector>

namespace asiowire {

class RingObserver;

/// What hooks know a ring's channels by: in_1, out_1 and so on.
/// [any-thread]
std::vector<std::string> ring_channel_names(const RingObserver& ring);

/// A driver's ring, followed without being noticed.
/// [hook-thread]
/// Ownership  the descriptor stays the caller's and may be closed afterwards
/// Errors   a sentence: it is no ring that we can read
std::expected<std::unique_ptr<hooks::BlockSource>, std::string> open_ring(int descriptor);

} // namespace asiowire
