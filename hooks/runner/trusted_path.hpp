// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace asiowire::hooks {

/// Whether nobody but this user and root can put other contents into a file: its own permissions, its
/// folder's, and those of all folders above.
///
/// [any-thread]
/// Shapes   path: absolute, without symbolic links (realpath)
/// Errors   a sentence: who could, and where; "" = nobody
std::string who_else_can_write(const std::string& path);

} // namespace asiowire::hooks
