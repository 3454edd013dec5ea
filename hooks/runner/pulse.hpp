// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstdint>
#include <ctime>

namespace asiowire::hooks {

/// CLOCK_MONOTONIC. Units: ns
inline std::uint64_t now_ns()
{
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
           static_cast<std::uint64_t>(now.tv_nsec);
}

/// What a hook's process lets its supervisor see at any moment: a page that both map. The hook may
/// write anything into it and harms nobody but itself.
struct Pulse {
    std::atomic<std::uint64_t> entered_ns{0}; // when the call that runs began; 0: none runs
    std::atomic<std::uint64_t> blocks{0};     // heard
    std::atomic<std::uint64_t> frames{0};     // heard
    std::atomic<std::uint64_t> lost{0};       // frames it was too slow for
    std::atomic<std::uint64_t> unsent{0};     // results that the supervisor had no room for
    std::atomic<std::uint64_t> busy_ns{0};    // spent in process()
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free && sizeof(Pulse) <= 4096);

} // namespace asiowire::hooks
