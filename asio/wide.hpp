// SPDX-License-Identifier: MIT
#pragma once

#include "asio/asio_abi.hpp"

#include <cstdint>

namespace asiowire {

/// ASIO's way to write a 64-bit number.
/// [any-thread]  pure
constexpr asio::Wide wide(std::uint64_t value) noexcept
{
    return {.hi = static_cast<std::uint32_t>(value >> 32), .lo = static_cast<std::uint32_t>(value)};
}

} // namespace asiowire
