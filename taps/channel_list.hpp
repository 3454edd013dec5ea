// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace asiowire {

/// Channels as people write them, "1-32" or "1,3,5-8": counted from 1, each at most once.
/// [any-thread]  pure
/// Errors   a sentence that names the part which is wrong
std::expected<std::vector<std::uint32_t>, std::string> parse_channels(std::string_view text,
                                                                      std::uint32_t most);

/// The same the other way round, for sentences: {0, 1, 2, 7} is "1-3,8".
std::string channel_words(const std::vector<std::uint32_t>& channels);

/// Seconds as people write them: "90", "1.5", "30m", "2h". Negative: no duration.
double parse_seconds(std::string_view text);

} // namespace asiowire
