// SPDX-License-Identifier: MIT
#pragma once

#include "asio/asio_abi.hpp"
#include "core/sample_type.hpp"

namespace asiowire {

/// The one converter from our sample types to ASIO's.
/// [any-thread]  pure
constexpr asio::SampleType asio_type(SampleType type) noexcept
{
    switch (type) {
    case SampleType::float32: break;
    case SampleType::float64: return asio::Float64LSB;
    case SampleType::int16: return asio::Int16LSB;
    case SampleType::int24: return asio::Int24LSB;
    case SampleType::int32: return asio::Int32LSB;
    }
    return asio::Float32LSB;
}

} // namespace asiowire
