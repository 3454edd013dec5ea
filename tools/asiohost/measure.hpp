// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

#include "core/rt.hpp"

// Durations gathered on the audio thread and read out afterwards. No Windows in here.

namespace asiohost {

/// Quantiles of a series of durations, in nanoseconds.
struct Quantiles {
    double p50;
    double p99;
    double p999;
    double max;
};

/// A histogram of durations with steps of at most 1/1024 of the value, exact below 2 µs.
///
/// Fixed size, so that a day of callbacks costs no more memory than a second of them.
class Durations {
public:
    Durations();

    /// [audio-thread & running]  wait-free, never allocates
    /// Units    nanoseconds; negative ones count as 0 and are told apart by negatives()
    void add(std::int64_t ns) ASIOWIRE_RT;

    std::uint64_t count() const noexcept { return count_; }
    std::uint64_t negatives() const noexcept { return negatives_; }
    std::int64_t min() const noexcept { return min_; }

    /// The nearest-rank quantiles; only meaningful when count() > 0.
    ///
    /// [main-thread & stopped]
    Quantiles quantiles() const;

private:
    double quantile(double share) const;

    std::vector<std::uint32_t> bins_;
    std::uint64_t count_ = 0;
    std::uint64_t negatives_ = 0;
    std::int64_t min_ = 0;
    std::int64_t max_ = 0;
};

} // namespace asiohost
