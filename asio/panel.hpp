// SPDX-License-Identifier: MIT
#pragma once

#include "asio/outcome.hpp"

#include <string>

namespace asiowire {

/// Shows a text (UTF-8) in a window of its own, on a thread of its own, and returns at once: a host
/// that waits for its panel longer than 300 ms takes it for a change of settings. The window belongs
/// to no driver object and may outlive them all. While one is open there is no second.
/// [any-thread but the audio thread]
/// Errors   system_error when Windows refuses the thread
Outcome show_panel(const std::string& text);

} // namespace asiowire
