// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace asiowire::hooks {

/// What a program that has ended left behind.
struct ProgramEnd {
    bool well = false; // exit code 0
    std::string out;
    std::string err;
};

/// Runs a program (from PATH) with an input, and waits for it, at most `seconds`.
///
/// [any-thread, blocks]
/// Errors   not well, the sentence at the end of `err`: it is not there, took too long, or said more
///          than 64 MiB
ProgramEnd run_program(std::vector<std::string> words, const std::string& input, int seconds);

} // namespace asiowire::hooks
