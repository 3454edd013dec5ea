// SPDX-License-Identifier: MIT

#include "tools/asiowire/record.hpp"

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cmath>
#include <cstdio>

namespace asiowire {

namespace {

using State = RecorderStatus::State;

constexpr std::size_t bar_cells = 12;
constexpr double bar_floor_db = -60;

template <class... Values> std::string words(const char* format, Values... values)
{
    std::array<char, 512> text{};
    std::snprintf(text.data(), text.size(), format, values...);
    return text.data();
}

const char* state_word(State state)
{
    switch (state) {
    case State::idle:
        return "not recording";
    case State::waiting:
        return "waiting for audio";
    case State::recording:
        return "recording";
    case State::failed:
        return "failed";
    }
    return "unknown";
}

double elapsed(const RecorderStatus& status)
{
    return status.rate == 0 ? 0 : static_cast<double>(status.counts.frames) / status.rate;
}

/// How long the disk will do.
std::string free_time(const RecordView& view)
{
    const double bytes_per_second =
        3.0 * view.status.rate * static_cast<double>(view.channels.size());
    if (view.status.free_bytes == 0 || bytes_per_second == 0) return "?";
    return clock_words(static_cast<double>(view.status.free_bytes) / bytes_per_second);
}

std::string level(float peak)
{
    if (std::isnan(peak)) return "  NaN";
    if (peak > 1) return " OVER";
    if (peak <= 0) return "    -";
    return words("%5.1f", std::max(20 * std::log10(static_cast<double>(peak)), -99.9));
}

std::string bar(float peak)
{
    const double db = peak > 0 ? 20 * std::log10(static_cast<double>(peak)) : bar_floor_db;
    const double share = std::isnan(peak) ? 1 : std::clamp(1 - db / bar_floor_db, 0.0, 1.0);
    const auto cells = static_cast<std::size_t>(std::lround(share * bar_cells));
    return std::string(cells, '#') + std::string(bar_cells - cells, '.');
}

std::string damage_words(const RecordView& view)
{
    return words("dropped %" PRIu64 " frames in %" PRIu64 " gaps, %" PRIu64 " xruns", view.dropped,
                 view.status.counts.gaps, view.status.counts.xruns);
}

} // namespace

std::string clock_words(double seconds)
{
    const auto whole = static_cast<std::uint64_t>(std::max(seconds, 0.0));
    return words("%" PRIu64 ":%02" PRIu64 ":%02" PRIu64, whole / 3600, whole / 60 % 60, whole % 60);
}

std::string record_line(const RecordView& view)
{
    const RecorderStatus& s = view.status;
    std::string line = words("%s %s, ring %.0f %% (highest %.0f %%), disk for %s, ",
                             state_word(s.state), clock_words(elapsed(s)).c_str(), 100 * s.fill,
                             100 * s.fill_highest, free_time(view).c_str()) +
                       damage_words(view);
    return s.message.empty() ? line : line + ": " + s.message;
}

std::string record_screen(const RecordView& view, std::uint32_t columns)
{
    const RecorderStatus& s = view.status;
    const std::string end = "\033[K\n";
    std::string screen =
        words("%s%s\033[0m %s  take %s, %zu channels, %u Hz",
              s.state == State::recording ? "\033[1;31m" : "\033[1m", state_word(s.state),
              clock_words(elapsed(s)).c_str(), view.take.c_str(), view.channels.size(), s.rate) +
        end;
    screen += words("ring %3.0f %% (highest %.0f %%)   disk for %s   ", 100 * s.fill,
                    100 * s.fill_highest, free_time(view).c_str());
    const bool damaged = view.dropped + s.damages > 0;
    screen += (damaged ? "\033[1;31m" : "") + damage_words(view) + (damaged ? "\033[0m" : "") + end;
    constexpr std::size_t meter_columns = 26;
    const std::size_t across = std::max<std::size_t>(columns / meter_columns, 1);
    const std::size_t rows = (view.channels.size() + across - 1) / across;
    for (std::size_t row = 0; row < rows; row++) {
        for (std::size_t c = row; c < view.channels.size(); c += rows) {
            const float peak = c < s.peaks.size() ? s.peaks[c] : 0;
            screen +=
                words("%3u %s %s   ", view.channels[c] + 1, bar(peak).c_str(), level(peak).c_str());
        }
        screen += end;
    }
    return screen + (s.message.empty() ? view.hint : s.message) + end;
}

} // namespace asiowire
