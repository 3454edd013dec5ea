// SPDX-License-Identifier: MIT

#include "asio/running.hpp"

namespace asiowire {

namespace {

constexpr DWORD patience_ms = 5000; // for a host that does not come back from its callback

Status arm(const Session& session)
{
    const HostBuffers& buffers = session.buffers();
    auto params = abi::make<abi::PrepareParams>();
    params.engine = session.engine().value();
    params.input_mask = buffers.input_mask();
    params.output_mask = buffers.output_mask();
    params.inputs = reinterpret_cast<std::uintptr_t>(buffers.inputs());
    params.outputs = reinterpret_cast<std::uintptr_t>(buffers.outputs());
    params.channel_stride = static_cast<std::uint32_t>(buffers.channel_stride());
    params.half_stride = static_cast<std::uint32_t>(buffers.half_stride());
    params.block = buffers.block();
    params.sample_type = static_cast<std::uint32_t>(buffers.type());
    session.list_warm(params);
    return unix_half::ask(abi::Call::prepare, params);
}

} // namespace

std::expected<std::shared_ptr<Running>, Outcome>
Running::create(const std::shared_ptr<Session>& session)
{
    if (const Status status = arm(*session); status != Status::ok)
        return std::unexpected<Outcome>(status);
    session->reset_position();
    auto thread = AudioThread::create(session->engine().value(), {&Session::block, session});
    if (!thread)
        return std::unexpected<Outcome>({Status::system_error, "Windows refused the audio thread"});
    return std::shared_ptr<Running>(new Running(session, std::move(thread)));
}

Outcome Running::begin()
{
    auto params = abi::make<abi::StartParams>();
    params.engine = session_->engine().value();
    const Status status = unix_half::ask(abi::Call::start, params);
    return {status, params.message};
}

Outcome Running::end()
{
    const bool inside = thread_->is_current();
    auto params = abi::make<abi::StopParams>();
    params.engine = session_->engine().value();
    params.audio_thread_lost = !inside && thread_->lost() ? 1 : 0;
    const Status status = unix_half::ask(abi::Call::stop, params);
    if (!inside && !over(patience_ms))
        return {Status::system_error, "the audio thread does not come back from the host"};
    return status;
}

} // namespace asiowire
