// SPDX-License-Identifier: MIT

#include "asio/session.hpp"

namespace asiowire {

Session::Session(std::shared_ptr<EngineToken> engine, std::unique_ptr<HostBuffers> buffers,
                 const Host& host)
    : host_(host), engine_(std::move(engine)), buffers_(std::move(buffers))
{
}

std::optional<Session::Position> Session::position() const
{
    if (blocks_ == 0) return std::nullopt;
    return position_.load();
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
    add(host_.switch_code(), 64);
    const unix_half::Entrance entrance = unix_half::entrance();
    add(entrance.code, 384);
    add(entrance.note, entrance.note_bytes);
    add(AudioThread::code(), 128);
    add(reinterpret_cast<const void*>(&Session::block), 256);
}

} // namespace asiowire
