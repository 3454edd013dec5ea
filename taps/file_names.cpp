// SPDX-License-Identifier: MIT
#include "taps/file_names.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace asiowire {
namespace {

constexpr std::size_t most_bytes = 120;

/// The length of the character at the beginning; 0: that is no UTF-8.
std::size_t utf8_length(std::string_view text)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned first = byte(0);
    const std::size_t length = first < 0x80   ? 1
                               : first < 0xc2 ? 0
                               : first < 0xe0 ? 2
                               : first < 0xf0 ? 3
                               : first < 0xf5 ? 4
                                              : 0;
    if (length < 2 || text.size() < length) return length == 1 ? 1 : 0;
    for (std::size_t i = 1; i < length; i++)
        if ((byte(i) & 0xc0) != 0x80) return 0;
    const bool too_long = (first == 0xe0 && byte(1) < 0xa0) || (first == 0xf0 && byte(1) < 0x90);
    const bool no_character =
        (first == 0xed && byte(1) > 0x9f) || (first == 0xf4 && byte(1) > 0x8f);
    return too_long || no_character ? 0 : length;
}

/// Names of devices on Windows, whatever follows a dot.
bool is_device(std::string_view name)
{
    std::string stem(name.substr(0, name.find('.')));
    std::ranges::transform(stem, stem.begin(), [](unsigned char c) { return std::toupper(c); });
    while (stem.ends_with(' ')) stem.pop_back();
    if (stem == "CON" || stem == "PRN" || stem == "AUX" || stem == "NUL") return true;
    return stem.size() == 4 && (stem.starts_with("COM") || stem.starts_with("LPT")) &&
           std::isdigit(static_cast<unsigned char>(stem[3]));
}

} // namespace

std::string clean_text(std::string_view text)
{
    std::string clean;
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        const auto first = static_cast<unsigned char>(text[0]);
        if (length == 0)
            clean += "\xef\xbf\xbd";
        else if (first < 0x20 || first == 0x7f)
            clean += ' ';
        else
            clean += text.substr(0, length);
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return clean;
}

std::string safe_file_name(std::string_view name, std::string_view otherwise)
{
    std::string safe = clean_text(name);
    for (char& c : safe)
        if (std::string_view("/\\:*?\"<>|").contains(c)) c = '_';
    if (safe.size() > most_bytes) {
        std::size_t end = most_bytes;
        while ((safe[end] & 0xc0) == 0x80) end--;
        safe.resize(end);
    }
    while (!safe.empty() && (safe.back() == ' ' || safe.back() == '.')) safe.pop_back();
    const std::size_t begin = safe.find_first_not_of(' ');
    safe.erase(0, std::min(begin, safe.size()));
    if (safe.empty()) return std::string(otherwise);
    if (safe[0] == '.' || safe[0] == '-') safe[0] = '_'; // hidden; an option to most commands
    return is_device(safe) ? safe.insert(safe.find_first_of(". ") == std::string::npos
                                             ? safe.size()
                                             : safe.find_first_of(". "),
                                         "_")
                           : safe;
}

std::string padded(std::size_t number, std::size_t digits)
{
    const std::string text = std::to_string(number);
    return std::string(digits - std::min(digits, text.size()), '0') + text;
}

} // namespace asiowire
