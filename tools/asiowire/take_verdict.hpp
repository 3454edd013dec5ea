// SPDX-License-Identifier: MIT
#pragma once

#include "tools/asiowire/take_story.hpp"
#include "tools/asiowire/wav_probe.hpp"

#include <string>
#include <vector>

namespace asiowire {

/// What a take's files and its log say together.
struct TakeVerdict {
    enum class Ending { finished, failed, killed, recording };
    /// One file of the take.
    struct File {
        std::string name;
        std::size_t first_track = 0;
        std::uint64_t frame = 0; ///< of the take, where the file begins
        std::uint64_t frames = 0;
        std::uint64_t frames_there = 0; ///< more than `frames` where a kill came before the header
        bool rf64 = false;
        bool readable = false;
    };

    Ending ending = Ending::finished;
    std::vector<File> files;
    std::vector<std::uint64_t> lengths; ///< of each track, all its files together
    bool equally_long = true;
    std::uint64_t frames = 0;          ///< that every track has
    std::uint64_t missing_at_most = 0; ///< frames that were recorded and are not there
    std::vector<std::string> problems; ///< where files and log do not agree, or cannot be read

    /// No damage of any kind.
    bool is_whole(const TakeStory& story) const;

    static TakeVerdict of(const std::filesystem::path& folder, const TakeStory& story);
};

const char* word(TakeVerdict::Ending ending);

} // namespace asiowire
