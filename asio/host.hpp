// SPDX-License-Identifier: MIT
#pragma once

#include "asio/asio_abi.hpp"

#include <cstdint>

namespace asiowire {

/// The host's callbacks, copied, because its own struct may lie on a stack. Every member may be null
/// but one of the two switches.
class Host {
public:
    /// Asks the host which of its switches it wants to be called.
    /// [any-thread but the audio thread; no lock held: the host may call anything from its answer]
    explicit Host(const asio::Callbacks& callbacks)
        : callbacks_(callbacks), wants_time_info_(ask_for_time_info())
    {
    }

    const asio::Callbacks& callbacks() const { return callbacks_; }
    bool wants_time_info() const { return wants_time_info_; }

    /// The switch that will be called, as an address to be warmed.
    const void* switch_code() const;

    /// Passes a message on, when the host says that it knows this one. Its answer means nothing to
    /// us: hosts say yes and do nothing, or no and do it.
    /// [event-thread]
    void tell(asio::MessageSelector selector, std::int32_t value = 0) const;

    /// [event-thread]
    void tell_rate(double rate) const;

private:
    std::int32_t message(asio::MessageSelector selector, std::int32_t value) const;
    bool knows(asio::MessageSelector selector) const;
    bool ask_for_time_info() const;

    const asio::Callbacks callbacks_;
    const bool wants_time_info_;
};

} // namespace asiowire
