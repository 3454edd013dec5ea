// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace asiowire {

/// What a take's log says (docs/takes.md).
/// Units    frames of the take
struct TakeStory {
    struct Track {
        std::string name, source, colour;
    };
    struct Part {
        std::uint64_t frame = 0;
        std::vector<std::string> files;
        std::optional<std::uint64_t> end; ///< none: the log ends before the part does
    };
    struct Span {
        std::uint64_t frame = 0, frames = 0;
    };
    struct Note {
        std::uint64_t frame = 0;
        std::string text;
    };
    struct Disk {
        std::uint64_t bytes = 0, writes = 0, free_bytes = 0;
        double write_ms = 0, longest_write_ms = 0;
    };
    struct End {
        std::uint64_t frames = 0, gaps = 0, gap_frames = 0, xruns = 0;
    };

    std::string name, uid, originator, started;
    std::uint64_t rate = 0, rotation = 0, refresh = 0;
    bool polyphonic = false;
    std::vector<Track> tracks;
    std::vector<Part> parts;
    std::vector<Span> gaps; ///< neighbours put together
    std::vector<std::uint64_t> xruns;
    std::vector<Note> marks, errors, remarks;
    std::optional<Disk> disk; ///< as last told
    std::optional<End> end;
    std::optional<std::uint64_t> repaired; ///< the length that a repair gave the take
    std::size_t unreadable = 0;            ///< lines that are no JSON of ours
    bool recording = false;                ///< somebody holds the log's lock

    /// Errors   a sentence: the folder holds no take that can be understood
    static std::expected<TakeStory, std::string> read(const std::filesystem::path& folder);
};

} // namespace asiowire
