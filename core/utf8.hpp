// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string_view>

namespace asiowire {

/// Length of the UTF-8 character that a text begins with; 0: it begins with none.
/// [any-thread]  pure
/// Source   Unicode 15, table 3-7: no surrogates, nothing overlong, nothing above U+10FFFF
constexpr std::size_t utf8_character(std::string_view text)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = text.empty() ? 0xff : byte(0);
    const std::size_t bytes = first < 0x80                     ? 1
                              : first >= 0xc2 && first <= 0xdf ? 2
                              : (first & 0xf0) == 0xe0         ? 3
                              : first >= 0xf0 && first <= 0xf4 ? 4
                                                               : 0;
    if (bytes == 0 || bytes > text.size()) return 0;
    for (std::size_t i = 1; i < bytes; i++)
        if ((byte(i) & 0xc0) != 0x80) return 0;
    const bool overlong = (first == 0xe0 && byte(1) < 0xa0) || (first == 0xf0 && byte(1) < 0x90);
    const bool no_character =
        (first == 0xed && byte(1) >= 0xa0) || (first == 0xf4 && byte(1) >= 0x90);
    return overlong || no_character ? 0 : bytes;
}

} // namespace asiowire
