// SPDX-License-Identifier: MIT
#include "measure.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace asiohost {
namespace {

// Values below 2 * kSteps have a bin each; above, every doubling is cut into kSteps bins.
constexpr int kStepBits = 10;
constexpr std::uint64_t kSteps = 1u << kStepBits;
constexpr int kMaxShift = 30;
constexpr std::uint64_t kLargest = (2 * kSteps << kMaxShift) - 1; // 2199 s
constexpr std::size_t kBins = (kMaxShift + 2) * kSteps;

std::size_t bin_of(std::uint64_t ns)
{
    ns = std::min(ns, kLargest);
    const int shift = std::max(0, static_cast<int>(std::bit_width(ns)) - kStepBits - 1);
    return static_cast<std::size_t>(shift * kSteps + (ns >> shift));
}

double middle_of(std::size_t bin)
{
    const std::size_t shift = bin < 2 * kSteps ? 0 : bin / kSteps - 1;
    const auto base = static_cast<double>((bin - shift * kSteps) << shift);
    return base + (static_cast<double>(std::uint64_t{1} << shift) - 1) / 2;
}

} // namespace

Durations::Durations() : bins_(kBins) {}

void Durations::add(std::int64_t ns) ASIOWIRE_RT
{
    if (count_ == 0) min_ = max_ = ns;
    min_ = std::min(min_, ns);
    max_ = std::max(max_, ns);
    negatives_ += ns < 0;
    bins_[bin_of(ns < 0 ? 0 : static_cast<std::uint64_t>(ns))]++;
    count_++;
}

Quantiles Durations::quantiles() const
{
    return {quantile(0.5), quantile(0.99), quantile(0.999), static_cast<double>(max_)};
}

double Durations::quantile(double share) const
{
    const auto rank = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
    std::uint64_t seen = 0;
    for (std::size_t bin = 0; bin < bins_.size(); bin++) {
        seen += bins_[bin];
        if (seen >= std::max<std::uint64_t>(rank, 1))
            return std::min(middle_of(bin), static_cast<double>(std::max<std::int64_t>(max_, 0)));
    }
    return 0;
}

} // namespace asiohost
