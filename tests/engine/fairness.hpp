// SPDX-License-Identifier: MIT
#pragma once

#include "tests/engine/standstill.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <optional>

#include "tests/cmocka.hpp"

namespace engine_test {

/// What the graph's clock says that this machine, and not the driver, made late since the trial began:
/// cycles missed and cycles that ended after the next one was due.
inline std::atomic<std::uint64_t> machine_lateness{0};

constexpr int most_tries = 20;
constexpr std::chrono::seconds longest_trying{45};
constexpr std::chrono::milliseconds standstill{2}; // a quiet machine oversleeps by less than half of one

/// A shared machine loses some milliseconds now and then, and samples with them. A trial whose audio
/// is not right is repeated, and not silently, when the graph was late besides; wrong audio without
/// that is a finding at once.
///
/// When no trial was without lateness the last one's result stands, unless the machine itself stood
/// still in every one: then nothing is known, and the test is skipped.
///
/// `expected`: how much lateness the trial itself makes
template <class Trial, class IsGood>
auto fairly(Trial trial, IsGood is_good, std::uint64_t expected = 0)
{
    std::optional<StandstillWatch> watch(std::in_place);
    const auto end = StandstillWatch::Clock::now() + longest_trying;
    bool machine_stood_still = true;
    for (int tries = 1;; tries++) {
        machine_lateness = 0;
        watch->take();
        const auto result = trial();
        if (is_good(result) || machine_lateness <= expected) return result;
        machine_stood_still &= watch->take() >= standstill;
        if (tries == most_tries || StandstillWatch::Clock::now() >= end) {
            if (!machine_stood_still) return result;
            watch.reset(); // skip() jumps
            std::printf("# not decided: the machine stood still in each of %d trials\n", tries);
            skip();
        }
        std::printf("# repeated, as the graph was late: %llu times\n",
                    static_cast<unsigned long long>(machine_lateness - expected));
    }
}

} // namespace engine_test
