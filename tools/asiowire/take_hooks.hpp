// SPDX-License-Identifier: MIT
#pragma once

#include "tools/asiowire/take_verdict.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace asiowire {

/// What lies in a take's folder of one hook's results (docs/hooks.md, "Along with a take").
/// Units    frames of the take
struct TakeHook {
    std::string file; ///< in the take's folder
    std::string hook;
    std::uint64_t results = 0;
    std::uint64_t events = 0;
    std::uint64_t missed = 0; ///< lines that found no room
    std::optional<std::uint64_t> first; ///< of the first line that has a frame
    std::optional<std::uint64_t> last;  ///< the highest
    bool ended = false;                 ///< its last line says so
    std::uint64_t cut = 0;              ///< 1: the last line is not whole, as after a kill
    std::uint64_t beyond = 0; ///< lines of frames that the take, which was cut off, has not
    std::vector<std::string> problems;

    /// All of them, by name.
    static std::vector<TakeHook> of(const std::filesystem::path& folder, const TakeStory& story,
                                    const TakeVerdict& verdict);
};

} // namespace asiowire
