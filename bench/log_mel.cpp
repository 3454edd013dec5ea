// SPDX-License-Identifier: MIT
// Times libmojo_audio and a plain loop over FFTW's real transform, one after the other, on 30 s of
// 16 kHz. Prints a JSON line per pair. Usage: log_mel PAIRS

#include "hooks/mel_batch.hpp"
#include "hooks/mojo_audio.h"

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fftw3.h>
#include <random>
#include <vector>

namespace {

constexpr std::size_t samples = 480'000;
constexpr std::size_t n_fft = 400;
constexpr std::size_t hop = 160;
constexpr std::size_t n_mels = 80;
constexpr std::size_t n_bins = n_fft / 2 + 1;
constexpr std::size_t frames = samples / hop;

/// What a good programmer writes in an hour: the plan and all tables made beforehand, only the
/// weights that are not zero, the compiler free to use AVX2.
class PlainLoop {
public:
    PlainLoop()
        : bank_(asiowire::make_filterbank({mojo_mel_config_default(), mojo_mel_options_default()})),
          weights_(bank_.weights.begin(), bank_.weights.end()), padded_(samples + n_fft),
          values_(n_mels * frames), in_(fftwf_alloc_real(n_fft)), out_(fftwf_alloc_complex(n_bins)),
          plan_(fftwf_plan_dft_r2c_1d(n_fft, in_, out_, FFTW_MEASURE))
    {
        for (std::size_t n = 0; n < n_fft; n++)
            window_[n] = static_cast<float>(0.5 - 0.5 * std::cos(2 * M_PI * n / n_fft));
    }
    ~PlainLoop()
    {
        fftwf_destroy_plan(plan_);
        fftwf_free(in_);
        fftwf_free(out_);
    }
    PlainLoop(const PlainLoop&) = delete;
    PlainLoop& operator=(const PlainLoop&) = delete;

    const std::vector<float>& compute(const std::vector<float>& signal)
    {
        const std::size_t half = n_fft / 2;
        std::memcpy(&padded_[half], signal.data(), samples * sizeof(float));
        for (std::size_t i = 0; i < half; i++) {
            padded_[i] = signal[half - i];
            padded_[half + samples + i] = signal[samples - 2 - i];
        }
        for (std::size_t f = 0; f < frames; f++) {
            for (std::size_t n = 0; n < n_fft; n++)
                in_[n] = padded_[f * hop + n] * window_[n];
            fftwf_execute(plan_);
            for (std::size_t k = 0; k < n_bins; k++)
                power_[k] = out_[k][0] * out_[k][0] + out_[k][1] * out_[k][1];
            for (std::size_t m = 0; m < n_mels; m++) {
                const asiowire::MelBand& band = bank_.bands[m];
                float sum = 0;
                for (std::size_t i = 0; i < band.n_bins; i++)
                    sum += weights_[band.first_weight + i] * power_[band.first_bin + i];
                values_[m * frames + f] = log10f(sum > 1e-10F ? sum : 1e-10F);
            }
        }
        return values_;
    }

private:
    asiowire::MelFilterbank bank_;
    std::vector<float> weights_;
    std::vector<float> padded_;
    std::vector<float> values_;
    float window_[n_fft];
    float power_[n_bins];
    float* in_;
    fftwf_complex* out_;
    fftwf_plan plan_;
};

double milliseconds(auto body)
{
    const auto begin = std::chrono::steady_clock::now();
    body();
    const std::chrono::duration<double, std::milli> passed =
        std::chrono::steady_clock::now() - begin;
    return passed.count();
}

} // namespace

int main(int argc, char** argv)
{
    const int pairs = argc > 1 ? std::atoi(argv[1]) : 1;
    std::mt19937 random(1);
    std::normal_distribution<float> noise(0, 0.1F);
    std::vector<float> signal(samples);
    for (float& sample : signal)
        sample = noise(random);
    const MojoMelConfig config = mojo_mel_config_default();
    PlainLoop plain;
    MojoMelSpectrogram* mel = nullptr;
    for (int pair = -1; pair < pairs; pair++) { // the first one warms up
        const double theirs = milliseconds([&] { plain.compute(signal); });
        const double ours = milliseconds([&] {
            if (mojo_mel_spectrogram_compute(signal.data(), samples, &config, &mel) != 0) abort();
        });
        float apart = 0;
        const std::vector<float>& other = plain.compute(signal);
        for (std::size_t i = 0; i < other.size(); i++)
            apart = std::max(apart, std::abs(mojo_mel_spectrogram_get_data_ptr(mel)[i] - other[i]));
        mojo_mel_spectrogram_free(mel);
        if (pair < 0) continue;
        std::printf("{\"ours_ms\": %.4f, \"fftw_ms\": %.4f, \"apart\": %.2g}\n", ours, theirs,
                    static_cast<double>(apart));
    }
}
