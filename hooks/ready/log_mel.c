// SPDX-License-Identifier: MIT
/* Log-mel frames as Whisper's front end computes them: the mean of the channels heard, resampled to
 * 16 kHz with libsoxr, through libmojo_audio's stream. */

#include "hooks/mojo_audio.h"
#include "hooks/ready/ready.h"

#include <soxr.h>

enum { target_rate = 16000 };

typedef struct {
    const AsioWireHookHost* host;
    soxr_t resampler;
    MojoMelStream* mel;
    uint32_t channels;
    uint32_t bands;
    size_t room;  /* samples of resampled */
    float* mono;  /* [max_frames] */
    float* resampled;
    float* frame; /* [bands] */
    uint64_t frames;
} LogMel;

static void destroy(void* self)
{
    LogMel* log_mel = self;
    soxr_delete(log_mel->resampler);
    mojo_mel_stream_free(log_mel->mel);
    free(log_mel->mono);
    free(log_mel->resampled);
    free(log_mel->frame);
    free(log_mel);
}

static int32_t create(const AsioWireHookHost* host, const AsioWireHookStream* stream,
                      const AsioWireHookSetting* settings, void** out_self)
{
    double bands = 0;
    if (!ready_number(host, settings, "bands", 1, 1024, &bands)) return ASIOWIRE_HOOK_FAILURE;
    LogMel* log_mel = calloc(1, sizeof *log_mel);
    if (log_mel == NULL) return ready_failure(host, "out of memory");
    log_mel->host = host;
    log_mel->channels = stream->channels;
    log_mel->bands = (uint32_t)bands;
    log_mel->room = (size_t)((double)stream->max_frames * target_rate / stream->rate) + 1024;
    log_mel->mono = calloc(stream->max_frames, sizeof(float));
    log_mel->resampled = calloc(log_mel->room, sizeof(float));
    log_mel->frame = calloc(log_mel->bands, sizeof(float));
    const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_HQ, 0);
    soxr_error_t error = NULL;
    log_mel->resampler =
        soxr_create(stream->rate, target_rate, 1, &error, NULL, &quality, NULL);
    MojoMelConfig config = mojo_mel_config_default();
    config.n_mels = (int32_t)log_mel->bands;
    const MojoAudioStatus status = mojo_mel_stream_create(&config, NULL, &log_mel->mel);
    if (error != NULL || status != MOJO_AUDIO_SUCCESS || log_mel->mono == NULL ||
        log_mel->resampled == NULL || log_mel->frame == NULL) {
        destroy(log_mel);
        return ready_failure(host, error != NULL                     ? error
                                   : status != MOJO_AUDIO_SUCCESS ? mojo_audio_last_error()
                                                                  : "out of memory");
    }
    *out_self = log_mel;
    return ASIOWIRE_HOOK_SUCCESS;
}

/* Publishes the frames that are ready. */
static int32_t publish(LogMel* log_mel)
{
    const uint64_t before = log_mel->frames;
    size_t pulled = 0;
    while (mojo_mel_stream_available(log_mel->mel) > 0) {
        if (mojo_mel_stream_pull(log_mel->mel, log_mel->frame, log_mel->bands, &pulled) !=
            MOJO_AUDIO_SUCCESS)
            return ready_failure(log_mel->host, mojo_audio_last_error());
        log_mel->host->publish_array(log_mel->host, "mel", log_mel->frame, log_mel->bands);
        log_mel->frames++;
    }
    if (log_mel->frames > before)
        log_mel->host->publish_number(log_mel->host, "frames", (double)log_mel->frames);
    return ASIOWIRE_HOOK_SUCCESS;
}

/* NULL ends the signal. */
static int32_t take(LogMel* log_mel, const float* mono, size_t frames)
{
    size_t used = 0;
    size_t made = 0;
    do {
        const soxr_error_t error = soxr_process(log_mel->resampler, mono, frames, &used,
                                                log_mel->resampled, log_mel->room, &made);
        if (error != NULL) return ready_failure(log_mel->host, error);
        if (mojo_mel_stream_push(log_mel->mel, log_mel->resampled, made) != MOJO_AUDIO_SUCCESS)
            return ready_failure(log_mel->host, mojo_audio_last_error());
        if (mono != NULL) {
            mono += used;
            frames -= used;
        }
    } while (frames > 0 || (mono == NULL && made > 0));
    return publish(log_mel);
}

static int32_t process(void* self, const AsioWireHookBlock* block)
{
    LogMel* log_mel = self;
    for (uint32_t i = 0; i < block->frames; i++) {
        float sum = 0;
        for (uint32_t c = 0; c < log_mel->channels; c++) sum += block->audio[c][i];
        log_mel->mono[i] = sum / (float)log_mel->channels;
    }
    return take(log_mel, log_mel->mono, block->frames);
}

static void end(void* self)
{
    LogMel* log_mel = self;
    if (take(log_mel, NULL, 0) == ASIOWIRE_HOOK_SUCCESS &&
        mojo_mel_stream_finish(log_mel->mel) == MOJO_AUDIO_SUCCESS)
        publish(log_mel);
    destroy(log_mel);
}

static const AsioWireHookSettingInfo settings[] = {
    {"bands", "80", "mel bands of a frame"},
    {NULL, NULL, NULL},
};

static const AsioWireHook hook = {
    ASIOWIRE_HOOK_ABI, sizeof hook, "log_mel", "1.0",
    "log-mel frames at 16 kHz, one every 10 ms, of the mean of the channels heard", settings,
    create, process, end,
};

const AsioWireHook* asiowire_hook(uint32_t runner_abi)
{
    return runner_abi == ASIOWIRE_HOOK_ABI ? &hook : NULL;
}
