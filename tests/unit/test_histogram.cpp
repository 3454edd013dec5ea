// SPDX-License-Identifier: MIT
#include "core/histogram.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <vector>

#include "tests/cmocka.hpp"

// Percentiles against sorting the values themselves.

using namespace asiowire;

namespace {

constexpr double shares[] = {0.001, 0.1, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0};

/// The value that `share` of the values do not exceed.
std::uint64_t sorted_percentile(const std::vector<std::uint64_t>& sorted, double share)
{
    const double rank = std::ceil(share * static_cast<double>(sorted.size()));
    return sorted[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
}

struct Error {
    double lowest = 0;  // relative, of all shares: below 0 means a percentile was too small
    double highest = 0;
};

Error error_over(std::vector<std::uint64_t> values)
{
    const auto histogram = std::make_unique<Histogram>();
    for (const std::uint64_t value : values) histogram->add(value);
    std::sort(values.begin(), values.end());
    Error error;
    for (const double share : shares) {
        const auto right = static_cast<double>(sorted_percentile(values, share));
        const auto found = static_cast<double>(histogram->percentile(share));
        const double relative = (found - right) / std::max(right, 1.0);
        error.lowest = std::min(error.lowest, relative);
        error.highest = std::max(error.highest, relative);
    }
    return error;
}

void percentiles_are_at_most_a_thirtysecond_high_and_never_low(void**)
{
    std::mt19937_64 random(1);
    Error worst;
    for (const double middle : {3.0, 6.0, 10.0, 15.0, 20.0, 24.0}) {
        for (const double width : {0.01, 0.5, 2.0}) {
            std::lognormal_distribution<double> spread(middle, width);
            std::vector<std::uint64_t> values;
            for (int i = 0; i < 20'000; i++)
                values.push_back(
                    static_cast<std::uint64_t>(std::min(spread(random), std::pow(2.0, 40) - 1)));
            const Error error = error_over(values);
            worst.lowest = std::min(worst.lowest, error.lowest);
            worst.highest = std::max(worst.highest, error.highest);
        }
    }
    assert_true(worst.lowest >= 0.0);
    assert_true(worst.highest <= 1.0 / 32);
    assert_true(worst.highest > 0.0); // else the values were too few to tell
}

void every_single_value_reads_back_within_a_thirtysecond(void**)
{
    int wrong = 0;
    for (unsigned bit = 0; bit < 40; bit++) {
        const std::uint64_t power = std::uint64_t{1} << bit;
        for (const std::uint64_t value : {power - 1, power, power + 1, power + power / 3}) {
            const Error error = error_over({value});
            wrong += error.lowest < 0.0 || error.highest > 1.0 / 32;
        }
    }
    assert_int_equal(wrong, 0);
}

void values_below_sixtyfour_are_exact(void**)
{
    int wrong = 0;
    for (std::uint64_t value = 0; value < 64; value++) {
        const Error error = error_over({value, value, value});
        wrong += error.lowest != 0.0 || error.highest != 0.0;
    }
    assert_int_equal(wrong, 0);
}

void an_empty_or_cleared_histogram_reads_zero(void**)
{
    static Histogram histogram; // too large for a stack
    assert_int_equal(histogram.percentile(0.5), 0);
    histogram.add(1000);
    histogram.clear();
    assert_int_equal(histogram.percentile(0.5), 0);
    histogram.add(7);
    assert_int_equal(histogram.percentile(0.99), 7);
}

void absurdly_large_values_share_the_last_bucket(void**)
{
    static Histogram histogram; // too large for a stack
    histogram.add(~std::uint64_t{0});
    histogram.add(std::uint64_t{1} << 40);
    assert_true(histogram.percentile(0.01) == histogram.percentile(1.0));
    assert_true(histogram.percentile(1.0) >= (std::uint64_t{1} << 40) - 1);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(percentiles_are_at_most_a_thirtysecond_high_and_never_low),
        cmocka_unit_test(every_single_value_reads_back_within_a_thirtysecond),
        cmocka_unit_test(values_below_sixtyfour_are_exact),
        cmocka_unit_test(an_empty_or_cleared_histogram_reads_zero),
        cmocka_unit_test(absurdly_large_values_share_the_last_bucket),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
