// SPDX-License-Identifier: MIT
#ifndef ASIOWIRE_HOOK_H
#define ASIOWIRE_HOOK_H

/*
 * An analysis hook: code of yours that listens to what the driver carries; C11 and C++.
 *
 * A hook is a shared object that exports one function, asiowire_hook(), which returns a constant
 * description. `asiowire hooks add my_hook.c` compiles and runs it in a process of its own: it hears
 * what is played and recorded, some 10 ms late, and can change none of it. A hook that crashes, hangs,
 * eats memory or floods its output is ended, reported and begun anew; the audio does not notice.
 *
 * Tags. Every function says who may call it, and when:
 *   [hook-thread]      the one thread of the hook's process on which the runner calls the hook
 *   [hook-thread & X]  the same, while the hook is in state X:
 *                      described   loaded; its description is being read
 *                      creating    inside create()
 *                      created     between create()'s success and destroy()
 * Nothing here runs on an audio thread: a hook may allocate, lock, read files and take its time, as
 * long as each call returns within the limit (700 ms on the clock unless the user says otherwise).
 *
 * Versions. ASIOWIRE_HOOK_ABI changes when old hooks can no longer be called. What is added without
 * that stands at the end of a struct; `size` says how much of it there is.
 */

#include <stdint.h>

#if defined(__GNUC__)
#define ASIOWIRE_HOOK_EXPORT __attribute__((visibility("default")))
#else
#define ASIOWIRE_HOOK_EXPORT
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define ASIOWIRE_HOOK_ABI 1

typedef enum {
    ASIOWIRE_HOOK_SUCCESS = 0,
    ASIOWIRE_HOOK_FAILURE = -1, /* of a hook: it cannot go on. Publish an error event first: why */
    ASIOWIRE_HOOK_REFUSED = -2, /* of the runner: a name, count or value that makes no sense */
    ASIOWIRE_HOOK_DROPPED = -3, /* of the runner: too much at once; this one is lost, and counted */
} AsioWireHookStatus;

enum { ASIOWIRE_HOOK_INFO = 0, ASIOWIRE_HOOK_WARNING = 1, ASIOWIRE_HOOK_ERROR = 2 };

/* A name is 1 to 63 of A-Z a-z 0-9 _ . - + / and stands for one result for as long as the hook lives. */
enum {
    ASIOWIRE_HOOK_NAME_BYTES = 63,
    ASIOWIRE_HOOK_TEXT_BYTES = 1000,   /* of an event; what is longer is cut off */
    ASIOWIRE_HOOK_ARRAY_VALUES = 16384, /* of one array */
    ASIOWIRE_HOOK_RESULTS = 1024       /* different names of one hook */
};

/* What a hook publishes through. Owned by the runner, valid until destroy() returns. */
typedef struct AsioWireHookHost AsioWireHookHost;
struct AsioWireHookHost {
    uint32_t abi;  /* ASIOWIRE_HOOK_ABI of the runner */
    uint32_t size; /* bytes of this struct */
    void* runner;  /* the runner's own */

    /* Publishes a value under a name; the newest is what `asiowire hooks watch` shows.
     * [hook-thread & creating or created]  waits for room, 50 ms at most
     * Errors: REFUSED for a bad name; DROPPED */
    int32_t (*publish_number)(const AsioWireHookHost* host, const char* name, double value);

    /* Publishes `count` values under a name, copied before it returns.
     * [hook-thread & creating or created]  waits for room, 50 ms at most
     * Errors: REFUSED for a bad name or more than ASIOWIRE_HOOK_ARRAY_VALUES; DROPPED */
    int32_t (*publish_array)(const AsioWireHookHost* host, const char* name, const float* values,
                             uint32_t count);

    /* Publishes that something happened: a line in `asiowire hooks log`.
     * [hook-thread & creating or created]  waits for room, 50 ms at most
     * Errors: REFUSED for no text; DROPPED */
    int32_t (*publish_event)(const AsioWireHookHost* host, int32_t level, const char* text);
};

/* What is going to be heard. Valid during create(). */
typedef struct {
    uint32_t size;
    uint32_t channels;   /* at least 1 */
    uint32_t max_frames; /* no block is longer */
    uint32_t rate;       /* Hz */
    const char* const* names; /* [channels], UTF-8: "in_1", "out_2", ... */
} AsioWireHookStream;

/* A piece of the stream. Valid during process(). */
typedef struct {
    uint32_t size;
    uint32_t channels; /* those of the stream */
    uint32_t frames;   /* 1 ... max_frames, different from block to block */
    uint32_t rate;     /* Hz, that of the stream: when it changes, the hook is created anew */
    uint64_t position; /* of the first frame, in frames since the stream began */
    uint64_t lost;     /* frames before this block that the hook was too slow for: not heard */
    const float* const* audio; /* [channel][frame] planar, full scale 1.0; read only */
} AsioWireHookBlock;

/* A setting as given: `asiowire hooks add my_hook.c key=value`. */
typedef struct {
    const char* key;
    const char* value;
} AsioWireHookSetting;

/* A setting as described. A key that is not described is refused before create(). */
typedef struct {
    const char* key;
    const char* default_value;
    const char* description; /* one line */
} AsioWireHookSettingInfo;

/* A hook's description: constant, valid as long as the shared object is loaded. */
typedef struct {
    uint32_t abi;            /* ASIOWIRE_HOOK_ABI of the hook */
    uint32_t size;           /* sizeof(AsioWireHook) */
    const char* name;        /* one word */
    const char* version;     /* "" when it has none */
    const char* description; /* one line */
    const AsioWireHookSettingInfo* settings; /* ends with a key of NULL; NULL: there are none */

    /* Makes an instance. `settings` has every key described, with the value given or the default, in
     * the order of the description, and ends with a key of NULL.
     * [hook-thread & described -> creating]
     * Ownership: *out_self is the hook's until destroy()
     * Errors: anything but SUCCESS; the hook is then not created, and destroy() is not called */
    int32_t (*create)(const AsioWireHookHost* host, const AsioWireHookStream* stream,
                      const AsioWireHookSetting* settings, void** out_self);

    /* Hears the next block.
     * [hook-thread & created]
     * Errors: anything but SUCCESS ends this instance: destroy() follows, and the runner tries anew */
    int32_t (*process)(void* self, const AsioWireHookBlock* block);

    /* Frees the instance; may publish last results. Not called for an instance that is ended by
     * force: one that crashed, did not keep its limits, or outlived the runner.
     * [hook-thread & created -> described] */
    void (*destroy)(void* self);
} AsioWireHook;

/* The one symbol of a hook: its description, or NULL when it cannot work with a runner of this
 * ASIOWIRE_HOOK_ABI.
 * [hook-thread & described] */
ASIOWIRE_HOOK_EXPORT const AsioWireHook* asiowire_hook(uint32_t runner_abi);

#ifdef __cplusplus
}
#endif

#endif
