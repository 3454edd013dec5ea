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
    : callbacks_(callbacks), wants_time_info_(wants_time_info(callbacks)),
      engine_(std::move(engine)), buffers_(std::move(buffers))
{
}

void Session::reset_position()
{
    position_.store({});
    blocks_ = 0;
}

void Session::list_warm(abi::PrepareParams& params) const
{
    std::size_t i = 0;
    const auto add = [&](const void* begin, std::uint32_t bytes) {
        params.warm_address[i] = reinterpret_cast<std::uintptr_t>(begin);
        params.warm_bytes[i++] = bytes;
    };
    add(this, sizeof *this);
    // Code is addressed as data here: the processor's second-level cache serves both.
    const auto switch_code = wants_time_info_
                                 ? reinterpret_cast<const void*>(callbacks_.buffer_switch_time_info)
                                 : reinterpret_cast<const void*>(callbacks_.buffer_switch);
    add(switch_code, 64);
    const unix_half::Entrance entrance = unix_half::entrance();
    add(entrance.code, 384);
    add(entrance.note, entrance.note_bytes);
    add(AudioThread::code(), 128);
    add(reinterpret_cast<const void*>(&Session::block), 256);
}

std::int32_t Session::tell(asio::MessageSelector selector) const
{
    if (message(callbacks_, asio::kAsioSelectorSupported, selector) != 1) return 0;
    return message(callbacks_, selector, 0);
}

} // namespace asiowire
