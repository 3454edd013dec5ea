// SPDX-License-Identifier: MIT
#include "tests/hooks/_volterra.hpp"

#include "tests/cmocka.hpp"

// Both engines against the definition in long double: lengths, blocks, orders, full h2.

namespace {

const std::vector<std::vector<std::size_t>> block_series = {
    {1},      {2, 3, 5, 7, 11, 13}, {17, 19, 23}, {64}, {127, 1, 509}, {512}, {441}, {1024}, {4099},
    {100000},
};
constexpr int engines[] = {ASIOWIRE_VOLTERRA_AUTOMATIC, ASIOWIRE_VOLTERRA_DIRECT,
                           ASIOWIRE_VOLTERRA_PARTITIONED};

template <class T> double worst(const Values& values, std::size_t frames, int block, double level)
{
    std::mt19937 random(static_cast<unsigned>(values.taps));
    const std::vector<T> x = rounded<T>(noise(random, frames, level));
    const std::vector<double> right = definition(values, std::vector<double>(x.begin(), x.end()));
    double most = 0;
    for (const int engine : engines) {
        for (const auto& blocks : block_series) {
            Processor<T> processor(values, config_of(engine, block));
            const double error = apart(processor.run(x, blocks), right);
            if (error > most) most = error;
        }
    }
    return most;
}

void check_both(const Values& values, std::size_t frames, int block, double level = 1)
{
    const double f64 = worst<double>(values, frames, block, level);
    const double f32 = worst<float>(values, frames, block, level);
    if (!(f64 <= 1e-12 && f32 <= 1e-5))
        fail_msg("%zu taps, block %d: float64 is off by %g, float32 by %g", values.taps, block, f64,
                 f32);
}

void any_number_of_taps_is_right_in_any_block(void**)
{
    std::mt19937 random(1);
    for (const std::size_t taps : {1, 2, 3, 5, 8, 15, 16, 17, 31, 64, 97, 256, 511, 512, 513, 1000})
        check_both(random_values(random, taps), 3000, 512);
}

void random_lengths_and_usual_blocks_are_right(void**)
{
    std::mt19937 random(2);
    std::uniform_int_distribution<std::size_t> taps(1, 700);
    std::uniform_int_distribution<int> block(1, 900);
    for (int round = 0; round < 12; round++)
        check_both(random_values(random, taps(random)), 2000, block(random));
}

void every_set_of_orders_is_right(void**)
{
    std::mt19937 random(3);
    for (unsigned orders = 0; orders < 32; orders++)
        check_both(random_values(random, 70, orders), 700, 64);
}

void a_full_h2_counts_with_all_its_products(void**)
{
    std::mt19937 random(4);
    for (const std::size_t taps : {1, 2, 7, 40, 65}) {
        Values values = random_values(random, taps, 0b11101);
        values.h2_full = noise(random, taps * taps);
        check_both(values, 500, 64);
        values.h2_full.assign(taps * taps, 0);
        values.h2_full[taps - 1] = 1; // x[n] · x[n - (taps - 1)] alone
        check_both(values, 500, 64);
    }
}

void kernels_longer_than_many_partitions_are_right(void**)
{
    std::mt19937 random(5);
    for (const int block : {1, 16, 32, 63, 64, 100})
        check_both(random_values(random, 1500), 2600, block);
}

void one_tap_gives_this_block_and_not_the_last_one(void**)
{
    // Seen elsewhere: with N = 1 the engine answered with the block before.
    Values values{.taps = 1};
    values.h[0] = {2};
    values.h[2] = {-1};
    for (const int engine : engines) {
        Processor<double> processor(values, config_of(engine));
        const std::vector<double> y = processor.run({1, 0.5, 0.25, 3}, {2});
        const std::vector<double> right = {1, 0.875, 0.484375, -21};
        assert_true(apart(y, right) < 1e-15);
    }
}

void blocks_beyond_4096_frames_are_taken(void**)
{
    // Seen elsewhere: an error from 4097 frames on.
    std::mt19937 random(6);
    const Values values = random_values(random, 33);
    const std::vector<double> x = noise(random, 20000);
    const std::vector<double> right = definition(values, x);
    for (const int engine : engines)
        for (const std::size_t block : {4097, 8192, 20000}) {
            Processor<double> processor(values, config_of(engine));
            assert_true(apart(processor.run(x, {block}), right) < 1e-12);
        }
}

void the_output_may_be_the_input(void**)
{
    std::mt19937 random(7);
    for (const std::size_t taps : {20, 300}) {
        const Values values = random_values(random, taps);
        const std::vector<double> x = noise(random, 2000);
        const std::vector<double> right = definition(values, x);
        for (const int engine : engines) {
            Processor<double> processor(values, config_of(engine, 128));
            std::vector<double> place = x;
            for (std::size_t at = 0; at < 2000; at += 200) {
                double* data = place.data() + at;
                process(processor.get(), &data, &data, 200);
            }
            assert_true(apart(place, right) < 1e-12);
        }
    }
}

void channels_do_not_hear_each_other(void**)
{
    std::mt19937 random(8);
    for (const std::size_t taps : {10, 700}) {
        const Values values = random_values(random, taps);
        AsiowireVolterraConfig config = config_of(ASIOWIRE_VOLTERRA_AUTOMATIC, 256);
        config.channels = 3;
        Processor<double> processor(values, config);
        std::vector<std::vector<double>> x, y, right;
        for (int c = 0; c < 3; c++) {
            x.push_back(noise(random, 1500));
            y.emplace_back(1500);
            right.push_back(definition(values, x.back()));
        }
        for (std::size_t at = 0; at < 1500; at += 250) {
            const double* in[] = {x[0].data() + at, x[1].data() + at, x[2].data() + at};
            double* out[] = {y[0].data() + at, y[1].data() + at, y[2].data() + at};
            process(processor.get(), in, out, 250);
        }
        for (std::size_t c = 0; c < 3; c++)
            assert_true(apart(y[c], right[c]) < 1e-12);
    }
}

void a_kernel_of_zeros_is_silent_even_after_infinity(void**)
{
    Values values{.taps = 4};
    values.h[0] = {0, 0, 0, 0};
    for (const int engine : engines) {
        Processor<float> processor(values, config_of(engine));
        for (const float y : processor.run({1, INFINITY, NAN, 4, 5}, {3}))
            assert_true(y == 0);
    }
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_taps_is_right_in_any_block),
        cmocka_unit_test(random_lengths_and_usual_blocks_are_right),
        cmocka_unit_test(every_set_of_orders_is_right),
        cmocka_unit_test(a_full_h2_counts_with_all_its_products),
        cmocka_unit_test(kernels_longer_than_many_partitions_are_right),
        cmocka_unit_test(one_tap_gives_this_block_and_not_the_last_one),
        cmocka_unit_test(blocks_beyond_4096_frames_are_taken),
        cmocka_unit_test(the_output_may_be_the_input),
        cmocka_unit_test(channels_do_not_hear_each_other),
        cmocka_unit_test(a_kernel_of_zeros_is_silent_even_after_infinity),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
