// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace asiowire::hooks {

/// The channels a hook hears, as indices: "all", "inputs", "outputs", or names with commas between.
/// [any-thread]
/// Errors   a sentence: a name that is not there, or nothing at all is left
std::expected<std::vector<std::size_t>, std::string>
chosen_channels(std::string_view wish, const std::vector<std::string>& names);

} // namespace asiowire::hooks
