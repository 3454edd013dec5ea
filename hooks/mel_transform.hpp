// SPDX-License-Identifier: MIT
#pragma once

#include "hooks/mel_tables.hpp"

#include <vector>

namespace asiowire {

/// The tables of a real transform of n points; they point into `factors`.
/// [any-thread]
/// Errors   std::bad_alloc
/// Source   Stockham's passes; Bluestein, IEEE Trans. Audio 18 (1970)
TransformTables make_transform(std::size_t n, std::vector<Complex64>& factors);

} // namespace asiowire
