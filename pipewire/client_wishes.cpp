// SPDX-License-Identifier: MIT

#include "pipewire/client_wishes.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <string_view>

namespace asiowire {

namespace {

struct Fraction {
    std::uint32_t over = 0;
    std::uint32_t under = 0;
};

constexpr std::uint32_t highest_rate = 768'000;

bool read(std::string_view text, std::uint32_t& number)
{
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() && number > 0;
}

/// A variable of the form "frames/rate"; nothing when it is not set or unusable.
std::optional<Fraction> fraction(const char* name, std::vector<std::string>& remarks)
{
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') return std::nullopt;
    const std::string_view text = value;
    const std::size_t slash = text.find('/');
    Fraction found;
    if (slash != text.npos && read(text.substr(0, slash), found.over) &&
        read(text.substr(slash + 1), found.under) && found.under <= highest_rate)
        return found;
    remarks.push_back(std::string(name) + "=" + std::string(text.substr(0, 24)) +
                      " is not of the form frames/rate, as in 256/48000; it is not used");
    return std::nullopt;
}

} // namespace

ClientWishes ClientWishes::from_environment(std::vector<std::string>& remarks)
{
    ClientWishes wishes;
    if (const auto quantum = fraction("PIPEWIRE_QUANTUM", remarks)) {
        wishes.latency_frames = quantum->over;
        wishes.latency_rate = quantum->under;
        wishes.rate = quantum->under;
    }
    if (const auto latency = fraction("PIPEWIRE_LATENCY", remarks)) {
        wishes.latency_frames = latency->over;
        wishes.latency_rate = latency->under;
    }
    if (const auto rate = fraction("PIPEWIRE_RATE", remarks))
        wishes.rate = rate->under / rate->over;
    return wishes;
}

Frames ClientWishes::block_at(std::uint32_t graph_rate) const
{
    if (latency_frames == 0) return 0;
    const std::uint64_t frames = std::uint64_t{latency_frames} * graph_rate / latency_rate;
    return static_cast<Frames>(std::clamp<std::uint64_t>(frames, min_block, max_block));
}

} // namespace asiowire
