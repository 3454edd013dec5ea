// SPDX-License-Identifier: MIT
#include "tools/asiohost/measure.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "tests/cmocka.hpp"

// The test host's quantiles against sorting the values themselves.

using namespace asiohost;

namespace {

double sorted_quantile(std::vector<std::int64_t> values, double share)
{
    std::sort(values.begin(), values.end());
    const auto rank =
        static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
    return static_cast<double>(values[rank - 1]);
}

/// The largest relative error of the three quantiles over these values.
double worst_error(const std::vector<std::int64_t>& values)
{
    Durations durations;
    for (const auto value : values)
        durations.add(value);
    const Quantiles got = durations.quantiles();
    const auto error = [&](double found, double share) {
        const double right = sorted_quantile(values, share);
        return std::abs(found - right) / std::max(right, 1.0);
    };
    return std::max({error(got.p50, 0.5), error(got.p99, 0.99), error(got.p999, 0.999)});
}

void quantiles_agree_with_sorting_to_a_thousandth(void**)
{
    std::mt19937_64 random(1);
    std::lognormal_distribution<double> spread(13, 2); // a few µs to seconds
    std::vector<std::int64_t> values;
    for (int i = 0; i < 50'000; i++)
        values.push_back(static_cast<std::int64_t>(spread(random)));
    assert_true(worst_error(values) <= 1.0 / 1024);
}

void values_below_two_microseconds_are_exact(void**)
{
    std::mt19937_64 random(2);
    std::uniform_int_distribution<std::int64_t> spread(0, 2047);
    std::vector<std::int64_t> values;
    for (int i = 0; i < 10'000; i++)
        values.push_back(spread(random));
    assert_true(worst_error(values) == 0);
}

void the_maximum_is_exact_and_bounds_the_quantiles(void**)
{
    Durations durations;
    durations.add(1'234'567);
    const Quantiles got = durations.quantiles();
    assert_true(got.max == 1'234'567);
    assert_true(got.p50 <= got.max && got.p999 <= got.max);
}

void negative_and_huge_values_stay_in_the_histogram(void**)
{
    Durations durations;
    durations.add(-5'000);
    durations.add(std::int64_t{1} << 62);
    assert_int_equal(durations.count(), 2);
    assert_int_equal(durations.negatives(), 1);
    assert_int_equal(durations.min(), -5'000);
    assert_true(durations.quantiles().p50 == 0);
    assert_true(durations.quantiles().p999 > 2e12); // the last bin, 2199 s
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_agree_with_sorting_to_a_thousandth),
        cmocka_unit_test(values_below_two_microseconds_are_exact),
        cmocka_unit_test(the_maximum_is_exact_and_bounds_the_quantiles),
        cmocka_unit_test(negative_and_huge_values_stay_in_the_histogram),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
