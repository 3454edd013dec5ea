// SPDX-License-Identifier: MIT
#include "hooks/runner/results.hpp"

#include "hooks/runner/text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace asiowire::hooks {

namespace {

std::string json_array(std::span<const float> values)
{
    std::string text = "[";
    for (const float value : values) {
        if (text.size() > 1) text += ", ";
        text += json_number(value);
    }
    return text + "]";
}

constexpr std::size_t most_shown = 8;

std::string line_of(const std::string& name, const std::vector<float>& values)
{
    std::array<char, 160> line{};
    std::snprintf(line.data(), line.size(), "  %-32s", name.c_str());
    std::string text = line.data();
    for (const float value : values) {
        std::snprintf(line.data(), line.size(), " %12.4f", static_cast<double>(value));
        text += line.data();
    }
    return text + "\n";
}

} // namespace

bool Results::take(const Message& message)
{
    auto found = found_.find(message.name);
    if (found == found_.end()) {
        if (found_.size() >= ASIOWIRE_HOOK_RESULTS) return false;
        found = found_.emplace(message.name, Result{}).first;
    }
    Result& result = found->second;
    result.is_array = message.said == Said::array;
    result.value = message.value;
    result.values.assign(message.values.begin(), message.values.end());
    result.position = message.position;
    return true;
}

std::string Results::json_value(const Message& message)
{
    return message.said == Said::array ? json_array(message.values) : json_number(message.value);
}

std::string Results::as_json() const
{
    JsonObject all;
    for (const auto& [name, result] : found_)
        all.raw(name, result.is_array ? json_array(result.values) : json_number(result.value));
    return all.done();
}

std::string Results::as_table() const
{
    std::string text;
    for (const auto& [name, result] : found_) {
        std::array<char, 160> line{};
        if (!result.is_array) {
            std::snprintf(line.data(), line.size(), "  %-32s %12.4f\n", name.c_str(), result.value);
        } else if (result.values.empty()) {
            std::snprintf(line.data(), line.size(), "  %-32s %12s\n", name.c_str(), "empty");
        } else if (result.values.size() <= most_shown) {
            text += line_of(name, result.values);
            continue;
        } else {
            const auto [least, most] =
                std::minmax_element(result.values.begin(), result.values.end());
            std::snprintf(line.data(), line.size(), "  %-32s %12zu values, %g to %g\n",
                          name.c_str(), result.values.size(), static_cast<double>(*least),
                          static_cast<double>(*most));
        }
        text += line.data();
    }
    return text;
}

} // namespace asiowire::hooks
