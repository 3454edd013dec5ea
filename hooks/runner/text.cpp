// SPDX-License-Identifier: MIT
#include "hooks/runner/text.hpp"

#include "core/utf8.hpp"
#include "hooks/asiowire_hook.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace asiowire::hooks {

namespace {

template <class Value> std::string shortest(Value value)
{
    if (!std::isfinite(value)) return "null";
    std::array<char, 48> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    return {text.data(), end};
}

} // namespace

std::string printable(std::string_view text)
{
    std::string clean;
    while (!text.empty()) {
        const std::size_t bytes = utf8_character(text);
        const auto first = static_cast<unsigned char>(text[0]);
        if (bytes == 0 || first < 0x20 || first == 0x7f)
            clean += first == '\t' ? ' ' : '?';
        else
            clean += text.substr(0, bytes);
        text.remove_prefix(std::max<std::size_t>(bytes, 1));
    }
    return clean;
}

bool is_name(std::string_view name)
{
    constexpr std::string_view others = "_.-+/";
    return !name.empty() && name.size() <= ASIOWIRE_HOOK_NAME_BYTES &&
           std::all_of(name.begin(), name.end(), [&](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      others.contains(c);
           });
}

std::string json_number(double value)
{
    return shortest(value);
}

std::string json_number(float value)
{
    return shortest(value);
}

std::string json_text(std::string_view text)
{
    std::string inside;
    for (const char c : printable(text)) {
        if (c == '"' || c == '\\') inside += '\\';
        inside += c;
    }
    return '"' + inside + '"';
}

JsonObject& JsonObject::text(std::string_view name, std::string_view value)
{
    return raw(name, json_text(value));
}

JsonObject& JsonObject::raw(std::string_view name, std::string_view json)
{
    if (!members_.empty()) members_ += ", ";
    members_ += json_text(name);
    members_ += ": ";
    members_ += json;
    return *this;
}

} // namespace asiowire::hooks
