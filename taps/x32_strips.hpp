// SPDX-License-Identifier: MIT
#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace asiowire {

enum class StripKind : std::uint8_t { channel, aux_in, fx_return, bus, matrix, main, mono };

/// A strip of an X32's or M32's surface that has a name and a colour of its own.
/// Source   addresses: docs/x32.md
struct Strip {
    StripKind kind = StripKind::channel;
    int number = 1; ///< from 1; the two mains are number 1

    std::strong_ordering operator<=>(const Strip&) const = default;

    /// Where the console keeps one of its facts: "/ch/05/config/name" for "name".
    std::string address(std::string_view fact) const;
    /// What a person calls it: "Ch 05".
    std::string label() const;
};

/// The console writes its numbers so: "05". Shapes   number: 0…99
std::string two_digits(int number);

/// All 72, in the order of a surface: channels, aux inputs, effect returns, buses, matrices, mains.
std::span<const Strip> all_strips();

inline constexpr int x32_colours = 16;

/// A scribble strip's colour in words: "red", or "red inverted" (dark letters on light).
/// Shapes   colour: 0…15
std::string colour_words(int colour);

/// A name as the console has it, as UTF-8 without control characters and without blanks around it.
///
/// What is not UTF-8 is read as Latin-1: no byte is lost, and no name is refused for its letters.
std::string tidy_name(std::string_view said);

} // namespace asiowire
