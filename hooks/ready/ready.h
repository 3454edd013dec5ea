// SPDX-License-Identifier: MIT
#ifndef ASIOWIRE_HOOKS_READY_H
#define ASIOWIRE_HOOKS_READY_H

/* What the ready-made hooks share. All of it: [hook-thread & creating or created] */

#include "hooks/asiowire_hook.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Levels end here: JSON has no infinity. Units: dB */
#define READY_SILENCE (-200.0)

/* Units: dB relative to full scale, of an amplitude. */
static inline double ready_db(double amplitude)
{
    const double db = amplitude > 0 ? 20 * log10(amplitude) : READY_SILENCE;
    return db > READY_SILENCE || isnan(db) ? db : READY_SILENCE;
}

/* Says in one sentence why the hook cannot go on; returns what create() is to return. */
static inline int32_t ready_failure(const AsioWireHookHost* host, const char* why)
{
    host->publish_event(host, ASIOWIRE_HOOK_ERROR, why);
    return ASIOWIRE_HOOK_FAILURE;
}

/* Reads a setting as a number within limits.
 * Errors: 0, and an error event says what is needed */
static inline int ready_number(const AsioWireHookHost* host, const AsioWireHookSetting* settings,
                               const char* key, double least, double most, double* to)
{
    for (; settings->key != NULL; settings++) {
        if (strcmp(settings->key, key) != 0) continue;
        char* end = NULL;
        const double value = strtod(settings->value, &end);
        if (end != settings->value && *end == '\0' && value >= least && value <= most) {
            *to = value;
            return 1;
        }
        char why[256];
        snprintf(why, sizeof why, "%s=%.40s: a number from %g to %g is needed", key,
                 settings->value, least, most);
        ready_failure(host, why);
        return 0;
    }
    return 0;
}

/* Publishes a number under "name/channel". */
static inline void ready_publish(const AsioWireHookHost* host, const char* name,
                                 const char* channel, double value)
{
    char full[ASIOWIRE_HOOK_NAME_BYTES + 1];
    snprintf(full, sizeof full, "%s/%s", name, channel);
    host->publish_number(host, full, value);
}

/* Copies the channels' names, which are the runner's own. NULL: no memory. */
static inline char (*ready_names(const AsioWireHookStream* stream))[32]
{
    char(*names)[32] = (char(*)[32])calloc(stream->channels, sizeof *names);
    for (uint32_t c = 0; names != NULL && c < stream->channels; c++)
        snprintf(names[c], sizeof names[c], "%s", stream->names[c]);
    return names;
}

#endif
