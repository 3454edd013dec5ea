// SPDX-License-Identifier: MIT
#include "hooks/mel_batch.hpp"
#include "hooks/mel_kernels.hpp"

#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "tests/cmocka.hpp"

// Every kernel that this processor can run, the 64-byte one in plain instructions among them,
// against sums in float64 straight from the definition.

namespace asiowire {
extern const MelKernel mel_kernel_wide;
}

using namespace asiowire;

namespace {

constexpr double budget = 5e-4;

std::vector<const MelKernel*> kernels()
{
    std::vector<const MelKernel*> found{&mel_kernel_baseline, &mel_kernel_wide};
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        found.push_back(&mel_kernel_avx2);
    if (&best_kernel() == &mel_kernel_avx512) found.push_back(&mel_kernel_avx512);
#endif
    return found;
}

MelSettings settings_of(std::int32_t n_fft)
{
    return {{16000, n_fft, 160, 40}, mojo_mel_options_default()};
}

/// [mel][frame], one sum per frequency.
std::vector<double> by_definition(const MelSettings& settings, const std::vector<float>& signal)
{
    const MelFilterbank bank = make_filterbank(settings);
    const auto n = static_cast<double>(settings.n_fft());
    const std::size_t frames = frame_count(settings, signal.size());
    std::vector<double> values(settings.n_mels() * frames);
    for (std::size_t f = 0; f < frames; f++) {
        std::vector<double> power;
        for (std::size_t k = 0; k <= settings.n_fft() / 2; k++) {
            double re = 0, im = 0;
            for (std::size_t i = 0; i < settings.n_fft(); i++) {
                const auto at = static_cast<std::ptrdiff_t>(f * settings.hop() + i) -
                                static_cast<std::ptrdiff_t>(settings.padding());
                const double turn = 2 * M_PI / n;
                const double x = static_cast<double>(signal[mirrored(at, signal.size())]) *
                                 (0.5 - 0.5 * std::cos(turn * static_cast<double>(i)));
                re += x * std::cos(turn * static_cast<double>(i * k % settings.n_fft()));
                im -= x * std::sin(turn * static_cast<double>(i * k % settings.n_fft()));
            }
            power.push_back(re * re + im * im);
        }
        for (std::size_t m = 0; m < settings.n_mels(); m++) {
            double sum = 0;
            for (std::size_t i = 0; i < bank.bands[m].n_bins; i++)
                sum += bank.weights[bank.bands[m].first_weight + i] *
                       power[bank.bands[m].first_bin + i];
            values[m * frames + f] = std::log10(std::max(sum, 1e-10));
        }
    }
    return values;
}

double worst_error(const MelSettings& settings, const MelKernel& kernel,
                   const std::vector<float>& signal, const std::vector<double>& right)
{
    std::vector<float> values(right.size(), NAN);
    compute_batch(MelPlan(settings, kernel), signal.data(), signal.size(), values.data());
    double worst = 0;
    for (std::size_t i = 0; i < right.size(); i++) {
        const double error = std::abs(static_cast<double>(values[i]) - right[i]);
        if (!(error <= worst)) worst = error;
    }
    return worst;
}

std::vector<float> noisy_tone(double noise, std::size_t n)
{
    std::mt19937 random(3);
    std::normal_distribution<double> spread(0, noise);
    std::vector<float> signal(n);
    for (std::size_t i = 0; i < n; i++)
        signal[i] = static_cast<float>(std::sin(0.4567 * static_cast<double>(i)) + spread(random));
    return signal;
}

void every_kernel_agrees_with_the_definition(void**)
{
    int wrong = 0;
    for (const std::int32_t n_fft : {400, 37, 74, 256, 315}) {
        for (const double noise : {1.0, 1e-6}) {
            const MelSettings settings = settings_of(n_fft);
            const std::vector<float> signal = noisy_tone(noise, 160 * 35);
            const std::vector<double> right = by_definition(settings, signal);
            for (const MelKernel* kernel : kernels()) {
                const double error = worst_error(settings, *kernel, signal, right);
                if (error <= budget) continue;
                wrong++;
                print_message("%s, n_fft %d, noise %g: %g\n", kernel->name, n_fft, noise, error);
            }
        }
    }
    assert_int_equal(wrong, 0);
}

/// How many of 32 frames a kernel computed twice.
std::size_t doubtful(const MelKernel& kernel, const std::vector<float>& signal)
{
    const MelPlan plan(settings_of(400), kernel);
    const Workspace workspace = plan.new_workspace();
    std::vector<float> values(32 * 40);
    return plan.compute(workspace.get(), signal.data(), 32, values.data(), 32);
}

void float64_is_used_where_quiet_bands_need_it_and_nowhere_else(void**)
{
    const std::size_t samples = 31 * 160 + 400;
    for (const MelKernel* kernel : kernels()) {
        assert_int_equal(doubtful(*kernel, noisy_tone(0.1, samples)), 0);
        assert_int_equal(doubtful(*kernel, noisy_tone(0, samples)), 32);
        assert_int_equal(doubtful(*kernel, std::vector<float>(samples)), 0);
    }
}

void a_sample_that_no_frame_holds_is_not_read(void**)
{
    // Exactly the samples of the frames, at the end of their own memory: for the sanitizers.
    for (const MelKernel* kernel : kernels()) {
        for (const std::int32_t n_fft : {400, 3, 509}) {
            const MelPlan plan(settings_of(n_fft), *kernel);
            const Workspace workspace = plan.new_workspace();
            for (const std::size_t frames : {1, 2, 7, 16}) {
                const std::vector<float> signal(
                    (frames - 1) * 160 + static_cast<std::size_t>(n_fft), 1);
                std::vector<float> values(frames * 40, 42);
                plan.compute(workspace.get(), signal.data(), frames, values.data(), frames);
                int left = 0;
                for (const float value : values)
                    left += value == 42 || !std::isfinite(value);
                assert_int_equal(left, 0);
            }
        }
    }
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(every_kernel_agrees_with_the_definition),
        cmocka_unit_test(float64_is_used_where_quiet_bands_need_it_and_nowhere_else),
        cmocka_unit_test(a_sample_that_no_frame_holds_is_not_read),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
