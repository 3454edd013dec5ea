// SPDX-License-Identifier: MIT
#include "tests/hooks/_volterra_bench.hpp"

// What the hook `volterra` says when something is wrong, and that it is deaf to other sounds.

using namespace loop_bench;

namespace {

void other_sounds_are_no_sweep(void**)
{
    Bench bench(same);
    const std::size_t frames = 10 * 48000;
    Signal x = noise(frames, 0.1);
    double smooth = 0;
    for (std::size_t i = 0; i < frames; i++) {
        const double t = static_cast<double>(i) / rate;
        smooth += 0.005 * (x[i] - smooth);
        if (t < 2)
            x[i] = 0.5 * std::sin(2 * std::numbers::pi * 40 * t);
        else if (t < 4)
            x[i] = 0.5 * std::sin(2 * std::numbers::pi * 55 * t) * std::exp(2 - t);
        else if (t < 6)
            x[i] = smooth * 10;
        else if (t < 7)
            x[i] = 0.3; // DC
        else if (t < 8)
            x[i] = 0.5 * std::sin(2 * std::numbers::pi * (40 + 400 * (t - 7)) * (t - 7));
    }
    bench.play({x, x});
    assert_int_equal(bench.end().events.size(), 1);
}

void a_sweep_that_breaks_off_is_told(void**)
{
    Bench bench(same);
    Signal x = played(0.5);
    std::fill(x.begin() + static_cast<long>(2.2 * rate), x.end(), 0.0);
    bench.play({x, x});
    bench.rest(3);
    const Heard heard = bench.end();
    assert_true(heard.says("out_1: the sweep broke off"));
    assert_true(heard.arrays.count("harmonics_db/in_1") == 0);
}

void something_played_along_is_told(void**)
{
    Bench bench(same);
    const Signal x = played(0.5);
    const Signal both = sum(x, noise(x.size(), 0.05));
    bench.play({both, both});
    bench.rest();
    const Heard heard = bench.end();
    assert_true(heard.says("out_1: something else was played with the sweep, 17 dB below it"));
    assert_true(heard.arrays.count("harmonics_db/in_1") == 0);
}

void a_silent_input_is_told(void**)
{
    Bench bench(same);
    const Signal x = played(0.5);
    bench.play({Signal(x.size()), x});
    bench.rest();
    const Heard heard = bench.end();
    assert_true(
        heard.says("in_1: silent while out_1 played the sweep (-200 dB); nothing was measured"));
    assert_true(heard.arrays.count("harmonics_db/in_1") == 0);
}

void an_input_with_something_else_is_told(void**)
{
    Bench bench(same);
    const Signal x = played(0.5);
    bench.play({noise(x.size(), 0.1), x});
    bench.rest();
    assert_true(bench.end().says("in_1: the sweep of out_1 is not in it; nothing was measured"));
}

void noise_is_told_and_clipping_is_told(void**)
{
    const Signal x = played(0.5);
    Bench noisy(same);
    const Signal y = through(x, [](double v) { return v; });
    noisy.play({sum(y, noise(y.size(), 0.01)), x});
    noisy.rest();
    const Heard heard = noisy.end();
    assert_true(heard.says("in_1: too noisy: before the sweep it was only"));
    double energy = 0;
    for (const double v : y)
        energy += v * v;
    const double response =
        std::sqrt(energy / static_cast<double>(VolterraExcitation(sweep).frames()));
    near(heard.numbers.at("noise_db/in_1"), db(0.01 / std::hypot(response, 0.01)), 0.3, "noise");
    near(heard.numbers.at("delay_frames/in_1"), delay, 0, "delay");

    Bench clipped(same);
    clipped.play({through(x, [](double v) { return std::clamp(4 * v, -4.0 / 3, 4.0 / 3); }), x});
    clipped.rest();
    const Heard hard = clipped.end();
    assert_true(hard.says("times during the sweep; its harmonics are those of the clipping"));
    assert_true(hard.numbers.at("clipped/in_1") > 100);
}

void a_gap_abandons_the_measurement(void**)
{
    for (const bool slow : {false, true}) {
        Bench bench(same);
        const Signal x = played(0.5);
        const auto middle = static_cast<std::size_t>(2.5 * rate);
        const Signal one(x.begin(), x.begin() + middle), two(x.begin() + middle, x.end());
        bench.play({one, one});
        if (slow)
            bench.lose(480); // the hook's own loss
        else
            bench.jump(480); // the graph's
        bench.play({two, two});
        bench.play({x, x});
        bench.rest();
        const Heard heard = bench.end();
        assert_true(
            heard.says("out_1: the stream has a gap of 480 frames; the measurement is abandoned"));
        assert_true(heard.says("in_1: the sweep of out_1 has ended: delay 0 frames"));
    }
}

void a_sweep_made_for_another_rate_is_told(void**)
{
    for (const auto& [made, at] : std::vector<std::pair<double, double>>{
             {44100, 48000}, {48000, 44100}, {96000, 48000}, {48000, 96000}}) {
        Bench bench(same, {"in_1", "out_1"}, at);
        VolterraSweepConfig other = sweep;
        other.rate = made;
        const Signal x = played(0.5, 0.5, 1, other);
        bench.play({x, x});
        bench.rest(9);
        const Heard heard = bench.end();
        char words[200];
        std::snprintf(words, sizeof words,
                      "out_1: this sweep was made for %.0f Hz and is played at %.0f Hz", made, at);
        assert_true(heard.says(words));
        assert_int_equal(heard.events.size(), 2);
    }
}

void the_end_of_a_stream_within_a_sweep_is_told(void**)
{
    Bench bench(same);
    Signal x = played(0.5);
    x.resize(static_cast<std::size_t>(2 * rate));
    bench.play({x, x});
    assert_true(bench.end().says("out_1: the stream ended before the sweep and its response"));
}

void what_makes_no_sense_is_refused_in_a_sentence(void**)
{
    const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
        {{"f1=5"}, "f1=5: a number from 10 to 1000 is needed"},
        {{"f1=900", "f2=1000"}, "f2=1000: at least 4 times f1=900 is needed"},
        {{"f2=30000"}, "f2=30000: below half the rate of 48000 Hz is needed"},
        {{"hz=30"}, "hz=30: from 40 to 18000 is needed"},
        {{"seconds=1", "orders=5"}, "seconds=1: at least"},
        {{"orders=6"}, "orders=6: a number from 1 to 5 is needed"},
        {{"pairs=out_1"}, "pairs=out_1: OUTPUT:INPUT is needed"},
        {{"pairs=out_1:in_9"},
         "pairs=out_1:in_9: no channel 'in_9' is heard; there are in_1 to out_1"},
        {{"pairs=out_1:in_1,out_1:in_1"}, "in_1 is named twice"},
    };
    for (const auto& [words, said] : cases) {
        Bench bench(words);
        assert_false(bench.created());
        assert_true(bench.heard().says(said));
    }
    Bench alone({}, {"out_1", "out_2"});
    assert_false(alone.created());
    assert_true(alone.heard().says("no output is heard together with the input of its number"));
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(other_sounds_are_no_sweep),
        cmocka_unit_test(a_sweep_that_breaks_off_is_told),
        cmocka_unit_test(something_played_along_is_told),
        cmocka_unit_test(a_silent_input_is_told),
        cmocka_unit_test(an_input_with_something_else_is_told),
        cmocka_unit_test(noise_is_told_and_clipping_is_told),
        cmocka_unit_test(a_gap_abandons_the_measurement),
        cmocka_unit_test(a_sweep_made_for_another_rate_is_told),
        cmocka_unit_test(the_end_of_a_stream_within_a_sweep_is_told),
        cmocka_unit_test(what_makes_no_sense_is_refused_in_a_sentence),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
