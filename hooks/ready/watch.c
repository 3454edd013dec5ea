// SPDX-License-Identifier: MIT
/* Looks out for what is wrong with a signal: clipping, DC, silence, pairs out of phase, NaN. */

#include "hooks/ready/ready.h"

/* A channel's latest second, and what has been told of it. */
typedef struct {
    double sum;
    double squares;
    double products;  /* with the next channel, when this is the first of a pair */
    float peak;
    float run_value;  /* of the sample before, when it was at full scale */
    uint32_t run;     /* samples at full scale behind each other */
    uint64_t clipped; /* runs, ever */
    uint64_t clipped_before; /* as of the latest second */
    uint64_t bad;     /* NaN and infinite, in this second */
    uint32_t silent;  /* seconds */
    int dc_told;
    int silence_told;
    int phase_told;
    int bad_told;
} Channel;

typedef struct {
    const AsioWireHookHost* host;
    char (*names)[32];
    Channel* channels;
    float* report;
    uint32_t count;
    uint32_t rate;
    uint32_t gathered; /* frames of this second */
    double clip_at;    /* amplitude */
    uint32_t clip_run; /* samples */
    double dc_db;
    double silence_db;
    uint32_t silence_s;
    double phase_limit;
} Watch;

static void destroy(void* self)
{
    Watch* watch = self;
    free(watch->names);
    free(watch->channels);
    free(watch->report);
    free(watch);
}

static int32_t create(const AsioWireHookHost* host, const AsioWireHookStream* stream,
                      const AsioWireHookSetting* settings, void** out_self)
{
    double clip_db = 0;
    double clip_run = 0;
    double dc_db = 0;
    double silence_db = 0;
    double silence_s = 0;
    double phase = 0;
    if (!ready_number(host, settings, "clip_db", -60, 0, &clip_db) ||
        !ready_number(host, settings, "clip_run", 1, 1000, &clip_run) ||
        !ready_number(host, settings, "dc_db", -150, 0, &dc_db) ||
        !ready_number(host, settings, "silence_db", -190, 0, &silence_db) ||
        !ready_number(host, settings, "silence_s", 1, 86400, &silence_s) ||
        !ready_number(host, settings, "phase", -1, 1, &phase))
        return ASIOWIRE_HOOK_FAILURE;
    Watch* watch = calloc(1, sizeof *watch);
    if (watch == NULL) return ready_failure(host, "out of memory");
    watch->host = host;
    watch->count = stream->channels;
    watch->rate = stream->rate;
    watch->names = ready_names(stream);
    watch->channels = calloc(stream->channels, sizeof *watch->channels);
    watch->report = calloc(stream->channels, sizeof(float));
    watch->clip_at = pow(10, clip_db / 20);
    watch->clip_run = (uint32_t)clip_run;
    watch->dc_db = dc_db;
    watch->silence_db = silence_db;
    watch->silence_s = (uint32_t)silence_s;
    watch->phase_limit = phase;
    if (watch->names == NULL || watch->channels == NULL || watch->report == NULL) {
        destroy(watch);
        return ready_failure(host, "out of memory");
    }
    *out_self = watch;
    return ASIOWIRE_HOOK_SUCCESS;
}

static void tell(const Watch* watch, int32_t level, const char* text)
{
    watch->host->publish_event(watch->host, level, text);
}

/* Tells once when something begins and once when it is over. */
static void tell_change(const Watch* watch, int* told, int is, const char* what, const char* text)
{
    char full[200];
    if (is == *told) return;
    *told = is;
    snprintf(full, sizeof full, "%s: %s%s", what, is ? "" : "no longer: ", text);
    tell(watch, is ? ASIOWIRE_HOOK_WARNING : ASIOWIRE_HOOK_INFO, full);
}

static void hear(const Watch* watch, Channel* channel, const float* audio, const float* other,
                 uint32_t frames)
{
    for (uint32_t i = 0; i < frames; i++) {
        const float value = audio[i];
        if (!isfinite(value)) {
            channel->bad++;
            channel->run = 0;
            continue;
        }
        const float height = fabsf(value);
        channel->sum += value;
        channel->squares += (double)value * value;
        if (other != NULL && isfinite(other[i])) channel->products += (double)value * other[i];
        if (height > channel->peak) channel->peak = height;
        if (height < watch->clip_at) {
            channel->run = 0;
            continue;
        }
        /* A flat top: one sample at full scale may be music, several alike are none. */
        channel->run = channel->run > 0 && (value > 0) == (channel->run_value > 0)
                           ? channel->run + 1
                           : 1;
        channel->run_value = value;
        if (channel->run == watch->clip_run) channel->clipped++;
    }
}

static void judge(Watch* watch, uint32_t c)
{
    Channel* channel = &watch->channels[c];
    const char* name = watch->names[c];
    char text[120];
    if (channel->clipped > channel->clipped_before) {
        char full[200];
        snprintf(full, sizeof full, "%s: clipped %llu times within a second", name,
                 (unsigned long long)(channel->clipped - channel->clipped_before));
        tell(watch, ASIOWIRE_HOOK_WARNING, full);
        channel->clipped_before = channel->clipped;
    }
    const double dc = ready_db(fabs(channel->sum) / watch->gathered);
    snprintf(text, sizeof text, "DC of more than %g dB", watch->dc_db);
    tell_change(watch, &channel->dc_told, dc > watch->dc_db, name, text);
    channel->silent = ready_db(channel->peak) < watch->silence_db ? channel->silent + 1 : 0;
    snprintf(text, sizeof text, "silence (below %g dB for %u s)", watch->silence_db,
             watch->silence_s);
    tell_change(watch, &channel->silence_told, channel->silent >= watch->silence_s, name, text);
    tell_change(watch, &channel->bad_told, channel->bad > 0, name, "samples that are no numbers");
}

/* -1 ... 1; 0 when either is silent. */
static double correlation(const Watch* watch, uint32_t c)
{
    const Channel* left = &watch->channels[c];
    const Channel* right = left + 1;
    const double product = sqrt(left->squares * right->squares);
    const double floor_power = pow(10, watch->silence_db / 10) * watch->gathered;
    return product > floor_power ? left->products / product : 0;
}

static void report(Watch* watch)
{
    for (uint32_t c = 0; c < watch->count; c++) {
        judge(watch, c);
        watch->report[c] = (float)(watch->channels[c].sum / watch->gathered);
    }
    watch->host->publish_array(watch->host, "dc", watch->report, watch->count);
    for (uint32_t c = 0; c < watch->count; c++)
        watch->report[c] = (float)watch->channels[c].clipped;
    watch->host->publish_array(watch->host, "clipped", watch->report, watch->count);
    const uint32_t pairs = watch->count / 2;
    for (uint32_t p = 0; p < pairs; p++) {
        char text[120];
        const double value = correlation(watch, 2 * p);
        watch->report[p] = (float)value;
        snprintf(text, sizeof text, "out of phase with %s (correlation below %g)",
                 watch->names[2 * p + 1], watch->phase_limit);
        tell_change(watch, &watch->channels[2 * p].phase_told, value < watch->phase_limit,
                    watch->names[2 * p], text);
    }
    if (pairs > 0) watch->host->publish_array(watch->host, "correlation", watch->report, pairs);
    for (uint32_t c = 0; c < watch->count; c++) {
        Channel* channel = &watch->channels[c];
        channel->sum = channel->squares = channel->products = 0;
        channel->peak = 0;
        channel->bad = 0;
    }
    watch->gathered = 0;
}

static int32_t process(void* self, const AsioWireHookBlock* block)
{
    Watch* watch = self;
    for (uint32_t first = 0; first < block->frames;) {
        const uint32_t missing = watch->rate - watch->gathered;
        const uint32_t rest = block->frames - first;
        const uint32_t frames = missing < rest ? missing : rest;
        for (uint32_t c = 0; c < watch->count; c++) {
            const int is_first = c % 2 == 0 && c + 1 < watch->count;
            hear(watch, &watch->channels[c], block->audio[c] + first,
                 is_first ? block->audio[c + 1] + first : NULL, frames);
        }
        watch->gathered += frames;
        first += frames;
        if (watch->gathered == watch->rate) report(watch);
    }
    return ASIOWIRE_HOOK_SUCCESS;
}

static const AsioWireHookSettingInfo settings[] = {
    {"clip_db", "-0.001", "what counts as full scale"},
    {"clip_run", "3", "samples at full scale behind each other that are a clip"},
    {"dc_db", "-50", "DC that is told of"},
    {"silence_db", "-80", "peak below which a channel is silent"},
    {"silence_s", "5", "seconds of silence that are told of"},
    {"phase", "-0.5", "correlation of a pair (1 and 2, 3 and 4, ...) that is told of"},
    {NULL, NULL, NULL},
};

static const AsioWireHook hook = {
    ASIOWIRE_HOOK_ABI, sizeof hook, "watch", "1.0",
    "looks out for clipping, DC, silence, pairs out of phase and NaN", settings, create, process,
    destroy,
};

const AsioWireHook* asiowire_hook(uint32_t runner_abi)
{
    return runner_abi == ASIOWIRE_HOOK_ABI ? &hook : NULL;
}
