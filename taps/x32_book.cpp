// SPDX-License-Identifier: MIT

#include "taps/x32_book.hpp"

#include <utility>

namespace asiowire {

namespace {

/// A console's names have 12 characters at most, and UTF-8 needs up to four bytes for each.
constexpr std::size_t longest_name = 48;
constexpr int last_source = 64;

std::string eight(int block)
{
    return std::to_string(8 * block + 1) + "-" + std::to_string(8 * block + 8);
}

bool has_source(Strip strip)
{
    return strip.kind == StripKind::channel || strip.kind == StripKind::aux_in;
}

} // namespace

std::string card_block(int block) { return "/config/routing/CARD/" + eight(block); }

std::string input_block(int block) { return "/config/routing/IN/" + eight(block); }

std::string aux_input_block() { return "/config/routing/IN/AUX"; }

std::string user_input(int number) { return "/config/userrout/in/" + two_digits(number); }

std::string user_output(int number) { return "/config/userrout/out/" + two_digits(number); }

std::string output_source(const char* set, int number)
{
    return "/outputs/" + std::string(set) + "/" + two_digits(number) + "/src";
}

X32Book::X32Book()
{
    const auto keep = [this](const std::string& address, Kind kind) {
        entries_.emplace(address, Entry{.kind = kind, .value = {}});
    };
    for (const Strip strip : all_strips()) {
        keep(strip.address("name"), Kind::name);
        keep(strip.address("color"), Kind::colour);
        if (has_source(strip)) keep(strip.address("source"), Kind::source);
    }
    for (int block = 0; block < 4; block++) {
        keep(card_block(block), Kind::routing);
        keep(input_block(block), Kind::routing);
    }
    keep(aux_input_block(), Kind::routing);
    for (int i = 1; i <= 32; i++) keep(user_input(i), Kind::routing);
    for (int i = 1; i <= 48; i++) keep(user_output(i), Kind::routing);
    for (int i = 1; i <= 16; i++) keep(output_source("main", i), Kind::routing);
    for (int i = 1; i <= 16; i++) keep(output_source("p16", i), Kind::routing);
    for (int i = 1; i <= 6; i++) keep(output_source("aux", i), Kind::routing);
}

bool X32Book::is_possible(Kind kind, const OscValue& value)
{
    if (kind == Kind::name) {
        const auto* name = std::get_if<std::string>(&value);
        return name != nullptr && name->size() <= longest_name;
    }
    const auto* number = std::get_if<std::int32_t>(&value);
    if (number == nullptr) return false;
    switch (kind) {
    case Kind::colour: return *number >= 0 && *number < x32_colours;
    case Kind::source: return *number >= 0 && *number <= last_source;
    default: return true; // a newer console may have more blocks: who reads them says so
    }
}

X32Book::Heard X32Book::hear(const OscMessage& message)
{
    const auto found = entries_.find(message.address);
    if (found == entries_.end()) return Heard::unrelated;
    Entry& entry = found->second;
    if (message.values.size() != 1 || !is_possible(entry.kind, message.values[0]))
        return Heard::refused;
    OscValue value = message.values[0];
    if (auto* name = std::get_if<std::string>(&value)) *name = tidy_name(*name);
    if (value == entry.value) return Heard::same;
    entry.value = std::move(value);
    return Heard::changed;
}

std::optional<int> X32Book::number(const std::string& address) const
{
    const auto* number = std::get_if<std::int32_t>(&entries_.at(address).value);
    return number != nullptr ? std::optional<int>(*number) : std::nullopt;
}

bool X32Book::knows(const std::string& address) const
{
    return !std::holds_alternative<std::monostate>(entries_.at(address).value);
}

std::string X32Book::given_name(Strip strip) const
{
    const auto* name = std::get_if<std::string>(&entries_.at(strip.address("name")).value);
    return name != nullptr ? *name : "";
}

std::string X32Book::name(Strip strip) const
{
    const std::string given = given_name(strip);
    return given.empty() ? strip.label() : given;
}

std::string X32Book::colour(Strip strip) const
{
    const auto colour = number(strip.address("color"));
    return colour ? colour_words(*colour) : "";
}

const std::vector<std::string>& X32Book::questions()
{
    static const std::vector<std::string> all = [] {
        std::vector<std::string> made;
        for (int block = 0; block < 4; block++) made.push_back(card_block(block));
        for (int block = 0; block < 4; block++) made.push_back(input_block(block));
        made.push_back(aux_input_block());
        for (const Strip strip : all_strips()) {
            made.push_back(strip.address("name"));
            if (has_source(strip)) made.push_back(strip.address("source"));
        }
        for (const Strip strip : all_strips()) made.push_back(strip.address("color"));
        return made;
    }();
    return all;
}

} // namespace asiowire
