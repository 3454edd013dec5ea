// SPDX-License-Identifier: MIT
#pragma once

#include "taps/osc.hpp"
#include "taps/x32_strips.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace asiowire {

/// Where an X32 or M32 keeps its routing. Shapes   block: 0…3, eight channels each; number: from 1
/// Source   docs/x32.md
std::string card_block(int block);
std::string input_block(int block);
std::string aux_input_block();
std::string user_input(int number);                     ///< 1…32
std::string user_output(int number);                    ///< 1…48
std::string output_source(const char* set, int number); ///< of "main", "p16" or "aux"

/// What a console has said, address by address: names, colours and routing, nothing else.
///
/// [one thread]
class X32Book {
public:
    X32Book();

    enum class Heard : std::uint8_t {
        unrelated, ///< of something that this book does not keep: faders, meters, …
        refused,   ///< of this book, but no console says such a thing
        same,
        changed,
    };
    Heard hear(const OscMessage& message);

    /// None: the console has not said it. Routing is kept as said, whatever the number.
    std::optional<int> number(const std::string& address) const;
    bool knows(const std::string& address) const;

    /// The strip's name, or its label when it has none.
    std::string name(Strip strip) const;
    /// The name as the console has it: empty for none.
    std::string given_name(Strip strip) const;
    /// In words; empty when the console has not said it.
    std::string colour(Strip strip) const;

    /// What every console is asked, the weightiest first. The rest depends on its routing.
    static const std::vector<std::string>& questions();

private:
    enum class Kind : std::uint8_t { name, colour, source, routing };
    struct Entry {
        Kind kind = Kind::routing;
        OscValue value;
    };
    static bool is_possible(Kind kind, const OscValue& value);

    std::map<std::string, Entry> entries_;
};

} // namespace asiowire
