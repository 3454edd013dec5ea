// SPDX-License-Identifier: MIT
#ifndef ASIOWIRE_VOLTERRA_H
#define ASIOWIRE_VOLTERRA_H

/*
 * Volterra series of order 1 to 5, sample by sample exact, in blocks of any size.
 *
 *   y[n] = sum_k h1[k] x[n-k] + sum_ij h2[i][j] x[n-i] x[n-j] + sum_k h3[k] x[n-k]^3
 *        + sum_k h4[k] x[n-k]^4 + sum_k h5[k] x[n-k]^5
 *
 * h2 is a full matrix or its diagonal alone; every order may be missing.
 *
 * What is not finite. A NaN or an infinity reaches the outputs that it touches, those of the next
 * `taps` frames (with oversampling 2 * latency more), and no others. With the partitioned engine
 * they are NaN, and a sample whose highest power is beyond 1e30 (float32) or 1e280 (float64) counts
 * as infinite. A large finite sample costs its partition precision there: errors are relative to
 * the peak.
 *
 * Denormals. While processing, denormals are zero; the caller's floating-point state is as before
 * when a call returns.
 *
 * Tags say which thread a function is for. [any-thread]: any, also at the same time, for different
 * objects. [control-thread]: one at a time per processor, beside its audio thread. [audio-thread]:
 * one at a time per processor; no lock, no allocation, no system call, bounded.
 */

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define ASIOWIRE_VOLTERRA_API __attribute__((visibility("default")))
#else
#define ASIOWIRE_VOLTERRA_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define ASIOWIRE_VOLTERRA_VERSION_MAJOR 1
#define ASIOWIRE_VOLTERRA_VERSION_MINOR 0
#define ASIOWIRE_VOLTERRA_VERSION_PATCH 0

typedef enum {
    ASIOWIRE_VOLTERRA_SUCCESS = 0,
    ASIOWIRE_VOLTERRA_INVALID_INPUT = -1, /* an argument makes no sense; the sentence names it */
    ASIOWIRE_VOLTERRA_ALLOCATION = -2     /* out of memory */
} AsiowireVolterraStatus;

enum { ASIOWIRE_VOLTERRA_FLOAT32 = 0, ASIOWIRE_VOLTERRA_FLOAT64 = 1 };
enum {
    ASIOWIRE_VOLTERRA_AUTOMATIC = 0,   /* the cheaper one of: */
    ASIOWIRE_VOLTERRA_DIRECT = 1,      /* sums in the time domain, for short kernels */
    ASIOWIRE_VOLTERRA_PARTITIONED = 2  /* overlap-save with uniform partitions, for long ones */
};

/* A kernel's values, in float64; never changes. */
typedef struct AsiowireVolterraKernel AsiowireVolterraKernel;
/* A kernel at work on some channels. */
typedef struct AsiowireVolterraProcessor AsiowireVolterraProcessor;

typedef struct {
    int32_t precision;    /* ASIOWIRE_VOLTERRA_FLOAT32 or _FLOAT64: of samples and sums */
    int32_t engine;       /* ASIOWIRE_VOLTERRA_AUTOMATIC, _DIRECT or _PARTITIONED */
    int32_t channels;     /* 1 ... 4096 */
    int32_t block_frames; /* 1 ... 1048576, frames of a usual call; others are right, too, and
                             cost more with the partitioned engine */
    int32_t oversampling; /* 1, 2 or 4: products are formed at that many times the rate */
    int32_t fade_frames;  /* 0 ... 1048576, of the crossfade to another kernel */
} AsiowireVolterraConfig;

typedef struct {
    int32_t precision;
    int32_t engine;           /* the one in use: _DIRECT or _PARTITIONED */
    int32_t channels;
    int32_t oversampling;
    int32_t taps;
    int32_t orders;           /* bit 0: order 1, ... bit 4: order 5 */
    int32_t partition_frames; /* 0 with the direct engine */
    int32_t latency_frames;   /* 0 without oversampling, whatever the blocks; 47 at 2, 55 at 4 */
    int32_t exchanging;       /* 1 from set_kernel until the old kernel is no longer heard */
    uint64_t bytes;           /* of memory, for all channels */
    const char* instructions; /* "avx2" or "baseline" */
} AsiowireVolterraInfo;

/* The library's version, that of ASIOWIRE_VOLTERRA_VERSION_* when it was built. NULL is skipped.
 * [any-thread] */
ASIOWIRE_VOLTERRA_API void asiowire_volterra_version(int32_t* major, int32_t* minor,
                                                     int32_t* patch);

/* What the last call of this thread that returned an error found, in one sentence; "" before one.
 * Valid until the thread's next error. [any-thread] */
ASIOWIRE_VOLTERRA_API const char* asiowire_volterra_last_error(void);

/* Copies a kernel of `taps` taps, 1 ... 16777216. h1 ... h5: `taps` values each, or NULL for an
 * order that is missing; h2_full: taps * taps values, row by row, or NULL; h2 and h2_full exclude
 * each other. Values must be finite. On any error *out is NULL. [any-thread] */
ASIOWIRE_VOLTERRA_API AsiowireVolterraStatus asiowire_volterra_kernel_create(
    size_t taps, const double* h1, const double* h2, const double* h2_full, const double* h3,
    const double* h4, const double* h5, AsiowireVolterraKernel** out);

/* Frees; NULL is skipped. Processors keep what they need. [any-thread] */
ASIOWIRE_VOLTERRA_API void asiowire_volterra_kernel_free(AsiowireVolterraKernel* kernel);

/* float32, automatic, 1 channel, 512 frames, no oversampling, a fade of 512 frames. [any-thread] */
ASIOWIRE_VOLTERRA_API AsiowireVolterraConfig asiowire_volterra_config_default(void);

/* About how many bytes a processor will take, before there is one. [any-thread] */
ASIOWIRE_VOLTERRA_API AsiowireVolterraStatus
asiowire_volterra_memory_estimate(const AsiowireVolterraKernel* kernel,
                                  const AsiowireVolterraConfig* config, uint64_t* out_bytes);

/* NULL config is the default. On any error *out is NULL. Plans transforms: a moment for a partition
 * length that is new to the process. [any-thread] */
ASIOWIRE_VOLTERRA_API AsiowireVolterraStatus
asiowire_volterra_processor_create(const AsiowireVolterraKernel* kernel,
                                   const AsiowireVolterraConfig* config,
                                   AsiowireVolterraProcessor** out);

/* Processes `frames` frames of every channel, planar: in[channel][frame]. out[c] may be in[c];
 * beyond that no channel may overlap another's output. INVALID_INPUT for the other precision's
 * function and for NULL. [audio-thread] */
ASIOWIRE_VOLTERRA_API AsiowireVolterraStatus
asiowire_volterra_process_f32(AsiowireVolterraProcessor* processor, const float* const* in,
                              float* const* out, size_t frames);
ASIOWIRE_VOLTERRA_API AsiowireVolterraStatus
asiowire_volterra_process_f64(AsiowireVolterraProcessor* processor, const double* const* in,
                              double* const* out, size_t frames);

/* Another kernel, of any length, without a click: it hears the input unheard for as many frames as
 * it has taps, then the outputs are crossfaded. Asked again before that is over, the latest kernel
 * follows. [control-thread] */
ASIOWIRE_VOLTERRA_API AsiowireVolterraStatus asiowire_volterra_processor_set_kernel(
    AsiowireVolterraProcessor* processor, const AsiowireVolterraKernel* kernel);

/* Forgets the past; an exchange under way is over. [audio-thread] */
ASIOWIRE_VOLTERRA_API void asiowire_volterra_processor_reset(AsiowireVolterraProcessor* processor);

/* Facts about the latest kernel set. [control-thread] */
ASIOWIRE_VOLTERRA_API AsiowireVolterraStatus asiowire_volterra_processor_get_info(
    const AsiowireVolterraProcessor* processor, AsiowireVolterraInfo* out);

/* Frees; NULL is skipped. [control-thread, audio stopped] */
ASIOWIRE_VOLTERRA_API void asiowire_volterra_processor_free(AsiowireVolterraProcessor* processor);

/* ---- Measuring: a synchronized swept sine ---- */

/* A sweep and what it takes to read a response to it; never changes. */
typedef struct AsiowireVolterraSweep AsiowireVolterraSweep;

typedef struct {
    double sample_rate;   /* Hz */
    double first_hz;      /* 0 < first_hz < last_hz < sample_rate / 2; where 5 * last_hz is above
                             that, the powers of a system without oversampling alias */
    double last_hz;
    double seconds;       /* about: whole periods of first_hz decide; up to 120 */
    double amplitude;     /* peak */
    int32_t harmonics;    /* 1 ... 5 */
    int32_t taps;         /* 1 ... 1048576, of each harmonic's response */
    int32_t lead;         /* taps before time 0, at most half of taps: they fade in, as many at the
                             end fade out, so that what has no low frequencies may ring */
} AsiowireVolterraSweepConfig;

/* 48000 Hz, 20 to 4800 Hz in 5 seconds, amplitude 0.5, 5 harmonics, 4096 taps, lead 1024.
 * [any-thread] */
ASIOWIRE_VOLTERRA_API AsiowireVolterraSweepConfig asiowire_volterra_sweep_config_default(void);

/* NULL config is the default. INVALID_INPUT also when the sweep is too short to keep the harmonics'
 * responses apart; the sentence has the seconds that are needed. On any error *out is NULL.
 * [control-thread] */
ASIOWIRE_VOLTERRA_API AsiowireVolterraStatus asiowire_volterra_sweep_create(
    const AsiowireVolterraSweepConfig* config, AsiowireVolterraSweep** out);

/* Frames of the excitation; a response is worth recording for `taps` frames more. [any-thread] */
ASIOWIRE_VOLTERRA_API size_t asiowire_volterra_sweep_frames(const AsiowireVolterraSweep* sweep);

/* The excitation, valid until free. [any-thread] */
ASIOWIRE_VOLTERRA_API const double*
asiowire_volterra_sweep_excitation(const AsiowireVolterraSweep* sweep);

/* What a response says: out[harmonic][tap], harmonics * taps values, the linear response first. The
 * response of harmonic m at the frequency m * f is what a sine of f and of the sweep's amplitude
 * makes there, divided by that amplitude; tap `lead` is time 0. The response's frame 0 is the
 * excitation's, with a loop's latency cut off; frames that are missing count as silence.
 * [control-thread] */
ASIOWIRE_VOLTERRA_API AsiowireVolterraStatus
asiowire_volterra_sweep_analyse(const AsiowireVolterraSweep* sweep, const double* response,
                                size_t frames, double* out);

/* Frees; NULL is skipped. [control-thread] */
ASIOWIRE_VOLTERRA_API void asiowire_volterra_sweep_free(AsiowireVolterraSweep* sweep);

#ifdef __cplusplus
}
#endif

#endif
