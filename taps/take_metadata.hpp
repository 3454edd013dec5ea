// SPDX-License-Identifier: MIT
#pragma once

#include "taps/riff_bytes.hpp"
#include "taps/take.hpp"

#include <string>

namespace asiowire {

/// The beginning of a take on the wall's clock, in this machine's time zone.
struct TakeTime {
    std::string date;                  ///< "2026-11-21"
    std::string time;                  ///< "20:15:00"
    std::string iso;                   ///< "2026-11-21T20:15:00.123456+01:00"
    std::uint64_t time_reference = 0;  ///< frames since midnight
    explicit TakeTime(std::chrono::system_clock::time_point start, std::uint32_t rate);
};

/// One file of a take, as its metadata tells of it.
struct TakeFileFacts {
    std::string uid;               ///< the take's
    std::uint64_t first_frame = 0; ///< of the take, where this file begins
    std::size_t first_track = 0;
    std::size_t tracks = 1;
    std::size_t number = 1; ///< 1…
    std::size_t of = 0;     ///< files in all; 0 = not known yet, because files rotate
};

/// 32 hexadecimal digits, never the same twice.
std::string new_take_uid();

/// The chunks bext (EBU Tech 3285, version 1) and iXML of one file.
RiffBytes metadata_chunks(const TakeSettings& settings, const TakeTime& time,
                          const TakeFileFacts& file);

} // namespace asiowire
