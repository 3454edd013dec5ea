// SPDX-License-Identifier: MIT
#pragma once

#include "asio/asio_abi.hpp"
#include "asio/outcome.hpp"

namespace asiowire {

/// Answers every selector of future() but kAsioGetInternalBufferSamples, which wants a device:
/// ok where the driver does it, unsupported for what ASIO knows and the driver does not do, and
/// bad_argument for what ASIO does not know, "to prevent further calls with this selector".
/// [any-thread]  param: written for the IoFormat selectors
/// Source   ASIO 2.3, ASIOFuture and the notes on ASIOIoFormat
Outcome answer_future(std::int32_t selector, void* param);

} // namespace asiowire
