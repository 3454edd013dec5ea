// SPDX-License-Identifier: MIT
#pragma once

#include "wine/pe/unix_half.hpp"

#include <cstdint>

namespace asiowire {

/// The token of an open engine, closed with its last owner.
class EngineToken {
public:
    explicit EngineToken(std::uint64_t value) : value_(value) {}
    ~EngineToken()
    {
        auto params = abi::make<abi::CloseParams>();
        params.engine = value_;
        unix_half::ask(abi::Call::close, params);
    }
    EngineToken(const EngineToken&) = delete;
    EngineToken& operator=(const EngineToken&) = delete;
    std::uint64_t value() const { return value_; }

private:
    const std::uint64_t value_;
};

} // namespace asiowire
