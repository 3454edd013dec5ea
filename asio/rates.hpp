// SPDX-License-Identifier: MIT
#pragma once

#include "core/status.hpp"

#include <cstdint>

namespace asiowire {

/// ASIO's rate as the graph's: whole Hz. 0 for what no graph runs at: nothing, NaN, less than half a
/// Hertz, more than a million.
/// [any-thread]  pure
constexpr std::uint32_t whole_rate(double rate) noexcept
{
    constexpr double absurd = 1e6;
    if (!(rate > 0 && rate <= absurd)) return 0; // NaN compares false
    return static_cast<std::uint32_t>(rate + 0.5);
}

/// canSampleRate's "no" has one name, whoever stands in the way of the rate.
/// [any-thread]  pure
constexpr Status cannot_run_at(Status status) noexcept
{
    switch (status) {
    case Status::bad_argument:
    case Status::bad_state:
    case Status::unsupported:
    case Status::clock_held: return Status::no_clock;
    default: return status;
    }
}

/// setSampleRate's "no": ASE_InvalidMode, never ASE_NoClock, upon which Ableton Live ends and, told
/// the same at its next start, ends again.
/// [any-thread]  pure
constexpr Status did_not_set_rate(Status status) noexcept
{
    return cannot_run_at(status) == Status::no_clock ? Status::clock_held : status;
}

} // namespace asiowire
