// SPDX-License-Identifier: MIT
// Five seconds of noise as a log-mel spectrogram.
// c++ log_mel.cpp $(pkg-config --cflags --libs mojo_audio)

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <mojo_audio.h>
#include <numeric>
#include <vector>

struct Free {
    void operator()(MojoMelSpectrogram* mel) const { mojo_mel_spectrogram_free(mel); }
};

int main()
{
    std::vector<float> audio(80'000);
    std::uint32_t state = 1;
    for (float& sample : audio) {
        state = state * 1664525u + 1013904223u;
        sample = static_cast<float>(state >> 8) / 16777216.0f - 0.5f;
    }

    const MojoMelConfig config = mojo_mel_config_default();
    MojoMelSpectrogram* made = nullptr;
    const MojoAudioStatus status =
        mojo_mel_spectrogram_compute(audio.data(), audio.size(), &config, &made);
    const std::unique_ptr<MojoMelSpectrogram, Free> mel(made);
    if (status != MOJO_AUDIO_SUCCESS) {
        std::fprintf(stderr, "%s\n", mojo_audio_last_error());
        return 1;
    }
    std::size_t n_mels = 0;
    std::size_t n_frames = 0;
    mojo_mel_spectrogram_get_shape(mel.get(), &n_mels, &n_frames);
    const float* values = mojo_mel_spectrogram_get_data_ptr(mel.get());
    const double sum = std::accumulate(values, values + n_mels * n_frames, 0.0);
    std::printf("%zu x %zu, first %.6f, sum %.6f\n", n_mels, n_frames, double{values[0]}, sum);
}
