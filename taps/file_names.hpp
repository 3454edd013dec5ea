// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace asiowire {

/// A name with every byte that is no UTF-8 as U+FFFD and every control character as a blank.
std::string clean_text(std::string_view text);

/// A name as a file may be called on Linux, Windows and macOS: what one of them forbids becomes "_".
///
/// At most 120 bytes, cut between two characters, so that a number and an ending fit. `otherwise`
/// where nothing is left. Two names may become the same one: the caller numbers them.
std::string safe_file_name(std::string_view name, std::string_view otherwise);

/// A number with leading zeros.
std::string padded(std::size_t number, std::size_t digits);

} // namespace asiowire
