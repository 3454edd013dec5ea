// SPDX-License-Identifier: MIT
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace asiohost {

/// What the program says to its caller when it ends; documented in --help.
enum class ExitCode : int {
    all_right = 0,
    audio_wrong = 1, // lost, duplicated, corrupt, no signal, or a fault the driver did not survive
    usage = 2,
    not_found = 3,
    refused = 4, // a driver call returned an error
    no_callbacks = 5,
    call_hung = 6, // a driver call did not return
};

/// One thing that went wrong, as a sentence for people and a code for scripts.
struct Failure {
    ExitCode code;
    std::string sentence;
};

template <class T> using Result = std::expected<T, Failure>;

/// A failure to return from a function that gives a Result.
///
/// [any thread]
inline std::unexpected<Failure> failure(ExitCode code, std::string sentence)
{
    return std::unexpected(Failure{code, std::move(sentence)});
}

/// printf into a string.
///
/// [any thread]
std::string format(const char* pattern, ...) __attribute__((format(gnu_printf, 1, 2)));

/// Writes one line to stderr, past all buffers, so that it is seen even when the process dies next.
///
/// [any thread]
void say(const std::string& line);

} // namespace asiohost
