// SPDX-License-Identifier: MIT

#include "taps/x32_strips.hpp"

#include "core/utf8.hpp"

#include <array>
#include <vector>

namespace asiowire {

namespace {

struct Family {
    StripKind kind;
    const char* folder; ///< of the console's addresses
    const char* word;
    int strips; ///< 1: it has no numbers
};
constexpr std::array<Family, 7> families{{
    {StripKind::channel, "ch", "Ch", 32},
    {StripKind::aux_in, "auxin", "Aux", 8},
    {StripKind::fx_return, "fxrtn", "FX return", 8},
    {StripKind::bus, "bus", "Bus", 16},
    {StripKind::matrix, "mtx", "Matrix", 6},
    {StripKind::main, "main/st", "Main", 1},
    {StripKind::mono, "main/m", "Mono", 1},
}};

const Family& family_of(const Strip& strip) { return families[static_cast<int>(strip.kind)]; }

bool is_utf8(std::string_view text)
{
    while (!text.empty()) {
        const std::size_t bytes = utf8_character(text);
        if (bytes == 0) return false;
        text.remove_prefix(bytes);
    }
    return true;
}

} // namespace

std::string two_digits(int number)
{
    return (number < 10 ? "0" : "") + std::to_string(number);
}

std::string Strip::address(std::string_view fact) const
{
    const Family& family = family_of(*this);
    const std::string which = family.strips == 1 ? "" : "/" + two_digits(number);
    return "/" + std::string(family.folder) + which + "/config/" + std::string(fact);
}

std::string Strip::label() const
{
    const Family& family = family_of(*this);
    return family.word + (family.strips == 1 ? "" : " " + two_digits(number));
}

std::span<const Strip> all_strips()
{
    static const std::vector<Strip> strips = [] {
        std::vector<Strip> made;
        for (const Family& family : families)
            for (int number = 1; number <= family.strips; number++)
                made.push_back({family.kind, number});
        return made;
    }();
    return strips;
}

std::string colour_words(int colour)
{
    static constexpr std::array words{"off",  "red",     "green", "yellow",
                                      "blue", "magenta", "cyan",  "white"};
    return std::string(words[static_cast<std::size_t>(colour) % words.size()]) +
           (colour < x32_colours / 2 ? "" : " inverted");
}

std::string tidy_name(std::string_view said)
{
    const bool utf8 = is_utf8(said);
    std::string tidy;
    for (const char c : said) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f) {
            tidy += ' ';
        } else if (utf8 || byte < 0x80) {
            tidy += c;
        } else {
            tidy += static_cast<char>(0xc0 | byte >> 6);
            tidy += static_cast<char>(0x80 | (byte & 0x3f));
        }
    }
    const std::size_t first = tidy.find_first_not_of(' ');
    if (first == std::string::npos) return "";
    return tidy.substr(first, tidy.find_last_not_of(' ') - first + 1);
}

} // namespace asiowire
