// SPDX-License-Identifier: MIT
#pragma once

#include "windows_api.hpp"

#include <string>
#include <vector>

namespace asiohost {

/// What the process holds, as far as Windows knows; -1 where it cannot be told.
struct Holdings {
    long long handles = -1;
    long long threads = -1;
    long long private_bytes = -1;
};

/// [any thread]  takes some ten milliseconds
Holdings count_holdings();

/// [any thread]
std::string as_json(const Holdings& holdings);

/// Handles to every thread of this process but the caller's own.
///
/// [any thread]
/// Ownership  the caller closes them
std::vector<HANDLE> other_threads();

} // namespace asiohost
