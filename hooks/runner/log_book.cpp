// SPDX-License-Identifier: MIT
#include "hooks/runner/log_book.hpp"

#include <array>
#include <chrono>
#include <cmath>
#include <ctime>

namespace asiowire::hooks {

namespace {

/// Seconds since 1970, to the millisecond.
double wall_time()
{
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::round(std::chrono::duration<double>(now).count() * 1000) / 1000;
}

std::string clock_time()
{
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    localtime_r(&now, &local);
    std::array<char, 16> text{};
    std::strftime(text.data(), text.size(), "%H:%M:%S", &local);
    return text.data();
}

} // namespace

void LogBook::write(std::string_view hook, std::string_view kind, std::string_view text,
                    JsonObject more)
{
    more.number("time", wall_time()).text("hook", hook).text("kind", kind).text("text", text);
    keep({0,
          clock_time() + "  " + printable(hook) + "  " + std::string(kind) + ": " +
              printable(text),
          more.done()});
}

void LogBook::write_result(std::string_view hook, std::string_view name, std::uint64_t position,
                           const std::string& json_value)
{
    if (!has_listeners()) return;
    JsonObject line;
    line.number("time", wall_time())
        .text("hook", hook)
        .text("kind", "result")
        .count("position", position)
        .text("name", name)
        .raw("value", json_value);
    constexpr std::size_t most_shown = 60;
    std::string shown = json_value.substr(0, most_shown);
    if (shown.size() < json_value.size()) shown += " ...";
    keep({0, clock_time() + "  " + printable(hook) + "  " + std::string(name) + " = " + shown,
          line.done()});
}

void LogBook::keep(Entry entry)
{
    entry.number = next_++;
    bytes_ += entry.text.size() + entry.json.size();
    entries_.push_back(std::move(entry));
    while (entries_.size() > most_entries || bytes_ > most_bytes) {
        bytes_ -= entries_.front().text.size() + entries_.front().json.size();
        entries_.pop_front();
    }
}

} // namespace asiowire::hooks
