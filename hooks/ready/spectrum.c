// SPDX-License-Identifier: MIT
/* The spectrum of every channel with FFTW: Hann windows that overlap by half, power averaged. */

#include "hooks/ready/ready.h"

#include <fftw3.h>

typedef struct {
    const AsioWireHookHost* host;
    char (*names)[32];
    uint32_t channels;
    uint32_t size;     /* samples of a window */
    uint64_t interval; /* frames */
    uint64_t gathered; /* frames since the latest report */
    uint32_t filled;   /* of every history */
    uint32_t windows;  /* since the latest report */
    double scale;      /* power of a bin -> power relative to a full-scale sine */
    float* history;    /* [channel][size] */
    float* window;     /* [size] */
    double* power;     /* [channel][size / 2 + 1] */
    float* report;     /* [size / 2 + 1], dB */
    float* in;
    fftwf_complex* out;
    fftwf_plan plan;
} Spectrum;

static uint32_t bins(const Spectrum* spectrum)
{
    return spectrum->size / 2 + 1;
}

static void destroy(void* self)
{
    Spectrum* spectrum = self;
    if (spectrum->plan != NULL) fftwf_destroy_plan(spectrum->plan);
    fftwf_free(spectrum->in);
    fftwf_free(spectrum->out);
    free(spectrum->names);
    free(spectrum->history);
    free(spectrum->window);
    free(spectrum->power);
    free(spectrum->report);
    free(spectrum);
}

static int allocate(Spectrum* spectrum, const AsioWireHookStream* stream)
{
    const size_t size = spectrum->size;
    const size_t channels = spectrum->channels;
    spectrum->names = ready_names(stream);
    spectrum->history = calloc(channels * size, sizeof(float));
    spectrum->window = calloc(size, sizeof(float));
    spectrum->power = calloc(channels * bins(spectrum), sizeof(double));
    spectrum->report = calloc(bins(spectrum), sizeof(float));
    spectrum->in = fftwf_alloc_real(size);
    spectrum->out = fftwf_alloc_complex(bins(spectrum));
    if (spectrum->names == NULL || spectrum->history == NULL || spectrum->window == NULL ||
        spectrum->power == NULL || spectrum->report == NULL || spectrum->in == NULL ||
        spectrum->out == NULL)
        return 0;
    spectrum->plan =
        fftwf_plan_dft_r2c_1d((int)size, spectrum->in, spectrum->out, FFTW_ESTIMATE);
    return spectrum->plan != NULL;
}

static int32_t create(const AsioWireHookHost* host, const AsioWireHookStream* stream,
                      const AsioWireHookSetting* settings, void** out_self)
{
    double size = 0;
    double interval_ms = 0;
    if (!ready_number(host, settings, "size", 16, 32766, &size) ||
        !ready_number(host, settings, "interval_ms", 10, 10000, &interval_ms))
        return ASIOWIRE_HOOK_FAILURE;
    if (size != floor(size / 2) * 2) return ready_failure(host, "size: an even number is needed");
    Spectrum* spectrum = calloc(1, sizeof *spectrum);
    if (spectrum == NULL) return ready_failure(host, "out of memory");
    spectrum->host = host;
    spectrum->channels = stream->channels;
    spectrum->size = (uint32_t)size;
    spectrum->interval = (uint64_t)(stream->rate * interval_ms / 1000);
    if (!allocate(spectrum, stream)) {
        destroy(spectrum);
        return ready_failure(host, "out of memory");
    }
    double sum = 0;
    for (uint32_t i = 0; i < spectrum->size; i++) {
        const double value = 0.5 - 0.5 * cos(2 * M_PI * i / size);
        spectrum->window[i] = (float)value;
        sum += value;
    }
    spectrum->scale = 4 / (sum * sum);
    host->publish_number(host, "bin_hz", stream->rate / size);
    *out_self = spectrum;
    return ASIOWIRE_HOOK_SUCCESS;
}

static void transform(Spectrum* spectrum)
{
    const uint32_t size = spectrum->size;
    const uint32_t half = size / 2;
    for (uint32_t c = 0; c < spectrum->channels; c++) {
        float* history = spectrum->history + (size_t)c * size;
        for (uint32_t i = 0; i < size; i++) spectrum->in[i] = history[i] * spectrum->window[i];
        fftwf_execute(spectrum->plan);
        double* power = spectrum->power + (size_t)c * bins(spectrum);
        for (uint32_t k = 0; k < bins(spectrum); k++) {
            const double real = spectrum->out[k][0];
            const double imaginary = spectrum->out[k][1];
            power[k] += real * real + imaginary * imaginary;
        }
        memmove(history, history + half, half * sizeof(float));
    }
    spectrum->filled = half;
    spectrum->windows++;
}

static void report(Spectrum* spectrum)
{
    for (uint32_t c = 0; c < spectrum->channels; c++) {
        double* power = spectrum->power + (size_t)c * bins(spectrum);
        for (uint32_t k = 0; k < bins(spectrum); k++) {
            /* The first and the last bin have no mirror image. */
            const double once = k == 0 || k == bins(spectrum) - 1 ? 0.25 : 1;
            const double mean = power[k] / spectrum->windows * spectrum->scale * once;
            spectrum->report[k] = (float)ready_db(sqrt(mean));
            power[k] = 0;
        }
        char name[ASIOWIRE_HOOK_NAME_BYTES + 1];
        snprintf(name, sizeof name, "spectrum_db/%s", spectrum->names[c]);
        spectrum->host->publish_array(spectrum->host, name, spectrum->report, bins(spectrum));
    }
    spectrum->windows = 0;
    spectrum->gathered = 0;
}

static int32_t process(void* self, const AsioWireHookBlock* block)
{
    Spectrum* spectrum = self;
    for (uint32_t first = 0; first < block->frames;) {
        const uint32_t room = spectrum->size - spectrum->filled;
        const uint32_t rest = block->frames - first;
        const uint32_t frames = room < rest ? room : rest;
        for (uint32_t c = 0; c < spectrum->channels; c++)
            memcpy(spectrum->history + (size_t)c * spectrum->size + spectrum->filled,
                   block->audio[c] + first, frames * sizeof(float));
        spectrum->filled += frames;
        spectrum->gathered += frames;
        first += frames;
        if (spectrum->filled == spectrum->size) transform(spectrum);
        if (spectrum->gathered >= spectrum->interval && spectrum->windows > 0) report(spectrum);
    }
    return ASIOWIRE_HOOK_SUCCESS;
}

static const AsioWireHookSettingInfo settings[] = {
    {"size", "8192", "samples of a window, even"},
    {"interval_ms", "250", "from one report to the next, at least half a window"},
    {NULL, NULL, NULL},
};

static const AsioWireHook hook = {
    ASIOWIRE_HOOK_ABI, sizeof hook, "spectrum", "1.0",
    "spectrum of every channel; a full-scale sine reads 0 dB", settings, create, process, destroy,
};

const AsioWireHook* asiowire_hook(uint32_t runner_abi)
{
    return runner_abi == ASIOWIRE_HOOK_ABI ? &hook : NULL;
}
