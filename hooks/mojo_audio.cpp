// SPDX-License-Identifier: MIT
#include "hooks/mojo_audio.h"

#include "hooks/mel_batch.hpp"
#include "hooks/mojo_audio_error.hpp"

#include <cstdio>
#include <cstring>
#include <memory>

using namespace asiowire;

struct MojoMelSpectrogram {
    std::size_t n_mels;
    std::size_t n_frames;
    std::unique_ptr<float[]> values;
};

namespace asiowire {

char* last_error()
{
    static thread_local char sentence[error_size];
    return sentence;
}

MojoAudioStatus fail(MojoAudioStatus status, const char* sentence)
{
    if (sentence != last_error()) std::snprintf(last_error(), error_size, "%s", sentence);
    return status;
}

} // namespace asiowire

namespace {

std::unique_ptr<MojoMelSpectrogram> spectrogram_of(const float* samples, std::size_t length,
                                                   const MelSettings& settings)
{
    const std::size_t frames = frame_count(settings, length);
    if (frames > PTRDIFF_MAX / sizeof(float) / settings.n_mels()) throw std::bad_alloc();
    const std::size_t size = frames * settings.n_mels();
    // Not cleared: the kernel writes every value, and a second pass over fresh memory costs.
    std::unique_ptr<float[]> values(new float[size]);
    auto mel = std::make_unique<MojoMelSpectrogram>(settings.n_mels(), frames, std::move(values));
    compute_batch(MelPlan(settings), samples, length, mel->values.get());
    if (settings.options.output == MOJO_MEL_OUTPUT_WHISPER)
        normalize_whisper(mel->values.get(), size);
    return mel;
}

} // namespace

void mojo_audio_version(int32_t* major, int32_t* minor, int32_t* patch)
{
    if (major != nullptr) *major = MOJO_AUDIO_VERSION_MAJOR;
    if (minor != nullptr) *minor = MOJO_AUDIO_VERSION_MINOR;
    if (patch != nullptr) *patch = MOJO_AUDIO_VERSION_PATCH;
}

const char* mojo_audio_last_error(void)
{
    return last_error();
}

MojoMelConfig mojo_mel_config_default(void)
{
    return {.sample_rate = 16000, .n_fft = 400, .hop_length = 160, .n_mels = 80};
}

MojoMelOptions mojo_mel_options_default(void)
{
    return {};
}

MojoAudioStatus mojo_mel_config_validate(const MojoMelConfig* config)
{
    if (config == nullptr) return fail(MOJO_AUDIO_ERROR_INVALID_INPUT, "config is NULL");
    const MelSettings settings{*config, mojo_mel_options_default()};
    const char* wrong = complaint(settings, last_error(), error_size);
    return wrong == nullptr ? MOJO_AUDIO_SUCCESS : fail(MOJO_AUDIO_ERROR_INVALID_INPUT, wrong);
}

MojoAudioStatus mojo_mel_spectrogram_compute(const float* audio_samples, size_t num_samples,
                                             const MojoMelConfig* config,
                                             MojoMelSpectrogram** out_result)
{
    return mojo_mel_spectrogram_compute_with(audio_samples, num_samples, config, nullptr,
                                             out_result);
}

MojoAudioStatus mojo_mel_spectrogram_compute_with(const float* audio_samples, size_t num_samples,
                                                  const MojoMelConfig* config,
                                                  const MojoMelOptions* options,
                                                  MojoMelSpectrogram** out_result)
{
    if (out_result == nullptr) return fail(MOJO_AUDIO_ERROR_INVALID_INPUT, "out_result is NULL");
    *out_result = nullptr;
    if (config == nullptr) return fail(MOJO_AUDIO_ERROR_INVALID_INPUT, "config is NULL");
    const MelSettings settings{*config, options != nullptr ? *options : mojo_mel_options_default()};
    if (const char* wrong = complaint(settings, last_error(), error_size))
        return fail(MOJO_AUDIO_ERROR_INVALID_INPUT, wrong);
    if (audio_samples == nullptr)
        return fail(MOJO_AUDIO_ERROR_INVALID_INPUT, "audio_samples is NULL");
    if (num_samples == 0) return fail(MOJO_AUDIO_ERROR_INVALID_INPUT, "there are no samples");
    if (num_samples > PTRDIFF_MAX / sizeof(float))
        return fail(MOJO_AUDIO_ERROR_INVALID_INPUT, "num_samples is more than memory can hold");
    return guarded([&] {
        *out_result = spectrogram_of(audio_samples, num_samples, settings).release();
        return MOJO_AUDIO_SUCCESS;
    });
}

void mojo_mel_spectrogram_get_shape(const MojoMelSpectrogram* mel, size_t* out_n_mels,
                                    size_t* out_n_frames)
{
    if (out_n_mels != nullptr) *out_n_mels = mel == nullptr ? 0 : mel->n_mels;
    if (out_n_frames != nullptr) *out_n_frames = mel == nullptr ? 0 : mel->n_frames;
}

size_t mojo_mel_spectrogram_get_size(const MojoMelSpectrogram* mel)
{
    return mel == nullptr ? 0 : mel->n_mels * mel->n_frames;
}

MojoAudioStatus mojo_mel_spectrogram_get_data(const MojoMelSpectrogram* mel, float* out_buffer,
                                              size_t buffer_size)
{
    if (mel == nullptr) return fail(MOJO_AUDIO_ERROR_INVALID_INPUT, "mel is NULL");
    const std::size_t size = mojo_mel_spectrogram_get_size(mel);
    if (size == 0) return MOJO_AUDIO_SUCCESS;
    if (out_buffer == nullptr) return fail(MOJO_AUDIO_ERROR_INVALID_INPUT, "out_buffer is NULL");
    if (buffer_size < size) {
        std::snprintf(last_error(), error_size, "the buffer holds %zu floats; %zu are needed",
                      buffer_size, size);
        return MOJO_AUDIO_ERROR_BUFFER_SIZE;
    }
    std::memcpy(out_buffer, mel->values.get(), size * sizeof(float));
    return MOJO_AUDIO_SUCCESS;
}

const float* mojo_mel_spectrogram_get_data_ptr(const MojoMelSpectrogram* mel)
{
    return mel == nullptr ? nullptr : mel->values.get();
}

void mojo_mel_spectrogram_free(MojoMelSpectrogram* mel)
{
    delete mel;
}

MojoAudioStatus mojo_mel_normalize_whisper(float* values, size_t count)
{
    if (count == 0) return MOJO_AUDIO_SUCCESS;
    if (values == nullptr) return fail(MOJO_AUDIO_ERROR_INVALID_INPUT, "values is NULL");
    normalize_whisper(values, count);
    return MOJO_AUDIO_SUCCESS;
}
