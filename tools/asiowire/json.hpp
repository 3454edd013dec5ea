// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

namespace asiowire {

/// A JSON string; what is no good text in it is made so (see clean()).
std::string quoted(std::string_view text);

/// One JSON object, member by member, in one line.
class JsonObject {
public:
    JsonObject& text(const char* name, std::string_view value) { return raw(name, quoted(value)); }
    JsonObject& flag(const char* name, bool value) { return raw(name, value ? "true" : "false"); }
    JsonObject& object(const char* name, const JsonObject& value)
    {
        return raw(name, value.done());
    }
    JsonObject& number(const char* name, std::uint64_t value)
    {
        return raw(name, std::to_string(value));
    }
    JsonObject& number(const char* name, const std::atomic<std::uint64_t>& counter)
    {
        return number(name, counter.load(std::memory_order_relaxed));
    }
    /// Three digits after the point, whatever the locale.
    JsonObject& decimal(const char* name, double value);
    /// A member whose value is JSON already.
    JsonObject& raw(const char* name, const std::string& value)
    {
        members_ += (members_.empty() ? "" : ", ") + quoted(name) + ": " + value;
        return *this;
    }
    std::string done() const { return "{" + members_ + "}"; }

private:
    std::string members_;
};

/// A JSON array of what `one` makes of each element.
template <class Elements, class One> std::string json_array(const Elements& elements, One&& one)
{
    std::string inside;
    for (const auto& element : elements)
        inside += (inside.empty() ? "" : ", ") + one(element);
    return "[" + inside + "]";
}

} // namespace asiowire
