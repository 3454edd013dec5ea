// SPDX-License-Identifier: MIT
#pragma once

#include "session.hpp"

#include <string>
#include <vector>

namespace asiohost {

/// Everything that is wrong with a run, one sentence each; empty when all is right.
///
/// [main-thread]
std::vector<std::string> complaints(const Outcome& outcome);

/// The report for people, with the verdict as its last lines.
///
/// [main-thread]
std::string human_report(const Outcome& outcome);

/// The report for scripts: one line of JSON, without the line's end.
///
/// [main-thread]
std::string json_report(const Outcome& outcome);

/// What --list prints.
///
/// [main-thread]
std::string driver_report(const std::vector<DriverEntry>& drivers);

} // namespace asiohost
