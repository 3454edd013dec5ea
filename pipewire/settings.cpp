// SPDX-License-Identifier: MIT

#include "pipewire/settings.hpp"

#include <charconv>
#include <cstdlib>
#include <string_view>

namespace asiowire {

namespace {

std::string_view variable(const char* name)
{
    const char* value = std::getenv(name);
    return value == nullptr ? std::string_view() : std::string_view(value);
}

template <class Number>
void read_number(const char* name, Number low, Number high, const char* used_instead,
                 Number& into, std::vector<std::string>& remarks)
{
    const std::string_view text = variable(name);
    if (text.empty()) return;
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size() && number >= low &&
        number <= high) {
        into = number;
        return;
    }
    remarks.push_back(std::string(name) + "=" + std::string(text.substr(0, 24)) + " is not within " +
                      std::to_string(low) + "…" + std::to_string(high) + "; using " + used_instead);
}

} // namespace

Settings Settings::from_environment()
{
    Settings settings;
    settings.playback = variable("ASIOWIRE_PLAYBACK");
    settings.capture = variable("ASIOWIRE_CAPTURE");
    auto& remarks = settings.remarks;
    read_number("ASIOWIRE_INPUTS", min_channels, max_channels, "the device's", settings.inputs,
                remarks);
    read_number("ASIOWIRE_OUTPUTS", min_channels, max_channels, "the device's", settings.outputs,
                remarks);
    read_number("ASIOWIRE_BLOCK", min_block, max_block, "the graph's quantum", settings.block,
                remarks);
    read_number("ASIOWIRE_RT_PRIORITY", 0, 98, "15", settings.priority, remarks);
    int hand_off = 0;
    read_number("ASIOWIRE_HAND_OFF", 0, 1, "0", hand_off, remarks);
    settings.hand_off = hand_off == 1;
    return settings;
}

} // namespace asiowire
