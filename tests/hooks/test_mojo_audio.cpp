// SPDX-License-Identifier: MIT
#include "hooks/mojo_audio.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "tests/cmocka.hpp"

// The C interface: what it answers, refuses and says. Values are judged by log_mel.py; here stand
// the anchors that need no reference.

namespace {

constexpr float floor_value = -10;

struct Answer {
    MojoAudioStatus status = MOJO_AUDIO_ERROR_PROCESSING;
    std::size_t n_mels = 0;
    std::size_t n_frames = 0;
    std::vector<float> values;

    float at(std::size_t mel, std::size_t frame) const { return values[mel * n_frames + frame]; }
};

Answer compute(const std::vector<float>& audio, MojoMelConfig config = mojo_mel_config_default(),
               MojoMelOptions options = mojo_mel_options_default())
{
    Answer answer;
    MojoMelSpectrogram* mel = nullptr;
    answer.status =
        mojo_mel_spectrogram_compute_with(audio.data(), audio.size(), &config, &options, &mel);
    mojo_mel_spectrogram_get_shape(mel, &answer.n_mels, &answer.n_frames);
    answer.values.resize(mojo_mel_spectrogram_get_size(mel));
    if (mel != nullptr)
        mojo_mel_spectrogram_get_data(mel, answer.values.data(), answer.values.size());
    mojo_mel_spectrogram_free(mel);
    return answer;
}

std::vector<float> tone(double hz, double rate, std::size_t n)
{
    std::vector<float> audio(n);
    for (std::size_t i = 0; i < n; i++)
        audio[i] = static_cast<float>(std::sin(2 * M_PI * hz * static_cast<double>(i) / rate));
    return audio;
}

std::size_t loudest(const Answer& answer, std::size_t frame)
{
    std::size_t found = 0;
    for (std::size_t m = 0; m < answer.n_mels; m++)
        if (answer.at(m, frame) > answer.at(found, frame)) found = m;
    return found;
}

bool says(const char* words)
{
    return std::strstr(mojo_audio_last_error(), words) != nullptr;
}

void the_default_is_whispers(void**)
{
    const MojoMelConfig config = mojo_mel_config_default();
    assert_int_equal(config.sample_rate, 16000);
    assert_int_equal(config.n_fft, 400);
    assert_int_equal(config.hop_length, 160);
    assert_int_equal(config.n_mels, 80);
    assert_int_equal(mojo_mel_config_validate(&config), MOJO_AUDIO_SUCCESS);
    std::int32_t major = -1, minor = -1, patch = -1;
    mojo_audio_version(&major, &minor, &patch);
    assert_int_equal(major, MOJO_AUDIO_VERSION_MAJOR);
    assert_int_equal(minor, MOJO_AUDIO_VERSION_MINOR);
    assert_int_equal(patch, MOJO_AUDIO_VERSION_PATCH);
    mojo_audio_version(nullptr, nullptr, nullptr);
}

void nonsense_is_refused_with_a_sentence_that_names_it(void**)
{
    const struct {
        MojoMelConfig config;
        const char* sentence;
    } wrong[] = {
        {{0, 400, 160, 80}, "sample_rate is 0"},
        {{-16000, 400, 160, 80}, "sample_rate is -16000"},
        {{16000, 0, 160, 80}, "n_fft is 0"},
        {{16000, 1 << 30, 160, 80}, "n_fft is 1073741824"},
        {{16000, 400, 0, 80}, "hop_length is 0"},
        {{16000, 400, -1, 80}, "hop_length is -1"},
        {{16000, 400, 160, 0}, "n_mels is 0"},
        {{16000, 400, 160, 100000}, "n_mels is 100000"},
    };
    for (const auto& [config, sentence] : wrong) {
        assert_int_equal(mojo_mel_config_validate(&config), MOJO_AUDIO_ERROR_INVALID_INPUT);
        assert_true(says(sentence));
        assert_int_equal(compute({0, 0}, config).status, MOJO_AUDIO_ERROR_INVALID_INPUT);
    }
    assert_int_equal(mojo_mel_config_validate(nullptr), MOJO_AUDIO_ERROR_INVALID_INPUT);
}

void nonsense_options_are_refused(void**)
{
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const MojoMelOptions wrong[] = {{.scale = 2},      {.norm = -1},   {.padding = 7},
                                    {.last_frame = 2}, {.output = 9},  {.f_min = -1},
                                    {.f_max = 8001},   {.f_max = -1},  {.f_min = 500, .f_max = 500},
                                    {.f_min = 8000},   {.f_min = nan}, {.f_max = nan}};
    int taken = 0;
    for (const MojoMelOptions& options : wrong)
        taken += compute({0, 0}, mojo_mel_config_default(), options).status !=
                 MOJO_AUDIO_ERROR_INVALID_INPUT;
    assert_int_equal(taken, 0);
}

void missing_pointers_and_samples_are_refused(void**)
{
    const MojoMelConfig config = mojo_mel_config_default();
    const float sample = 0;
    MojoMelSpectrogram* mel = reinterpret_cast<MojoMelSpectrogram*>(1);
    assert_int_equal(mojo_mel_spectrogram_compute(nullptr, 5, &config, &mel), -1);
    assert_null(mel);
    assert_int_equal(mojo_mel_spectrogram_compute(&sample, 0, &config, &mel), -1);
    assert_true(says("no samples"));
    assert_int_equal(mojo_mel_spectrogram_compute(&sample, SIZE_MAX, &config, &mel), -1);
    assert_int_equal(mojo_mel_spectrogram_compute(&sample, 1, nullptr, &mel), -1);
    assert_int_equal(mojo_mel_spectrogram_compute(&sample, 1, &config, nullptr), -1);
    std::size_t rows = 5, columns = 5;
    mojo_mel_spectrogram_get_shape(nullptr, &rows, &columns);
    assert_int_equal(rows + columns, 0);
    assert_int_equal(mojo_mel_spectrogram_get_size(nullptr), 0);
    assert_null(mojo_mel_spectrogram_get_data_ptr(nullptr));
    mojo_mel_spectrogram_free(nullptr);
}

void thirty_seconds_are_three_thousand_frames(void**)
{
    const Answer answer = compute(std::vector<float>(480'000, 0.1F));
    assert_int_equal(answer.n_mels, 80);
    assert_int_equal(answer.n_frames, 3000);
    assert_int_equal(compute(std::vector<float>(160)).n_frames, 1);
    assert_int_equal(compute(std::vector<float>(159)).status, MOJO_AUDIO_SUCCESS);
    assert_int_equal(compute(std::vector<float>(159)).n_frames, 0);
    assert_int_equal(compute(std::vector<float>(1)).n_frames, 0);
}

void a_buffer_that_is_too_small_is_left_alone(void**)
{
    const std::vector<float> audio(1600, 0.5F);
    const MojoMelConfig config = mojo_mel_config_default();
    MojoMelSpectrogram* mel = nullptr;
    assert_int_equal(mojo_mel_spectrogram_compute(audio.data(), audio.size(), &config, &mel), 0);
    std::vector<float> out(800, 42);
    assert_int_equal(mojo_mel_spectrogram_get_data(mel, out.data(), 799),
                     MOJO_AUDIO_ERROR_BUFFER_SIZE);
    assert_true(says("799") && says("800"));
    assert_true(std::all_of(out.begin(), out.end(), [](float value) { return value == 42; }));
    assert_int_equal(mojo_mel_spectrogram_get_data(mel, out.data(), 800), MOJO_AUDIO_SUCCESS);
    assert_memory_equal(out.data(), mojo_mel_spectrogram_get_data_ptr(mel), 800 * sizeof(float));
    assert_int_equal(mojo_mel_spectrogram_get_data(mel, nullptr, 800),
                     MOJO_AUDIO_ERROR_INVALID_INPUT);
    assert_int_equal(mojo_mel_spectrogram_get_data(nullptr, out.data(), 800), -1);
    mojo_mel_spectrogram_free(mel);
}

void silence_is_minus_ten_everywhere(void**)
{
    const Answer answer = compute(std::vector<float>(16'000));
    assert_int_equal(answer.values.size(), 8000);
    int others = 0;
    for (const float value : answer.values)
        others += std::abs(value - floor_value) > 1e-5F;
    assert_int_equal(others, 0);
}

void a_tone_is_loudest_in_the_band_around_it(void**)
{
    // Slaney's scale, 80 bands to 8 kHz: mel 45.25 / 81 apart, 1 kHz = 15 mel.
    const double step = (15 + 27 * std::log(8.0) / std::log(6.4)) / 81;
    int wrong = 0;
    for (const double hz : {300.0, 1000.0, 2000.0, 3500.0, 7000.0}) {
        const double mel = hz < 1000 ? hz * 0.015 : 15 + 27 * std::log(hz / 1000) / std::log(6.4);
        const double band = mel / step - 1; // the one whose middle is nearest
        const Answer answer = compute(tone(hz, 16000, 16000));
        wrong += std::abs(static_cast<double>(loudest(answer, 50)) - band) > 0.75;
    }
    assert_int_equal(wrong, 0);
}

void an_impulse_is_as_loud_as_the_window_at_its_place(void**)
{
    std::vector<float> audio(16'000);
    audio[8000] = 1;
    const Answer answer = compute(audio);
    // Its spectrum is flat: the window's square times the filter's sum of weights. Frame 50 has it
    // in the middle, where the window is 1; 49 and 51 have it 160 samples off.
    const double off = 0.5 - 0.5 * std::cos(2 * M_PI * 40 / 400);
    int wrong = 0;
    for (std::size_t m = 0; m < 80; m++)
        for (const std::size_t frame : {49, 51})
            wrong += std::abs(answer.at(m, 50) - answer.at(m, frame) + 2 * std::log10(off)) > 5e-4;
    assert_int_equal(wrong, 0);
    assert_true(answer.at(40, 48) == answer.at(0, 48)); // -10: out of reach
}

void a_nan_or_infinity_spoils_its_own_frames_alone(void**)
{
    const float bad[] = {std::numeric_limits<float>::quiet_NaN(),
                         std::numeric_limits<float>::infinity()};
    for (const int n_fft : {400, 402}) {
        MojoMelConfig config = mojo_mel_config_default();
        config.n_fft = n_fft;
        const std::vector<float> clean = tone(440, 16000, 16000);
        const Answer right = compute(clean, config);
        for (const float sample : bad) {
            std::vector<float> audio = clean;
            audio[8000] = sample; // in frames 49, 50 and 51
            const Answer answer = compute(audio, config);
            int wrong = 0;
            for (std::size_t f = 0; f < answer.n_frames; f++)
                for (std::size_t m = 0; m < 80; m++)
                    wrong += f >= 49 && f <= 51 ? !std::isnan(answer.at(m, f))
                                                : answer.at(m, f) != right.at(m, f);
            assert_int_equal(wrong, 0);
        }
    }
}

void the_greatest_and_the_smallest_floats_have_a_value(void**)
{
    const Answer great = compute(std::vector<float>(1600, std::numeric_limits<float>::max()));
    const Answer small =
        compute(std::vector<float>(1600, std::numeric_limits<float>::denorm_min()));
    assert_true(std::all_of(great.values.begin(), great.values.end(),
                            [](float value) { return std::isfinite(value) && value > 40; }));
    assert_true(std::all_of(small.values.begin(), small.values.end(),
                            [](float value) { return std::abs(value - floor_value) < 1e-5F; }));
}

void whispers_last_lines_clamp_and_scale(void**)
{
    const float nan = std::numeric_limits<float>::quiet_NaN();
    float values[] = {-10, 2, -6, -5, nan};
    assert_int_equal(mojo_mel_normalize_whisper(values, 5), MOJO_AUDIO_SUCCESS);
    const float wanted[] = {-0.5F, 1.5F, -0.5F, -0.25F};
    assert_memory_equal(values, wanted, sizeof(wanted));
    assert_true(std::isnan(values[4]));
    assert_int_equal(mojo_mel_normalize_whisper(nullptr, 0), MOJO_AUDIO_SUCCESS);
    assert_int_equal(mojo_mel_normalize_whisper(nullptr, 1), MOJO_AUDIO_ERROR_INVALID_INPUT);
}

void every_thread_has_its_own_results_and_errors(void**)
{
    const std::vector<float> audio = tone(440, 16000, 48000);
    const std::int32_t sizes[] = {400, 512};
    int wrong[2] = {};
    std::vector<std::thread> threads;
    for (int i = 0; i < 2; i++) {
        threads.emplace_back([&, i] {
            const MojoMelConfig config{16000, sizes[i], 160, 40 + i};
            const MojoMelConfig bad{16000, 400, -1 - i, 80};
            const Answer first = compute(audio, config);
            for (int round = 0; round < 20; round++) {
                wrong[i] += mojo_mel_config_validate(&bad) != MOJO_AUDIO_ERROR_INVALID_INPUT;
                wrong[i] += compute(audio, config).values != first.values;
                wrong[i] += !says(i == 0 ? "hop_length is -1;" : "hop_length is -2;");
            }
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    assert_int_equal(wrong[0] + wrong[1], 0);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_default_is_whispers),
        cmocka_unit_test(nonsense_is_refused_with_a_sentence_that_names_it),
        cmocka_unit_test(nonsense_options_are_refused),
        cmocka_unit_test(missing_pointers_and_samples_are_refused),
        cmocka_unit_test(thirty_seconds_are_three_thousand_frames),
        cmocka_unit_test(a_buffer_that_is_too_small_is_left_alone),
        cmocka_unit_test(silence_is_minus_ten_everywhere),
        cmocka_unit_test(a_tone_is_loudest_in_the_band_around_it),
        cmocka_unit_test(an_impulse_is_as_loud_as_the_window_at_its_place),
        cmocka_unit_test(a_nan_or_infinity_spoils_its_own_frames_alone),
        cmocka_unit_test(the_greatest_and_the_smallest_floats_have_a_value),
        cmocka_unit_test(whispers_last_lines_clamp_and_scale),
        cmocka_unit_test(every_thread_has_its_own_results_and_errors),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
