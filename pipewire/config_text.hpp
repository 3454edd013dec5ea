// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace asiowire {

/// What is wrong with the shape of a file in PipeWire's relaxed JSON, with its line; "" when nothing
/// is. PipeWire's own parser says nothing and uses what comes before the fault; half a file, saved
/// while it is being written, must not be taken for a whole one.
///
/// [any-thread]  pure
/// Source   the tokens are those of spa/utils/json.h
std::string fault_in(std::string_view text);

} // namespace asiowire
