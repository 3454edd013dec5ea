// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

namespace asiowire::hooks {

/// Takes from this process, for good, what a hook has no business with: more memory than `bytes` on top
/// of what is mapped now, core dumps, new rights by way of set-user-id programs, and the network.
/// It keeps the rest of its user's rights: this is a fence against mistakes, no prison.
///
/// [hook-thread, once]
/// Errors   a sentence: what the kernel refused
std::string confine(std::uint64_t bytes);

} // namespace asiowire::hooks
