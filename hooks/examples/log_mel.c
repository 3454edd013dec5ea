// SPDX-License-Identifier: MIT
// Five seconds of noise as a log-mel spectrogram.
// cc log_mel.c $(pkg-config --cflags --libs mojo_audio)

#include <mojo_audio.h>
#include <stdio.h>

enum { SAMPLES = 80000 };

int main(void)
{
    static float audio[SAMPLES];
    uint32_t state = 1;
    for (int i = 0; i < SAMPLES; i++) {
        state = state * 1664525u + 1013904223u;
        audio[i] = (float)(state >> 8) / 16777216.0f - 0.5f;
    }

    const MojoMelConfig config = mojo_mel_config_default();
    MojoMelSpectrogram* mel = NULL;
    if (mojo_mel_spectrogram_compute(audio, SAMPLES, &config, &mel) != MOJO_AUDIO_SUCCESS) {
        fprintf(stderr, "%s\n", mojo_audio_last_error());
        return 1;
    }
    size_t n_mels, n_frames;
    mojo_mel_spectrogram_get_shape(mel, &n_mels, &n_frames);
    const float* values = mojo_mel_spectrogram_get_data_ptr(mel);
    double sum = 0;
    for (size_t i = 0; i < mojo_mel_spectrogram_get_size(mel); i++)
        sum += values[i];
    printf("%zu x %zu, first %.6f, sum %.6f\n", n_mels, n_frames, (double)values[0], sum);
    mojo_mel_spectrogram_free(mel);
    return 0;
}
