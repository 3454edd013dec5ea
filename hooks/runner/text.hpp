// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace asiowire::hooks {

/// A text of somebody else's as terminals and JSON may have it: valid UTF-8, no control characters.
/// [any-thread]
std::string printable(std::string_view text);

/// Whether a result or a hook may be called so (asiowire_hook.h, "A name").
/// [any-thread]
bool is_name(std::string_view name);

/// A number that programs can read back: the shortest that is exact; JSON has no NaN: null.
/// [any-thread]
std::string json_number(double value);
std::string json_number(float value);

/// One JSON object, member by member.
class JsonObject {
public:
    JsonObject& text(std::string_view name, std::string_view value);
    JsonObject& number(std::string_view name, double value) { return raw(name, json_number(value)); }
    JsonObject& count(std::string_view name, std::uint64_t value)
    {
        return raw(name, std::to_string(value));
    }
    JsonObject& raw(std::string_view name, std::string_view json);
    std::string done() const { return "{" + members_ + "}"; }

private:
    std::string members_;
};

std::string json_text(std::string_view text);

} // namespace asiowire::hooks
