// SPDX-License-Identifier: MIT
#pragma once

#include "asio/asio_abi.hpp"
#include "core/status.hpp"

namespace asiowire {

/// The one converter from Status to ASIOError.
/// [any-thread]  pure
constexpr std::int32_t asio_error(Status status) noexcept
{
    switch (status) {
    case Status::ok: return asio::ASE_OK;
    case Status::no_daemon:
    case Status::no_unix_half:
    case Status::unknown_device:
    case Status::unsupported: return asio::ASE_NotPresent;
    case Status::bad_argument: return asio::ASE_InvalidParameter;
    case Status::bad_state:
    case Status::clock_held: return asio::ASE_InvalidMode;
    case Status::no_memory: return asio::ASE_NoMemory;
    case Status::position_unknown: return asio::ASE_SPNotAdvancing;
    case Status::no_clock: return asio::ASE_NoClock;
    case Status::wrong_version:
    case Status::thread_lost:
    case Status::system_error: return asio::ASE_HWMalfunction;
    }
    return asio::ASE_HWMalfunction;
}

} // namespace asiowire
