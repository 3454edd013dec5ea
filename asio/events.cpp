// SPDX-License-Identifier: MIT

#include "asio/events.hpp"

#include "asio/srw_guard.hpp"

namespace asiowire {

namespace {

void tell(const Host& host, abi::Event kind, std::uint32_t value)
{
    switch (kind) {
    case abi::Event::latencies_changed: return host.tell(asio::kAsioLatenciesChanged);
    case abi::Event::overload: return host.tell(asio::kAsioOverload);
    case abi::Event::reset: return host.tell(asio::kAsioResetRequest);
    case abi::Event::resync: return host.tell(asio::kAsioResyncRequest);
    case abi::Event::rate_changed: return host.tell_rate(value);
    case abi::Event::block_changed:
        return host.tell(asio::kAsioBufferSizeChange, static_cast<std::int32_t>(value));
    case abi::Event::closed: return;
    }
}

} // namespace

void Events::aim_at(std::weak_ptr<Session> session)
{
    const SrwGuard guard(lock_, SrwGuard::exclusive);
    session_ = std::move(session);
}

void Events::let_finish() const
{
    for (int ms = 0; ms < 1000; ms++) {
        const DWORD thread = telling_;
        if (thread == 0 || thread == GetCurrentThreadId()) return;
        Sleep(1);
    }
}

void Events::event(abi::Event kind, std::uint32_t value)
{
    std::shared_ptr<Session> session;
    {
        const SrwGuard guard(lock_, SrwGuard::shared);
        session = session_.lock();
        if (session) telling_ = GetCurrentThreadId();
    }
    if (!session) return;
    tell(session->host(), kind, value);
    telling_ = 0;
}

} // namespace asiowire
