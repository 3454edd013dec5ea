// SPDX-License-Identifier: MIT
/* A whole hook: how often every channel crosses zero, and an event when one gets loud.
 *
 *     asiowire hooks run &
 *     asiowire hooks add my_hook.c loud_db=-6
 *     asiowire hooks watch
 *
 * Change this file while it runs: the new version takes over. */

#include <asiowire_hook.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
    const AsioWireHookHost* host;
    double loud;      /* amplitude */
    uint32_t rate;    /* Hz */
    uint32_t counted; /* frames of this second */
    float* last;      /* [channel], the sample before */
    float* crossings; /* [channel], in this second */
} MyHook;

static int32_t create(const AsioWireHookHost* host, const AsioWireHookStream* stream,
                      const AsioWireHookSetting* settings, void** out_self)
{
    MyHook* hook = calloc(1, sizeof *hook);
    if (hook == NULL) return ASIOWIRE_HOOK_FAILURE;
    hook->host = host;
    hook->rate = stream->rate;
    hook->loud = pow(10, atof(settings[0].value) / 20); /* in the order described below */
    hook->last = calloc(stream->channels, sizeof(float));
    hook->crossings = calloc(stream->channels, sizeof(float));
    *out_self = hook;
    if (hook->last != NULL && hook->crossings != NULL) return ASIOWIRE_HOOK_SUCCESS;
    free(hook->last);
    free(hook->crossings);
    free(hook);
    return ASIOWIRE_HOOK_FAILURE;
}

static int32_t process(void* self, const AsioWireHookBlock* block)
{
    MyHook* hook = self;
    for (uint32_t c = 0; c < block->channels; c++) {
        float peak = 0;
        for (uint32_t i = 0; i < block->frames; i++) {
            const float value = block->audio[c][i];
            if ((value < 0) != (hook->last[c] < 0)) hook->crossings[c]++;
            if (fabsf(value) > peak) peak = fabsf(value);
            hook->last[c] = value;
        }
        if (peak > hook->loud) {
            char text[64];
            snprintf(text, sizeof text, "channel %u is loud: %.1f dB", c + 1, 20 * log10(peak));
            hook->host->publish_event(hook->host, ASIOWIRE_HOOK_WARNING, text);
        }
    }
    hook->counted += block->frames;
    if (hook->counted >= hook->rate) {
        hook->host->publish_array(hook->host, "crossings", hook->crossings, block->channels);
        for (uint32_t c = 0; c < block->channels; c++) hook->crossings[c] = 0;
        hook->counted = 0;
    }
    return ASIOWIRE_HOOK_SUCCESS;
}

static void destroy(void* self)
{
    MyHook* hook = self;
    free(hook->last);
    free(hook->crossings);
    free(hook);
}

static const AsioWireHookSettingInfo settings[] = {
    {"loud_db", "-1", "peak that is told of"},
    {NULL, NULL, NULL},
};

static const AsioWireHook hook = {
    .abi = ASIOWIRE_HOOK_ABI,
    .size = sizeof hook,
    .name = "my_hook",
    .version = "1",
    .description = "zero crossings, and an event when it is loud",
    .settings = settings,
    .create = create,
    .process = process,
    .destroy = destroy,
};

const AsioWireHook* asiowire_hook(uint32_t runner_abi)
{
    return runner_abi == ASIOWIRE_HOOK_ABI ? &hook : NULL;
}
