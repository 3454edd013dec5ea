// SPDX-License-Identifier: MIT

#include "asio/events.hpp"

namespace asiowire {

void Events::aim_at(std::weak_ptr<Session> session)
{
    AcquireSRWLockExclusive(&lock_);
    session_ = std::move(session);
    ReleaseSRWLockExclusive(&lock_);
    // A host may hold, while it disposes, what its message handler waits for: hence the bound.
    for (int ms = 0; ms < 1000; ms++) {
        const DWORD thread = telling_;
        if (thread == 0 || thread == GetCurrentThreadId()) return;
        Sleep(1);
    }
}

void Events::event(abi::Event kind)
{
    AcquireSRWLockShared(&lock_);
    const std::shared_ptr<Session> session = session_.lock();
    if (session) telling_ = GetCurrentThreadId();
    ReleaseSRWLockShared(&lock_);
    if (!session) return;
    switch (kind) {
    case abi::Event::latencies_changed: session->tell(asio::kAsioLatenciesChanged); break;
    case abi::Event::overload: session->tell(asio::kAsioOverload); break;
    case abi::Event::reset: session->tell(asio::kAsioResetRequest); break;
    case abi::Event::resync:
    case abi::Event::rate_changed:
    case abi::Event::block_changed:
    case abi::Event::closed: break;
    }
    telling_ = 0;
}

} // namespace asiowire
