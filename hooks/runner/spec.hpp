// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/runner/loaded_hook.hpp"

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

namespace asiowire::hooks {

/// What a user wants to have run: the words behind `asiowire hooks add`.
struct HookSpec {
    std::string name;           // what it is called here
    std::string file;           // absolute, without symbolic links
    bool compiled = false;      // `file` is C, not a shared object
    std::string channels = "all";
    std::uint64_t limit_ms = 700;           // for one call, on the clock
    std::uint64_t memory_bytes = 256u << 20; // on top of the runner's own
    std::vector<GivenSetting> settings;     // the hook's own

    /// Words: FILE.c, FILE.so or the name of a ready-made hook in `ready`; then key=value, of which
    /// name, channels, limit.ms and limit.mb are ours.
    /// [any-thread]
    /// Errors   a sentence: which word makes no sense, and what does
    static std::expected<HookSpec, std::string> of(const std::vector<std::string>& words,
                                                   const std::string& ready);
};

} // namespace asiowire::hooks
