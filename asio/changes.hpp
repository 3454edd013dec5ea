// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstdint>
#include <windows.h>

namespace asiowire {

/// One change of state at a time.
///
/// The audio thread never waits here, because whoever is changing something may be waiting for that
/// very thread. It leaves a wish instead; who holds the lock, or takes it next, grants it.
class Changes {
public:
    enum Wish : std::uint32_t { stop = 1, dispose = 2 };

    Changes() { InitializeCriticalSection(&section_); }
    ~Changes() { DeleteCriticalSection(&section_); }
    Changes(const Changes&) = delete;
    Changes& operator=(const Changes&) = delete;

    /// Does some work while nobody else changes anything. Wishes come first, so that a wish for the
    /// end of one run never ends the next.
    /// [any-thread but the audio thread]
    template <class Grant, class Work> auto change(Grant grant, Work work)
    {
        EnterCriticalSection(&section_);
        if (const std::uint32_t wishes = wishes_.exchange(0); wishes != 0) grant(wishes);
        auto outcome = work();
        LeaveCriticalSection(&section_);
        look_for_wishes(grant);
        return outcome;
    }

    /// [audio-thread]  does not wait
    template <class Grant> void wish(std::uint32_t wishes, Grant grant)
    {
        wishes_ |= wishes;
        look_for_wishes(grant);
    }

private:
    template <class Grant> void look_for_wishes(Grant grant)
    {
        while (wishes_ != 0 && TryEnterCriticalSection(&section_) != 0) {
            if (const std::uint32_t wishes = wishes_.exchange(0); wishes != 0) grant(wishes);
            LeaveCriticalSection(&section_);
        }
    }

    CRITICAL_SECTION section_;
    std::atomic<std::uint32_t> wishes_{0};
};

} // namespace asiowire
