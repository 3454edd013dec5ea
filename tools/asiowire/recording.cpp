// SPDX-License-Identifier: MIT
#include "tools/asiowire/recording.hpp"

#include "pipewire/control_socket.hpp"
#include "tools/asiowire/status.hpp"

#include <nlohmann/json.hpp>

namespace asiowire {

double Recording::free_seconds() const
{
    constexpr std::uint64_t bytes_per_sample = 3;
    const std::uint64_t per_second = channels * bytes_per_sample * rate;
    return per_second == 0 ? 0 : static_cast<double>(free_bytes) / static_cast<double>(per_second);
}

std::optional<Recording> Recording::of(const std::string& answer)
{
    try {
        const auto told = nlohmann::json::parse(clean(answer));
        const auto number = [&](const char* name) { return told.at(name).get<std::uint64_t>(); };
        return Recording{.state = told.at("state"),
                         .folder = told.at("folder"),
                         .message = told.at("message"),
                         .frames = number("frames"),
                         .rate = number("rate"),
                         .channels = number("channels"),
                         .gaps = number("gaps"),
                         .gap_frames = number("gap_frames"),
                         .graph_xruns = number("graph_xruns"),
                         .marks = number("marks"),
                         .ring_permille = number("ring_permille"),
                         .ring_highest_permille = number("ring_highest_permille"),
                         .free_bytes = number("free_bytes")};
    } catch (const nlohmann::json::exception&) {
        return std::nullopt;
    }
}

Recordings ask_recordings(const std::vector<FoundPage>& pages)
{
    constexpr int patience_s = 1; // with one that is busy with a slow disk
    Recordings recordings;
    for (const FoundPage& page : pages) {
        if (!page.alive) continue;
        const auto answer = ask_control(control_path(page.path), "status json", patience_s);
        const auto recording = answer ? Recording::of(*answer) : std::nullopt;
        if (recording) recordings.emplace(page.path, *recording);
    }
    return recordings;
}

} // namespace asiowire
