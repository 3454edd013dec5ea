// SPDX-License-Identifier: MIT

#include "asio/session.hpp"

#include "wine/pe/unix_half.hpp"

namespace asiowire {

namespace {

std::int32_t message(const asio::Callbacks& callbacks, asio::MessageSelector selector,
                     std::int32_t value)
{
    if (callbacks.asio_message == nullptr) return 0;
    return callbacks.asio_message(selector, value, nullptr, nullptr);
}

bool wants_time_info(const asio::Callbacks& callbacks)
{
    if (callbacks.buffer_switch_time_info == nullptr) return false;
    return callbacks.buffer_switch == nullptr ||
           message(callbacks, asio::kAsioSupportsTimeInfo, 0) == 1;
}

} // namespace

EngineToken::~EngineToken()
{
    auto params = abi::make<abi::CloseParams>();
    params.engine = value_;
    unix_half::ask(abi::Call::close, params);
}

Session::Session(std::shared_ptr<EngineToken> engine, std::unique_ptr<HostBuffers> buffers,
                 const asio::Callbacks& callbacks)
    : engine_(std::move(engine)), buffers_(std::move(buffers)), callbacks_(callbacks),
      wants_time_info_(wants_time_info(callbacks))
{
}

void Session::reset_position()
{
    position_.store({});
    blocks_ = 0;
}

std::int32_t Session::tell(asio::MessageSelector selector) const
{
    if (message(callbacks_, asio::kAsioSelectorSupported, selector) != 1) return 0;
    return message(callbacks_, selector, 0);
}

} // namespace asiowire
