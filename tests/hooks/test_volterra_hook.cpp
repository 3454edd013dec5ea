// SPDX-License-Identifier: MIT
#include "tests/hooks/_volterra_bench.hpp"

// What the hook `volterra` measures, against a float64 model of a loop.

using namespace loop_bench;

namespace {

void the_harmonics_of_a_model_are_found(void**)
{
    const double a = 0.5;
    Bench bench(same);
    const Signal x = played(a);
    bench.play({through(x, polynomial), x});
    bench.rest();
    const Heard heard = bench.end();
    assert_true(heard.says("out_1: a sweep has begun (-6.0 dB)"));
    assert_true(heard.says("in_1: the sweep of out_1 has ended: delay 777 frames"));
    near(heard.numbers.at("delay_frames/in_1"), delay, 0, "delay");
    near(heard.numbers.at("sweep_db/in_1"), db(a), 1e-3, "level");
    near(heard.numbers.at("gain_db/in_1"), db(harmonic(1, a) / a * filter_at(1000)), 1e-2, "gain");
    near(heard.numbers.at("clipped/in_1"), 0, 0, "clipped");
    double power = 0;
    for (int m = 2; m <= 5; m++) {
        const double right =
            harmonic(m, a) * filter_at(1000 * m) / (harmonic(1, a) * filter_at(1000));
        power += right * right;
        const double found =
            heard.arrays.at("harmonics_db/in_1").at(static_cast<std::size_t>(m - 2));
        near(found, db(right), 0.03, "a harmonic at 1 kHz");
    }
    near(heard.numbers.at("thd_percent/in_1"), 100 * std::sqrt(power), 0.005, "THD");
    const auto& grid = heard.arrays.at("grid_hz");
    near(grid.front(), 80, 1e-3, "the grid's beginning");
    assert_true(grid.back() <= 0.9 * 4800 && grid.back() > 0.8 * 4800);
    double low = 0;
    double high = 0; // worst below and from four times f1 on
    for (int m = 1; m <= 5; m++) {
        const auto& row = heard.arrays.at("h" + std::to_string(m) + "_db/in_1");
        assert_int_equal(row.size(), grid.size());
        for (std::size_t i = 0; i < row.size(); i++) {
            const double hz = static_cast<double>(grid[i]);
            const double off =
                std::abs(static_cast<double>(row[i]) - db(harmonic(m, a) / a * filter_at(m * hz)));
            double& worst = hz < 4 * sweep.first ? low : high;
            worst = std::max(worst, off);
        }
    }
    std::printf("    worst below 160 Hz %.4f dB, above %.4f dB\n", low, high);
    assert_true(low < 0.2 && high < 0.02);
}

void a_clean_loop_has_no_harmonics(void**)
{
    Bench bench(same);
    const Signal x = played(0.5);
    bench.play({through(x, [](double v) { return v; }), x});
    bench.rest();
    const Heard heard = bench.end();
    const auto& harmonics = heard.arrays.at("harmonics_db/in_1");
    std::printf("    %.1f %.1f %.1f %.1f dB\n", harmonics[0], harmonics[1], harmonics[2],
                harmonics[3]);
    assert_true(*std::max_element(harmonics.begin(), harmonics.end()) < -110);
    assert_true(heard.numbers.at("thd_percent/in_1") < 0.0005);
}

void any_level_and_either_polarity_is_recognised(void**)
{
    for (const double a : {1.0, -0.1, 1e-3, 1e-4}) {
        Bench bench(same);
        const Signal x = played(a);
        bench.play({through(x, [](double v) { return 0.5 * v; }), x});
        bench.rest();
        const Heard heard = bench.end();
        near(heard.numbers.at("sweep_db/in_1"), db(std::abs(a)), 0.01, "level");
        near(heard.numbers.at("delay_frames/in_1"), delay, 0, "delay");
        near(heard.numbers.at("gain_db/in_1"), db(0.5 * filter_at(1000)), 0.01, "gain");
    }
}

void sweeps_one_after_the_other_are_measured_each(void**)
{
    Bench bench(same);
    for (const double a : {0.5, 0.25}) {
        const Signal x = played(a, 0.1, 1.0);
        bench.play({through(x, [](double v) { return v; }), x});
        bench.rest(0.5);
        near(bench.heard().numbers.at("sweep_db/in_1"), db(a), 1e-2, "level");
    }
    assert_int_equal(bench.end().events.size(), 5); // the first is of create()
}

void pairs_are_measured_each_for_itself(void**)
{
    Bench bench({"f1=40", "f2=4800", "seconds=4", "pairs=out_1:in_2,out_1:in_1,out_2:in_3"},
                {"in_1", "in_2", "in_3", "out_1", "out_2"});
    const Signal x = played(0.5);
    const Signal late = played(0.25, 1.0, 1.2);
    const auto gain = [&](const Signal& of, double g) {
        return through(of, [g](double v) { return g * v; });
    };
    bench.play({gain(x, 0.5), gain(x, 0.25), gain(late, 2), x, late});
    bench.rest();
    const Heard heard = bench.end();
    near(heard.numbers.at("gain_db/in_1"), db(0.5 * filter_at(1000)), 0.01, "first");
    near(heard.numbers.at("gain_db/in_2"), db(0.25 * filter_at(1000)), 0.01, "second");
    near(heard.numbers.at("gain_db/in_3"), db(2 * filter_at(1000)), 0.01, "third");
    assert_true(heard.says("in_3: the sweep of out_2 has ended: delay 777"));
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_harmonics_of_a_model_are_found),
        cmocka_unit_test(a_clean_loop_has_no_harmonics),
        cmocka_unit_test(any_level_and_either_polarity_is_recognised),
        cmocka_unit_test(sweeps_one_after_the_other_are_measured_each),
        cmocka_unit_test(pairs_are_measured_each_for_itself),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
