// SPDX-License-Identifier: MIT
/* Peak, RMS, true peak and loudness (EBU R 128) with libebur128. */

#include "hooks/ready/ready.h"

#include <ebur128.h>

typedef struct {
    const AsioWireHookHost* host;
    ebur128_state* loudness;
    uint32_t channels;
    uint64_t interval; /* frames */
    uint64_t gathered; /* frames since the latest report */
    float* interleaved;
    double* squares; /* [channel] */
    float* peak;     /* [channel], amplitude, since the latest report */
    float* true_peak;
    float* report; /* [channel], dB */
} Levels;

static void destroy(void* self)
{
    Levels* levels = self;
    if (levels->loudness != NULL) ebur128_destroy(&levels->loudness);
    free(levels->interleaved);
    free(levels->squares);
    free(levels->peak);
    free(levels->true_peak);
    free(levels->report);
    free(levels);
}

static int32_t create(const AsioWireHookHost* host, const AsioWireHookStream* stream,
                      const AsioWireHookSetting* settings, void** out_self)
{
    double interval_ms = 0;
    if (!ready_number(host, settings, "interval_ms", 10, 10000, &interval_ms))
        return ASIOWIRE_HOOK_FAILURE;
    Levels* levels = calloc(1, sizeof *levels);
    if (levels == NULL) return ready_failure(host, "out of memory");
    const uint32_t channels = stream->channels;
    levels->host = host;
    levels->channels = channels;
    levels->interval = (uint64_t)(stream->rate * interval_ms / 1000);
    if (levels->interval == 0) levels->interval = 1;
    levels->loudness = ebur128_init(channels, stream->rate,
                                    EBUR128_MODE_M | EBUR128_MODE_S | EBUR128_MODE_I |
                                        EBUR128_MODE_LRA | EBUR128_MODE_TRUE_PEAK |
                                        EBUR128_MODE_HISTOGRAM);
    levels->interleaved = calloc((size_t)stream->max_frames * channels, sizeof(float));
    levels->squares = calloc(channels, sizeof(double));
    levels->peak = calloc(channels, sizeof(float));
    levels->true_peak = calloc(channels, sizeof(float));
    levels->report = calloc(channels, sizeof(float));
    if (levels->loudness == NULL || levels->interleaved == NULL || levels->squares == NULL ||
        levels->peak == NULL || levels->true_peak == NULL || levels->report == NULL) {
        destroy(levels);
        return ready_failure(host, "out of memory, or a rate that libebur128 does not know");
    }
    *out_self = levels;
    return ASIOWIRE_HOOK_SUCCESS;
}

static void publish_levels(Levels* levels, const char* name, const float* amplitudes)
{
    for (uint32_t c = 0; c < levels->channels; c++)
        levels->report[c] = (float)ready_db(amplitudes[c]);
    levels->host->publish_array(levels->host, name, levels->report, levels->channels);
}

static void publish_loudness(Levels* levels, const char* name,
                             int (*ask)(ebur128_state*, double*))
{
    double value = 0;
    if (ask(levels->loudness, &value) != EBUR128_SUCCESS) return;
    levels->host->publish_number(levels->host, name,
                                 value > READY_SILENCE ? value : READY_SILENCE);
}

static void report(Levels* levels)
{
    publish_levels(levels, "peak_db", levels->peak);
    publish_levels(levels, "true_peak_db", levels->true_peak);
    for (uint32_t c = 0; c < levels->channels; c++) {
        levels->peak[c] = (float)sqrt(levels->squares[c] / (double)levels->gathered);
        levels->squares[c] = 0;
    }
    publish_levels(levels, "rms_db", levels->peak);
    double highest = 0;
    for (uint32_t c = 0; c < levels->channels; c++) {
        double peak = 0;
        if (ebur128_true_peak(levels->loudness, c, &peak) == EBUR128_SUCCESS && peak > highest)
            highest = peak;
        levels->peak[c] = 0;
        levels->true_peak[c] = 0;
    }
    levels->host->publish_number(levels->host, "max_true_peak_db", ready_db(highest));
    publish_loudness(levels, "loudness/momentary", ebur128_loudness_momentary);
    publish_loudness(levels, "loudness/short_term", ebur128_loudness_shortterm);
    publish_loudness(levels, "loudness/integrated", ebur128_loudness_global);
    publish_loudness(levels, "loudness/range", ebur128_loudness_range);
    levels->gathered = 0;
}

static void add(Levels* levels, const AsioWireHookBlock* block, uint32_t first, uint32_t frames)
{
    for (uint32_t c = 0; c < levels->channels; c++) {
        const float* from = block->audio[c] + first;
        double squares = 0;
        float peak = levels->peak[c];
        for (uint32_t i = 0; i < frames; i++) {
            levels->interleaved[(size_t)i * levels->channels + c] = from[i];
            squares += (double)from[i] * from[i];
            if (fabsf(from[i]) > peak) peak = fabsf(from[i]);
        }
        levels->squares[c] += squares;
        levels->peak[c] = peak;
    }
    ebur128_add_frames_float(levels->loudness, levels->interleaved, frames);
    for (uint32_t c = 0; c < levels->channels; c++) {
        double peak = 0;
        if (ebur128_prev_true_peak(levels->loudness, c, &peak) == EBUR128_SUCCESS &&
            peak > levels->true_peak[c])
            levels->true_peak[c] = (float)peak;
    }
    levels->gathered += frames;
}

static int32_t process(void* self, const AsioWireHookBlock* block)
{
    Levels* levels = self;
    for (uint32_t first = 0; first < block->frames;) {
        const uint64_t missing = levels->interval - levels->gathered;
        const uint32_t rest = block->frames - first;
        const uint32_t frames = missing < rest ? (uint32_t)missing : rest;
        add(levels, block, first, frames);
        if (levels->gathered == levels->interval) report(levels);
        first += frames;
    }
    return ASIOWIRE_HOOK_SUCCESS;
}

static void end(void* self)
{
    Levels* levels = self;
    if (levels->gathered > 0) report(levels);
    destroy(levels);
}

static const AsioWireHookSettingInfo settings[] = {
    {"interval_ms", "100", "from one report to the next"},
    {NULL, NULL, NULL},
};

static const AsioWireHook hook = {
    ASIOWIRE_HOOK_ABI, sizeof hook, "levels", "1.0",
    "peak, RMS, true peak and loudness (EBU R 128)", settings, create, process, end,
};

const AsioWireHook* asiowire_hook(uint32_t runner_abi)
{
    return runner_abi == ASIOWIRE_HOOK_ABI ? &hook : NULL;
}
