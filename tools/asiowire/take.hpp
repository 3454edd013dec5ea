// SPDX-License-Identifier: MIT
#pragma once

#include "tools/asiowire/take_hooks.hpp"

#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace asiowire {

/// `asiowire take info|verify|repair [--json] DIR`
struct TakeOptions {
    enum class Verb { info, verify, repair };
    Verb verb = Verb::info;
    bool json = false;
    std::filesystem::path folder;

    /// The words behind "take"; none when they are wrong.
    static std::optional<TakeOptions> of(const std::vector<std::string_view>& words);
};

/// Looks at a take, and prints what it found.
/// Errors   the exit code: 0 whole; 1 damaged, and the log says how; 3 no take, or files and log do not
///          agree. `info` gives 0 for every take.
int look_at_take(const TakeOptions& options);

/// Brings the files of a take that was killed to one length, all that is there of every track.
/// Errors   a sentence: it was not killed, or cannot be changed
std::expected<std::uint64_t, std::string> repair_take(const std::filesystem::path& folder,
                                                      const TakeStory& story,
                                                      const TakeVerdict& verdict);

/// For people, and for programs: one line. `checked`: with the verdict on the files.
std::string take_text(const TakeStory& story, const TakeVerdict& verdict,
                      const std::vector<TakeHook>& hooks, bool checked);
std::string take_json(const TakeStory& story, const TakeVerdict& verdict,
                      const std::vector<TakeHook>& hooks, bool checked);

} // namespace asiowire
