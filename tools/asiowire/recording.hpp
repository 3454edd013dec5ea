// SPDX-License-Identifier: MIT
#pragma once

#include "pipewire/status_folder.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace asiowire {

/// What a driver says of its recorder.
struct Recording {
    std::string state; // idle, waiting, recording, failed
    std::string folder;
    std::string message;
    std::uint64_t frames = 0; // of the take, as all that follows but ring and disk
    std::uint64_t rate = 0;   // Hz
    std::uint64_t channels = 0;
    std::uint64_t gaps = 0;
    std::uint64_t gap_frames = 0; // lost, and silence in the files
    std::uint64_t graph_xruns = 0;
    std::uint64_t marks = 0;
    std::uint64_t ring_permille = 0; // full
    std::uint64_t ring_highest_permille = 0;
    std::uint64_t free_bytes = 0; // 0: not known

    /// The take's own name.
    std::string take() const { return folder.substr(folder.rfind('/') + 1); }
    double seconds() const { return rate == 0 ? 0 : static_cast<double>(frames) / rate; }
    /// How long the disk will do; 0: not known. Units: s
    double free_seconds() const;

    /// A driver's answer to `status json`.
    /// [any-thread]
    /// Errors   none: it is no answer of ours
    static std::optional<Recording> of(const std::string& answer);
};

/// The recorders of drivers, by the path of their pages.
using Recordings = std::map<std::string, Recording>;

/// Asks every driver that is alive, over its control socket.
/// [any-thread]  waits a second for each that does not answer
/// Errors   such a one is left out
Recordings ask_recordings(const std::vector<FoundPage>& pages);

} // namespace asiowire
