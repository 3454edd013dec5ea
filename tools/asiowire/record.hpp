// SPDX-License-Identifier: MIT
#pragma once

#include "taps/recorder.hpp"

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace asiowire {

/// `asiowire record …`: a recorder of its own, or a word to the one in a running driver.
/// Returns the exit code: 0 done, 1 failed, 2 wrong usage, 3 the take is there but damaged.
int record(const std::vector<std::string_view>& words);

extern const char record_help[];

/// What a native recorder is to do.
struct RecordOptions {
    std::string node;     // "" = the default source
    std::string channels; // as written; "" = all the node has
    std::string take = "take";
    std::string folder = ".";
    std::string x32; // the console that is asked for names; "" = none
    double preroll = 0;  // seconds; above 0 the take begins when the user says so
    double seconds = 0;  // 0 = until stopped
    double rotation = 0; // seconds
    bool polyphonic = false;
    bool hooks = false; // what hooks publish is written into the take's folder

    /// Errors   a sentence
    static std::expected<RecordOptions, std::string> of(const std::vector<std::string_view>& words);
};

/// Records until told to stop; says on standard output what happens.
int record_natively(const RecordOptions& options);

/// A word to a driver: start, stop, mark TEXT, status [--json], with [--pid N].
int talk_to_recorder(const std::vector<std::string_view>& words);

/// What the live display and the plain lines show.
struct RecordView {
    RecorderStatus status;
    std::vector<std::uint32_t> channels; // device channels, from 0
    std::uint64_t dropped = 0;           // frames, as the audio thread counts them
    std::string take;
    std::string hint; // what keys do now, or why nothing is recorded
};

/// One line without line end. [any-thread]  pure
std::string record_line(const RecordView& view);

/// Several lines, each cleared to its end, for a terminal of so many columns. Pure.
std::string record_screen(const RecordView& view, std::uint32_t columns);

/// "1:02:03" of seconds.
std::string clock_words(double seconds);

} // namespace asiowire
