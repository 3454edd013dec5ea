// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace asiowire::hooks {

/// Makes a folder for this user alone (0700), with those above it, or finds it and looks whether it is.
/// [any-thread]
/// Errors   a sentence: it cannot be made, or others own it or can reach into it; "" = it is good
std::string make_private_folder(const std::string& path);

} // namespace asiowire::hooks
