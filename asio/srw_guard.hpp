// SPDX-License-Identifier: MIT
#pragma once

#include <windows.h>

namespace asiowire {

/// Holds a slim reader/writer lock while it lives.
/// [any-thread]
class SrwGuard {
public:
    enum Way { shared, exclusive };
    SrwGuard(SRWLOCK& lock, Way way) : lock_(lock), way_(way)
    {
        if (way_ == exclusive)
            AcquireSRWLockExclusive(&lock_);
        else
            AcquireSRWLockShared(&lock_);
    }
    ~SrwGuard()
    {
        if (way_ == exclusive)
            ReleaseSRWLockExclusive(&lock_);
        else
            ReleaseSRWLockShared(&lock_);
    }
    SrwGuard(const SrwGuard&) = delete;
    SrwGuard& operator=(const SrwGuard&) = delete;

private:
    SRWLOCK& lock_;
    const Way way_;
};

} // namespace asiowire
