// SPDX-License-Identifier: MIT

#include "asio/host.hpp"

namespace asiowire {

const void* Host::switch_code() const
{
    return wants_time_info_ ? reinterpret_cast<const void*>(callbacks_.buffer_switch_time_info)
                            : reinterpret_cast<const void*>(callbacks_.buffer_switch);
}

void Host::tell(asio::MessageSelector selector, std::int32_t value) const
{
    if (knows(selector)) message(selector, value);
}

void Host::tell_rate(double rate) const
{
    if (callbacks_.sample_rate_did_change != nullptr) callbacks_.sample_rate_did_change(rate);
}

std::int32_t Host::message(asio::MessageSelector selector, std::int32_t value) const
{
    if (callbacks_.asio_message == nullptr) return 0;
    return callbacks_.asio_message(selector, value, nullptr, nullptr);
}

bool Host::knows(asio::MessageSelector selector) const
{
    return message(asio::kAsioSelectorSupported, selector) == 1;
}

bool Host::ask_for_time_info() const
{
    if (callbacks_.buffer_switch_time_info == nullptr) return false;
    if (callbacks_.buffer_switch == nullptr) return true;
    return knows(asio::kAsioSupportsTimeInfo) && message(asio::kAsioSupportsTimeInfo, 0) == 1;
}

} // namespace asiowire
