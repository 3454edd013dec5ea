// SPDX-License-Identifier: MIT
#pragma once

#include "taps/recorder.hpp"
#include "taps/x32_names.hpp"

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

namespace asiowire {

/// A console's names for the channels that are recorded from its USB card; what it does not say, or when
/// none is asked, stays as it is. A console that is gone costs names and nothing else.
/// [one thread]
class ConsoleNames {
public:
    /// Asks, and waits two seconds for the answer. Shapes   host: as X32Names::connect(); "" = none is asked
    /// Errors   a sentence: no such thing as this host
    static std::expected<ConsoleNames, std::string> ask(const std::string& host,
                                                        std::vector<std::uint32_t> channels);

    /// Shapes   a track for each of the channels
    void name(std::vector<TakeTrack>& tracks) const;

    /// Hands on what has changed since. Returns what the user should know.
    std::vector<std::string> follow(Recorder& recorder) const;

private:
    std::unique_ptr<X32Names> console_;
    std::vector<std::uint32_t> channels_; // of the card, from 0
};

} // namespace asiowire
