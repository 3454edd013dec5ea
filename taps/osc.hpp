// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace asiowire {

/// An argument of an OSC message; monostate: of a type that nobody here asks for.
using OscValue = std::variant<std::monostate, std::int32_t, std::string>;

struct OscMessage {
    std::string address;
    std::vector<OscValue> values;
};

/// The packet of a message without arguments: what a console takes for a question.
/// [any-thread]
std::vector<std::uint8_t> osc_question(const std::string& address);

/// What a packet says; none when it is no well-formed OSC message (a bundle is none either: the
/// consoles send none).
/// [any-thread]  reads nothing outside the packet, whatever is in it
std::optional<OscMessage> read_osc(std::span<std::uint8_t> packet);

} // namespace asiowire
