// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstdint>
#include <cstdio>

namespace engine_test {

/// What the graph's clock says that this machine, and not the driver, made late since the trial began:
/// cycles missed and cycles that ended after the next one was due.
inline std::atomic<std::uint64_t> machine_lateness{0};

/// A shared machine loses some milliseconds now and then, and samples with them. A trial whose audio
/// is not right is repeated, five times at most and not silently, when the graph was late besides;
/// wrong audio without that is a finding at once.
///
/// `expected`: how much lateness the trial itself makes
template <class Trial, class IsGood>
auto fairly(Trial trial, IsGood is_good, std::uint64_t expected = 0)
{
    for (int tries_left = 5;; tries_left--) {
        machine_lateness = 0;
        const auto result = trial();
        if (is_good(result) || machine_lateness <= expected || tries_left == 0) return result;
        std::printf("# repeated, as the graph was late: %llu times\n",
                    static_cast<unsigned long long>(machine_lateness - expected));
    }
}

} // namespace engine_test
