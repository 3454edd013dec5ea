// SPDX-License-Identifier: MIT
/* Harmonic distortion of the strongest tone of every channel, with FFTW in double precision. */

#include "hooks/ready/ready.h"

#include <fftw3.h>

enum {
    most_harmonics = 10,
    lobe = 8 /* bins: the window's main lobe reaches 7 from its middle */
};

typedef struct {
    const AsioWireHookHost* host;
    char (*names)[32];
    uint32_t channels;
    uint32_t size;
    uint32_t filled;
    double rate;
    double scale;      /* summed power of a lobe -> power of a full-scale sine */
    float* history;    /* [channel][size] */
    double* window;
    double* power; /* [size / 2 + 1] */
    double* in;
    fftw_complex* out;
    fftw_plan plan;
} Distortion;

static void destroy(void* self)
{
    Distortion* distortion = self;
    if (distortion->plan != NULL) fftw_destroy_plan(distortion->plan);
    fftw_free(distortion->in);
    fftw_free(distortion->out);
    free(distortion->names);
    free(distortion->history);
    free(distortion->window);
    free(distortion->power);
    free(distortion);
}

static int allocate(Distortion* distortion, const AsioWireHookStream* stream)
{
    const size_t size = distortion->size;
    distortion->names = ready_names(stream);
    distortion->history = calloc(distortion->channels * size, sizeof(float));
    distortion->window = calloc(size, sizeof(double));
    distortion->power = calloc(size / 2 + 1, sizeof(double));
    distortion->in = fftw_alloc_real(size);
    distortion->out = fftw_alloc_complex(size / 2 + 1);
    if (distortion->names == NULL || distortion->history == NULL ||
        distortion->window == NULL || distortion->power == NULL || distortion->in == NULL ||
        distortion->out == NULL)
        return 0;
    distortion->plan =
        fftw_plan_dft_r2c_1d((int)size, distortion->in, distortion->out, FFTW_ESTIMATE);
    return distortion->plan != NULL;
}

/* Blackman-Harris with seven terms: side lobes 163 dB down, so that they are no distortion. */
static void make_window(Distortion* distortion)
{
    static const double terms[] = {0.27105140069342,  -0.43329793923448,  0.21812299954311,
                                   -0.06592544638803, 0.01081174209837,   -0.00077658482522,
                                   0.00001388721735};
    double squares = 0;
    for (uint32_t i = 0; i < distortion->size; i++) {
        double value = 0;
        for (int k = 0; k < 7; k++) value += terms[k] * cos(2 * M_PI * k * i / distortion->size);
        distortion->window[i] = value;
        squares += value * value;
    }
    /* Parseval: a sine of amplitude 1 has the power 1/2 in all, half of it on either side. */
    distortion->scale = 4 / (squares * distortion->size);
}

static int32_t create(const AsioWireHookHost* host, const AsioWireHookStream* stream,
                      const AsioWireHookSetting* settings, void** out_self)
{
    double size = 0;
    if (!ready_number(host, settings, "size", 1024, 1048576, &size)) return ASIOWIRE_HOOK_FAILURE;
    if (size != floor(size / 2) * 2) return ready_failure(host, "size: an even number is needed");
    Distortion* distortion = calloc(1, sizeof *distortion);
    if (distortion == NULL) return ready_failure(host, "out of memory");
    distortion->host = host;
    distortion->channels = stream->channels;
    distortion->size = (uint32_t)size;
    distortion->rate = stream->rate;
    if (!allocate(distortion, stream)) {
        destroy(distortion);
        return ready_failure(host, "out of memory");
    }
    make_window(distortion);
    *out_self = distortion;
    return ASIOWIRE_HOOK_SUCCESS;
}

/* The power around a frequency (in bins), and its middle. */
static double around(const Distortion* distortion, double middle, double* centre)
{
    const long last = (long)distortion->size / 2;
    const long at = lround(middle);
    double power = 0;
    double moment = 0;
    for (long k = at - lobe; k <= at + lobe; k++) {
        if (k < 0 || k > last) continue;
        power += distortion->power[k];
        moment += distortion->power[k] * (double)k;
    }
    if (centre != NULL) *centre = power > 0 ? moment / power : middle;
    return power;
}

static void report(const Distortion* distortion, const char* channel)
{
    const uint32_t bins = distortion->size / 2 + 1;
    /* What is lower could not be told from its own harmonics, or from DC. */
    const uint32_t first = 2 * lobe + 2;
    uint32_t highest = first;
    double all = 0;
    for (uint32_t k = lobe + 1; k < bins; k++) {
        all += distortion->power[k];
        if (k >= first && distortion->power[k] > distortion->power[highest]) highest = k;
    }
    double middle = 0;
    const double tone = around(distortion, highest, &middle);
    const double level = ready_db(sqrt(tone * distortion->scale));
    ready_publish(distortion->host, "level_db", channel, level);
    if (level < -100) return; /* nothing to speak of */
    float harmonics[most_harmonics - 1];
    uint32_t count = 0;
    double sum = 0;
    for (int n = 2; n <= most_harmonics; n++) {
        if (middle * n > bins - 1 - lobe) break;
        const double harmonic = around(distortion, middle * n, NULL);
        harmonics[count++] = (float)(ready_db(sqrt(harmonic / tone)));
        sum += harmonic;
    }
    const double rest = all > tone ? all - tone : 0;
    ready_publish(distortion->host, "fundamental_hz", channel,
                  middle * distortion->rate / distortion->size);
    ready_publish(distortion->host, "thd_percent", channel, 100 * sqrt(sum / tone));
    ready_publish(distortion->host, "thd_n_percent", channel, 100 * sqrt(rest / tone));
    char name[ASIOWIRE_HOOK_NAME_BYTES + 1];
    snprintf(name, sizeof name, "harmonics_db/%s", channel);
    distortion->host->publish_array(distortion->host, name, harmonics, count);
}

static void measure(Distortion* distortion)
{
    const uint32_t size = distortion->size;
    for (uint32_t c = 0; c < distortion->channels; c++) {
        const float* history = distortion->history + (size_t)c * size;
        for (uint32_t i = 0; i < size; i++)
            distortion->in[i] = history[i] * distortion->window[i];
        fftw_execute(distortion->plan);
        for (uint32_t k = 0; k <= size / 2; k++) {
            const double real = distortion->out[k][0];
            const double imaginary = distortion->out[k][1];
            distortion->power[k] = real * real + imaginary * imaginary;
        }
        report(distortion, distortion->names[c]);
    }
    distortion->filled = 0;
}

static int32_t process(void* self, const AsioWireHookBlock* block)
{
    Distortion* distortion = self;
    if (block->lost > 0) distortion->filled = 0; /* a jump would read as distortion */
    for (uint32_t first = 0; first < block->frames;) {
        const uint32_t room = distortion->size - distortion->filled;
        const uint32_t rest = block->frames - first;
        const uint32_t frames = room < rest ? room : rest;
        for (uint32_t c = 0; c < distortion->channels; c++)
            memcpy(distortion->history + (size_t)c * distortion->size + distortion->filled,
                   block->audio[c] + first, frames * sizeof(float));
        distortion->filled += frames;
        first += frames;
        if (distortion->filled == distortion->size) measure(distortion);
    }
    return ASIOWIRE_HOOK_SUCCESS;
}

static const AsioWireHookSettingInfo settings[] = {
    {"size", "32768", "samples of one measurement, even"},
    {NULL, NULL, NULL},
};

static const AsioWireHook hook = {
    ASIOWIRE_HOOK_ABI, sizeof hook, "distortion", "1.0",
    "harmonic distortion (THD, THD+N) of the strongest tone of every channel", settings, create,
    process, destroy,
};

const AsioWireHook* asiowire_hook(uint32_t runner_abi)
{
    return runner_abi == ASIOWIRE_HOOK_ABI ? &hook : NULL;
}
