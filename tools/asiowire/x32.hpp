// SPDX-License-Identifier: MIT
#pragma once

#include "taps/x32_names.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace asiowire {

struct X32Options {
    std::string host; ///< HOST or HOST:PORT
    bool json = false;
    bool watch = false;

    /// The words behind "x32"; none when they are wrong.
    static std::optional<X32Options> of(const std::vector<std::string_view>& words);
};

/// Prints what a console calls what its USB card carries; with `watch` also every change, until
/// somebody ends it or reads no longer.
/// Errors   false: no console answered, or not to everything; a sentence says so, and what is known
///          is printed all the same
bool show_x32(const X32Options& options);

/// The card's channels and the strips that have names.
std::string x32_table(const X32Names& console);

/// One line, {"console": …, "tracks": […], "strips": […], "packets": …}.
std::string x32_json(const X32Names& console);

/// One line for a change: a sentence, or {"usb": …, "before": …, "now": …}.
std::string rename_line(const Rename& rename, bool json);

} // namespace asiowire
