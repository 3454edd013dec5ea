// SPDX-License-Identifier: MIT
#pragma once

#include "session.hpp"

#include <string>

namespace asiohost {

enum class Action { help, list, info, run };

/// The command line, understood.
struct Options {
    Action action = Action::run;
    std::string driver; // empty: the only one there is
    Plan plan;
    std::string fault; // empty: an ordinary run
    int rounds = 200;
    unsigned seed = 1;
    std::vector<int> blocks; // a sweep: one run each, in one process
    bool json = false;
};

/// [main-thread]
/// Errors   usage, with what was not understood
Result<Options> parse_args(int count, char** args);

/// What --help prints, the fault switches excepted.
///
/// [main-thread]
const char* help_text();

} // namespace asiohost
