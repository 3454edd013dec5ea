// SPDX-License-Identifier: MIT

#include "taps/channel_list.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace asiowire {

namespace {

/// A whole text as a number; 0: it is none.
std::uint32_t number(std::string_view text)
{
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? value : 0;
}

} // namespace

std::expected<std::vector<std::uint32_t>, std::string> parse_channels(std::string_view text,
                                                                      std::uint32_t most)
{
    std::vector<std::uint32_t> channels;
    const auto wrong = [](std::string_view part, const std::string& why) {
        return std::unexpected("\"" + std::string(part.substr(0, 24)) + "\" " + why);
    };
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        const std::string_view part = text.substr(begin, end - begin);
        const std::size_t dash = part.find('-');
        const std::uint32_t first = number(part.substr(0, dash));
        const std::uint32_t last =
            dash == std::string_view::npos ? first : number(part.substr(dash + 1));
        if (first == 0 || last < first)
            return wrong(part, "is no channel and no range such as 1-32");
        if (last > most) return wrong(part, "goes beyond channel " + std::to_string(most));
        for (std::uint32_t c = first - 1; c < last; c++) {
            if (std::ranges::find(channels, c) != channels.end())
                return wrong(part, "names channel " + std::to_string(c + 1) + " twice");
            channels.push_back(c);
        }
        begin = end + 1;
    }
    return channels;
}

std::string channel_words(const std::vector<std::uint32_t>& channels)
{
    std::string words;
    for (std::size_t i = 0; i < channels.size();) {
        std::size_t last = i;
        while (last + 1 < channels.size() && channels[last + 1] == channels[last] + 1)
            last++;
        words += (words.empty() ? "" : ",") + std::to_string(channels[i] + 1);
        if (last > i) words += "-" + std::to_string(channels[last] + 1);
        i = last + 1;
    }
    return words;
}

double parse_seconds(std::string_view text)
{
    double value = -1;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    const double factor = unit.empty() || unit == "s" ? 1
                          : unit == "m"               ? 60
                          : unit == "h"               ? 3600
                                                      : 0;
    if (error != std::errc() || factor == 0 || !std::isfinite(value) || value < 0) return -1;
    return value * factor;
}

} // namespace asiowire
