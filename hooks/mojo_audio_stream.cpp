// SPDX-License-Identifier: MIT
#include "hooks/mel_stream.hpp"
#include "hooks/mojo_audio_error.hpp"

#include <cstdio>

using namespace asiowire;

struct MojoMelStream {
    MelStream stream;
};

namespace {

MojoAudioStatus no_stream()
{
    return fail(MOJO_AUDIO_ERROR_INVALID_INPUT, "stream is NULL");
}

} // namespace

MojoAudioStatus mojo_mel_stream_create(const MojoMelConfig* config, const MojoMelOptions* options,
                                       MojoMelStream** out_stream)
{
    if (out_stream == nullptr) return fail(MOJO_AUDIO_ERROR_INVALID_INPUT, "out_stream is NULL");
    *out_stream = nullptr;
    if (config == nullptr) return fail(MOJO_AUDIO_ERROR_INVALID_INPUT, "config is NULL");
    const MelSettings settings{*config, options != nullptr ? *options : mojo_mel_options_default()};
    if (const char* wrong = complaint(settings, last_error(), error_size))
        return fail(MOJO_AUDIO_ERROR_INVALID_INPUT, wrong);
    if (settings.options.output != MOJO_MEL_OUTPUT_LOG10)
        return fail(MOJO_AUDIO_ERROR_INVALID_INPUT,
                    "Whisper's normalisation needs the whole signal's maximum: a stream has none");
    return guarded([&] {
        *out_stream = new MojoMelStream{MelStream(settings)};
        return MOJO_AUDIO_SUCCESS;
    });
}

MojoAudioStatus mojo_mel_stream_push(MojoMelStream* stream, const float* samples,
                                     size_t num_samples)
{
    if (stream == nullptr) return no_stream();
    if (stream->stream.finished())
        return fail(MOJO_AUDIO_ERROR_PROCESSING,
                    "the stream is finished; reset it for a new signal");
    if (num_samples == 0) return MOJO_AUDIO_SUCCESS;
    if (samples == nullptr) return fail(MOJO_AUDIO_ERROR_INVALID_INPUT, "samples is NULL");
    return guarded([&] {
        stream->stream.push({samples, num_samples});
        return MOJO_AUDIO_SUCCESS;
    });
}

MojoAudioStatus mojo_mel_stream_finish(MojoMelStream* stream)
{
    if (stream == nullptr) return no_stream();
    if (stream->stream.finished())
        return fail(MOJO_AUDIO_ERROR_PROCESSING, "the stream is finished already");
    return guarded([&] {
        stream->stream.finish();
        return MOJO_AUDIO_SUCCESS;
    });
}

size_t mojo_mel_stream_available(const MojoMelStream* stream)
{
    return stream == nullptr ? 0 : stream->stream.available();
}

MojoAudioStatus mojo_mel_stream_pull(MojoMelStream* stream, float* out_frames, size_t buffer_size,
                                     size_t* out_n_frames)
{
    if (out_n_frames == nullptr)
        return fail(MOJO_AUDIO_ERROR_INVALID_INPUT, "out_n_frames is NULL");
    *out_n_frames = 0;
    if (stream == nullptr) return no_stream();
    const std::size_t waiting = stream->stream.available();
    if (waiting == 0) return MOJO_AUDIO_SUCCESS;
    const std::size_t fitting = buffer_size / stream->stream.n_mels();
    if (fitting == 0) {
        std::snprintf(last_error(), error_size, "the buffer holds %zu floats; a frame has %zu",
                      buffer_size, stream->stream.n_mels());
        return MOJO_AUDIO_ERROR_BUFFER_SIZE;
    }
    if (out_frames == nullptr) return fail(MOJO_AUDIO_ERROR_INVALID_INPUT, "out_frames is NULL");
    const std::size_t frames = fitting < waiting ? fitting : waiting;
    stream->stream.pull(out_frames, frames);
    *out_n_frames = frames;
    return MOJO_AUDIO_SUCCESS;
}

MojoAudioStatus mojo_mel_stream_reset(MojoMelStream* stream)
{
    if (stream == nullptr) return no_stream();
    stream->stream.reset();
    return MOJO_AUDIO_SUCCESS;
}

void mojo_mel_stream_free(MojoMelStream* stream)
{
    delete stream;
}
