// SPDX-License-Identifier: MIT
#include "tests/hooks/_volterra.hpp"

#include <complex>
#include <cstring>

#include "tests/cmocka.hpp"

// The C interface: what it answers, refuses and says; and what oversampling is for.

namespace {

constexpr double rate = 48000;
constexpr int engines[] = {ASIOWIRE_VOLTERRA_DIRECT, ASIOWIRE_VOLTERRA_PARTITIONED};

bool says(const char* words)
{
    return std::strstr(asiowire_volterra_last_error(), words) != nullptr;
}

void kernels_that_make_no_sense_are_refused_by_name(void**)
{
    const double one[] = {1, 2, 3, 4}, bad[] = {1, NAN, 3, 4};
    AsiowireVolterraKernel* kernel = nullptr;
    const auto create = [&](std::size_t taps, const double* h1, const double* h2,
                            const double* full) {
        kernel = reinterpret_cast<AsiowireVolterraKernel*>(&kernel);
        return asiowire_volterra_kernel_create(taps, h1, h2, full, nullptr, nullptr, nullptr,
                                               &kernel);
    };
    assert_int_equal(create(0, one, nullptr, nullptr), ASIOWIRE_VOLTERRA_INVALID_INPUT);
    assert_true(says("taps is 0"));
    assert_null(kernel);
    assert_int_equal(create(4, one, bad, nullptr), ASIOWIRE_VOLTERRA_INVALID_INPUT);
    assert_true(says("value 1 of h2"));
    assert_int_equal(create(2, nullptr, nullptr, bad), ASIOWIRE_VOLTERRA_INVALID_INPUT);
    assert_true(says("value 1 of h2_full"));
    assert_int_equal(create(2, one, one, one), ASIOWIRE_VOLTERRA_INVALID_INPUT);
    assert_true(says("both"));
    assert_int_equal(asiowire_volterra_kernel_create(1, one, nullptr, nullptr, nullptr, nullptr,
                                                     nullptr, nullptr),
                     ASIOWIRE_VOLTERRA_INVALID_INPUT);
    assert_int_equal(create(4, one, nullptr, nullptr), ASIOWIRE_VOLTERRA_SUCCESS);
    asiowire_volterra_kernel_free(kernel);
    asiowire_volterra_kernel_free(nullptr);
}

void configurations_that_make_no_sense_are_refused_by_name(void**)
{
    std::mt19937 random(1);
    const Kernel kernel(random_values(random, 3));
    const struct {
        int32_t AsiowireVolterraConfig::*member;
        int32_t value;
        const char* words;
    } cases[] = {
        {&AsiowireVolterraConfig::precision, 2, "precision is 2"},
        {&AsiowireVolterraConfig::engine, -1, "engine is -1"},
        {&AsiowireVolterraConfig::channels, 0, "channels is 0"},
        {&AsiowireVolterraConfig::block_frames, 0, "block_frames is 0"},
        {&AsiowireVolterraConfig::oversampling, 3, "oversampling is 3; it can be 1, 2 or 4"},
        {&AsiowireVolterraConfig::oversampling, 8, "oversampling is 8"},
        {&AsiowireVolterraConfig::fade_frames, -5, "fade_frames is -5"},
    };
    for (const auto& one : cases) {
        AsiowireVolterraConfig config = asiowire_volterra_config_default();
        config.*one.member = one.value;
        AsiowireVolterraProcessor* processor = nullptr;
        std::uint64_t bytes = 0;
        assert_int_equal(asiowire_volterra_processor_create(kernel, &config, &processor),
                         ASIOWIRE_VOLTERRA_INVALID_INPUT);
        assert_true(says(one.words));
        assert_int_equal(asiowire_volterra_memory_estimate(kernel, &config, &bytes),
                         ASIOWIRE_VOLTERRA_INVALID_INPUT);
    }
}

void null_and_the_other_precision_are_refused(void**)
{
    std::mt19937 random(2);
    Processor<float> processor(random_values(random, 3), config_of(ASIOWIRE_VOLTERRA_AUTOMATIC));
    double sample = 1;
    const double* in = &sample;
    double* out = &sample;
    assert_int_equal(process(processor.get(), &in, &out, 1), ASIOWIRE_VOLTERRA_INVALID_INPUT);
    assert_true(says("other precision"));
    assert_int_equal(asiowire_volterra_process_f32(processor.get(), nullptr, nullptr, 1),
                     ASIOWIRE_VOLTERRA_INVALID_INPUT);
    assert_int_equal(asiowire_volterra_process_f32(processor.get(), nullptr, nullptr, 0),
                     ASIOWIRE_VOLTERRA_SUCCESS);
    assert_int_equal(asiowire_volterra_process_f32(nullptr, nullptr, nullptr, 0),
                     ASIOWIRE_VOLTERRA_INVALID_INPUT);
    assert_int_equal(asiowire_volterra_processor_set_kernel(processor.get(), nullptr),
                     ASIOWIRE_VOLTERRA_INVALID_INPUT);
    asiowire_volterra_processor_reset(nullptr);
    asiowire_volterra_processor_free(nullptr);
}

void the_facts_are_those_of_the_kernel_and_the_configuration(void**)
{
    std::mt19937 random(3);
    AsiowireVolterraConfig config = config_of(ASIOWIRE_VOLTERRA_AUTOMATIC);
    config.channels = 2;
    Processor<double> processor(random_values(random, 10, 0b10101), config);
    AsiowireVolterraInfo info = processor.info();
    assert_int_equal(info.precision, ASIOWIRE_VOLTERRA_FLOAT64);
    assert_int_equal(info.engine, ASIOWIRE_VOLTERRA_DIRECT);
    assert_int_equal(info.channels, 2);
    assert_int_equal(info.taps, 10);
    assert_int_equal(info.orders, 0b10101);
    assert_int_equal(info.partition_frames, 0);
    assert_int_equal(info.latency_frames, 0);
    assert_int_equal(info.exchanging, 0);
    processor.set(random_values(random, 5000));
    info = processor.info();
    assert_int_equal(info.engine, ASIOWIRE_VOLTERRA_PARTITIONED);
    assert_int_equal(info.partition_frames, 512);
    assert_int_equal(info.taps, 5000);
    assert_int_equal(info.exchanging, 1);
}

void the_memory_estimate_is_near_what_is_taken(void**)
{
    std::mt19937 random(4);
    for (const std::size_t taps : {1, 64, 1000, 20000}) {
        for (const int engine : engines) {
            for (const int oversampling : {1, 4}) {
                Values values = random_values(random, taps);
                if (taps == 64) {
                    values.h[1].clear();
                    values.h2_full = noise(random, taps * taps);
                }
                AsiowireVolterraConfig config = config_of(engine, 256, oversampling);
                config.channels = 3;
                const Kernel kernel(values);
                std::uint64_t estimate = 0;
                asiowire_volterra_memory_estimate(kernel, &config, &estimate);
                const Processor<float> processor(values, config);
                const double ratio =
                    static_cast<double>(estimate) / static_cast<double>(processor.info().bytes);
                if (!(ratio > 0.75 && ratio < 1.33))
                    fail_msg("%zu taps, engine %d, oversampling %d: estimated %.2f times", taps,
                             engine, oversampling, ratio);
            }
        }
    }
}

/// dB of one frequency in a signal, against a full-scale sine.
double level_at(const std::vector<double>& y, double hz)
{
    std::complex<double> sum = 0;
    double windows = 0;
    for (std::size_t n = 0; n < y.size(); n++) {
        const double place = 2 * M_PI * static_cast<double>(n) / static_cast<double>(y.size());
        const double window = 0.42 - 0.5 * std::cos(place) + 0.08 * std::cos(2 * place);
        sum += y[n] * window * std::polar(1.0, -2 * M_PI * hz / rate * static_cast<double>(n));
        windows += window;
    }
    return 20 * std::log10(2 * std::abs(sum) / windows + 1e-300);
}

std::vector<double> tone(double hz, std::size_t frames)
{
    std::vector<double> x(frames);
    for (std::size_t n = 0; n < frames; n++)
        x[n] = std::sin(2 * M_PI * hz / rate * static_cast<double>(n));
    return x;
}

void powers_do_not_fall_back_into_the_band_with_oversampling(void**)
{
    // Seen elsewhere: 11 kHz to the fifth power sounds at 7 and 15 kHz.
    Values values{.taps = 3};
    values.h[4] = {1, 0.5, 0.25};
    const std::vector<double> x = tone(11000, 20000);
    for (const int engine : engines) {
        for (const int oversampling : {1, 2, 4}) {
            Processor<double> processor(values, config_of(engine, 512, oversampling));
            const std::vector<double> y = processor.run(x, {100, 512});
            const std::vector<double> settled(y.begin() + 2000, y.end());
            const double seven = level_at(settled, 7000), fifteen = level_at(settled, 15000);
            assert_true(level_at(settled, 11000) > -6);
            if (oversampling == 1)
                assert_true(seven > -30 && fifteen > -20);
            else
                assert_true(seven < -115 && fifteen < -115);
        }
    }
    // At 20 kHz the fifth power reaches 100 kHz: 4 times the rate holds that, twice does not.
    const std::vector<double> high = tone(19000, 20000);
    Processor<double> processor(values, config_of(ASIOWIRE_VOLTERRA_DIRECT, 512, 4));
    const std::vector<double> y = processor.run(high, {512});
    const std::vector<double> settled(y.begin() + 2000, y.end());
    for (const double hz : {1000.0, 9000.0})
        assert_true(level_at(settled, hz) < -110);
}

void in_the_band_oversampling_only_delays(void**)
{
    std::mt19937 random(5);
    for (const std::size_t taps : {5, 300}) {
        Values values = random_values(random, taps, 0b11101);
        values.h2_full = noise(random, taps * taps, 0.1);
        const std::vector<double> x = tone(1357, 3000);
        const std::vector<double> right = definition(values, x);
        double peak = 0;
        for (const double value : right)
            peak = std::max(peak, std::abs(value));
        for (const int engine : engines) {
            for (const int oversampling : {2, 4}) {
                Processor<double> processor(values, config_of(engine, 128, oversampling));
                const std::size_t late =
                    static_cast<std::size_t>(processor.info().latency_frames);
                assert_int_equal(late, oversampling == 2 ? 47 : 55);
                const std::vector<double> y = processor.run(x, {128, 1, 50, 77});
                for (std::size_t n = 1000; n < x.size(); n++)
                    if (!(std::abs(y[n] - right[n - late]) < 2e-5 * peak))
                        fail_msg("%zu taps, engine %d, %d times: frame %zu is off by %g", taps,
                                 engine, oversampling, n, (y[n] - right[n - late]) / peak);
            }
        }
    }
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(kernels_that_make_no_sense_are_refused_by_name),
        cmocka_unit_test(configurations_that_make_no_sense_are_refused_by_name),
        cmocka_unit_test(null_and_the_other_precision_are_refused),
        cmocka_unit_test(the_facts_are_those_of_the_kernel_and_the_configuration),
        cmocka_unit_test(the_memory_estimate_is_near_what_is_taken),
        cmocka_unit_test(powers_do_not_fall_back_into_the_band_with_oversampling),
        cmocka_unit_test(in_the_band_oversampling_only_delays),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
