// SPDX-License-Identifier: MIT

#include "tools/asiowire/json.hpp"

#include "tools/asiowire/status.hpp"

#include <array>
#include <charconv>

namespace asiowire {

std::string quoted(std::string_view text)
{
    std::string inside;
    for (const char c : clean(text)) {
        if (c == '"' || c == '\\') inside += '\\';
        inside += c;
    }
    return '"' + inside + '"';
}

JsonObject& JsonObject::decimal(const char* name, double value)
{
    std::array<char, 32> text{};
    const auto end =
        std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, 3);
    return raw(name, std::string(text.data(), end.ptr));
}

} // namespace asiowire
