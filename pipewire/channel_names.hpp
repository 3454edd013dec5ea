// SPDX-License-Identifier: MIT
#pragma once

#include "pipewire/graph.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace asiowire {

inline constexpr std::size_t longest_channel_name = 31; // as ASIO has it

/// What a device calls its channels, in their order: the alias that somebody gave a port, or its
/// name, as in "Capture AUX0". Channels that it has not are numbered: "In 9".
/// [main-loop or loop locked]  count: of names; otherwise: "In" or "Out"
std::vector<std::string> channel_names(const Graph& graph, std::uint32_t node, Direction direction,
                                       std::uint32_t count, const std::string& otherwise);

/// One port's own; "" when nothing is left of it.
/// [any-thread]  pure; so is the next
std::string port_label(const std::string& name, const std::string& alias);

/// Printable ASCII, at most 31 characters each, no two the same: the second "FL" is "FL (2)". An
/// empty one becomes the number of its place.
std::vector<std::string> told_apart(std::vector<std::string> labels, const std::string& otherwise);

} // namespace asiowire
