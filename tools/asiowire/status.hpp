// SPDX-License-Identifier: MIT
#pragma once

#include "pipewire/status_folder.hpp"
#include "tools/asiowire/recording.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace asiowire {

struct StatusOptions {
    bool json = false;
    bool watch = false;

    /// The words behind "status"; none when they are wrong.
    static std::optional<StatusOptions> of(const std::vector<std::string_view>& words);
};

/// Prints the status of this user's drivers, once or for ever.
/// Errors   false: no driver is open; a sentence says so, and the drivers that ended are shown all the
///          same
bool show_status(const StatusOptions& options);

/// A table for each driver; a recorder that says nothing is left out.
std::string as_table(const std::vector<FoundPage>& pages, const Recordings& recordings);

/// One line, {"drivers": […]}; names that are not UTF-8 are made so.
std::string as_json(const std::vector<FoundPage>& pages, const Recordings& recordings);

/// What a driver's states and choices are called, in both.
const char* state_word(const FoundPage& page, const PageFacts& facts);
const char* sample_type_word(const PageFacts& facts);
const char* schedule_word(const PageFacts& facts);

/// A name as others may see it: valid UTF-8, no control characters.
std::string clean(std::string_view name);

/// One of the page's times as percentiles. Units: µs; the last bucket's end, so at most 3 % high
struct Times {
    double p50 = 0;
    double p99 = 0;
    double max = 0;
    explicit Times(const Histogram& ns);
};

} // namespace asiowire
