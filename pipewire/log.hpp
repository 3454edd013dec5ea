// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace asiowire {

enum class LogLevel { error, warning, info };

/// Writes one line: errors and warnings to standard error, everything to the file that log_into()
/// or ASIOWIRE_LOG names, in one write each so that lines of several programs do not mix.
///
/// [any-thread but the audio thread]
/// Errors   a log that cannot be written is silent; the driver goes on
void log(LogLevel level, std::string_view text);

/// Names the file for the lines that follow, of the whole process; "" = none. ASIOWIRE_LOG wins.
/// [any-thread but the audio thread]
void log_into(const std::string& path);

} // namespace asiowire
