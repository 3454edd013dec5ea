// SPDX-License-Identifier: MIT
#ifndef MOJO_AUDIO_H
#define MOJO_AUDIO_H

/*
 * Log-mel spectrograms as Whisper's front end computes them; C11 and C++.
 *
 * Values. A frame is n_fft samples, every hop_length samples one; the signal is continued on both
 * sides by n_fft / 2 samples mirrored at its ends (mirrored again where it is shorter than that).
 * Periodic Hann window, power spectrum, Slaney's mel scale with Slaney's normalisation from 0 Hz to
 * half the rate, log10(max(mel, 1e-10)); the last frame is dropped: 30 s of 16 kHz are 3000 frames.
 * That is Whisper's log_mel_spectrogram before its last two lines, "clamp to maximum - 8" and
 * "(x + 4) / 4": those are MOJO_MEL_OUTPUT_WHISPER and mojo_mel_normalize_whisper.
 *
 * Accuracy. Every value lies within 5e-4 of the same computed in float64, for finite samples of any
 * size (as far as float64 tells: a band 1e-26 times weaker than its frame is rounding there, too).
 * A frame that holds a NaN or an infinity is NaN in every band; the frames around it are untouched.
 * A filter too narrow to hold a frequency of the transform reads -10.
 *
 * Threads. Every function may be called from any thread; one stream belongs to one thread at a time.
 * Nothing here is for the audio thread: it allocates.
 */

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define MOJO_AUDIO_API __attribute__((visibility("default")))
#else
#define MOJO_AUDIO_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define MOJO_AUDIO_VERSION_MAJOR 1
#define MOJO_AUDIO_VERSION_MINOR 0
#define MOJO_AUDIO_VERSION_PATCH 0

typedef enum {
    MOJO_AUDIO_SUCCESS = 0,
    MOJO_AUDIO_ERROR_INVALID_INPUT = -1, /* an argument makes no sense; the sentence names it */
    MOJO_AUDIO_ERROR_ALLOCATION = -2,    /* out of memory, or more values than memory can hold */
    MOJO_AUDIO_ERROR_PROCESSING = -3,    /* the call does not fit the state (push after finish) */
    MOJO_AUDIO_ERROR_BUFFER_SIZE = -4,   /* the buffer given is too small; nothing was written */
} MojoAudioStatus;

typedef struct {
    int32_t sample_rate; /* Hz, 1 ... 10000000 */
    int32_t n_fft;       /* samples of a frame, 1 ... 131072; odd and prime sizes, too */
    int32_t hop_length;  /* samples from frame to frame, 1 ... 16777216; may exceed n_fft */
    int32_t n_mels;      /* bands, 1 ... 8192 */
} MojoMelConfig;

/* A finished spectrogram. Owned by the caller, see mojo_mel_spectrogram_free. */
typedef struct MojoMelSpectrogram MojoMelSpectrogram;

/* The library's version, that of MOJO_AUDIO_VERSION_* when it was built. NULL is skipped. */
MOJO_AUDIO_API void mojo_audio_version(int32_t* major, int32_t* minor, int32_t* patch);

/* What the last call of this thread that returned an error found, in one sentence; "" before one.
 * Valid until the thread's next error. */
MOJO_AUDIO_API const char* mojo_audio_last_error(void);

/* 16000, 400, 160, 80: Whisper's. */
MOJO_AUDIO_API MojoMelConfig mojo_mel_config_default(void);

/* SUCCESS for what the other functions accept, else INVALID_INPUT. */
MOJO_AUDIO_API MojoAudioStatus mojo_mel_config_validate(const MojoMelConfig* config);

/* Computes a whole signal: floor(num_samples / hop_length) frames, with an odd n_fft
 * floor((num_samples - 1) / hop_length). Fewer samples than a hop are a success without frames; no
 * samples at all are INVALID_INPUT. On any error *out_result is NULL. */
MOJO_AUDIO_API MojoAudioStatus mojo_mel_spectrogram_compute(const float* audio_samples,
                                                            size_t num_samples,
                                                            const MojoMelConfig* config,
                                                            MojoMelSpectrogram** out_result);

/* The numbers of bands and of frames; 0 for NULL. */
MOJO_AUDIO_API void mojo_mel_spectrogram_get_shape(const MojoMelSpectrogram* mel,
                                                   size_t* out_n_mels, size_t* out_n_frames);

/* n_mels * n_frames; 0 for NULL. */
MOJO_AUDIO_API size_t mojo_mel_spectrogram_get_size(const MojoMelSpectrogram* mel);

/* Copies the values, row-major [mel][frame]; `buffer_size` counts floats, not bytes. */
MOJO_AUDIO_API MojoAudioStatus mojo_mel_spectrogram_get_data(const MojoMelSpectrogram* mel,
                                                             float* out_buffer,
                                                             size_t buffer_size);

/* The values themselves, [mel][frame], valid until free; NULL for NULL, never NULL otherwise. */
MOJO_AUDIO_API const float* mojo_mel_spectrogram_get_data_ptr(const MojoMelSpectrogram* mel);

/* Frees; NULL is skipped. */
MOJO_AUDIO_API void mojo_mel_spectrogram_free(MojoMelSpectrogram* mel);

/* ---- Variants ---- */

enum { MOJO_MEL_SCALE_SLANEY = 0, MOJO_MEL_SCALE_HTK = 1 };  /* 2595 log10(1 + f / 700) */
enum { MOJO_MEL_NORM_SLANEY = 0, MOJO_MEL_NORM_NONE = 1 };   /* filters of height 1 */
enum { MOJO_MEL_PADDING_REFLECT = 0, MOJO_MEL_PADDING_NONE = 1 };
enum { MOJO_MEL_LAST_FRAME_DROP = 0, MOJO_MEL_LAST_FRAME_KEEP = 1 };
enum { MOJO_MEL_OUTPUT_LOG10 = 0, MOJO_MEL_OUTPUT_WHISPER = 1 };

/* All zero is the default: what mojo_mel_spectrogram_compute does. */
typedef struct {
    int32_t scale;      /* MOJO_MEL_SCALE_... */
    int32_t norm;       /* MOJO_MEL_NORM_... */
    int32_t padding;    /* MOJO_MEL_PADDING_... */
    int32_t last_frame; /* MOJO_MEL_LAST_FRAME_... */
    int32_t output;     /* MOJO_MEL_OUTPUT_... ; WHISPER needs the whole signal: not for streams */
    float f_min;        /* Hz, lower end of the first filter */
    float f_max;        /* Hz, upper end of the last one; 0 = half the rate */
} MojoMelOptions;

/* All zero. */
MOJO_AUDIO_API MojoMelOptions mojo_mel_options_default(void);

/* As mojo_mel_spectrogram_compute, with options; NULL options are the default. */
MOJO_AUDIO_API MojoAudioStatus mojo_mel_spectrogram_compute_with(const float* audio_samples,
                                                                 size_t num_samples,
                                                                 const MojoMelConfig* config,
                                                                 const MojoMelOptions* options,
                                                                 MojoMelSpectrogram** out_result);

/* Whisper's last two lines, in place: max(x, maximum - 8), then (x + 4) / 4. NaN stays NaN and
 * counts for no maximum. */
MOJO_AUDIO_API MojoAudioStatus mojo_mel_normalize_whisper(float* values, size_t count);

/* ---- Streams: the same frames, bit by bit, from samples that arrive in pieces of any size ---- */

typedef struct MojoMelStream MojoMelStream;

/* NULL options are the default. On any error *out_stream is NULL. */
MOJO_AUDIO_API MojoAudioStatus mojo_mel_stream_create(const MojoMelConfig* config,
                                                      const MojoMelOptions* options,
                                                      MojoMelStream** out_stream);

/* Takes samples; every frame that they complete can be pulled. After an ALLOCATION error the stream
 * has taken nothing of this call or has lost its place: reset or free it. */
MOJO_AUDIO_API MojoAudioStatus mojo_mel_stream_push(MojoMelStream* stream, const float* samples,
                                                    size_t num_samples);

/* No more samples come (errors as in push): the frames of the mirrored end can be pulled. A stream without samples has
 * no frames. */
MOJO_AUDIO_API MojoAudioStatus mojo_mel_stream_finish(MojoMelStream* stream);

/* Frames that wait to be pulled. */
MOJO_AUDIO_API size_t mojo_mel_stream_available(const MojoMelStream* stream);

/* Moves the oldest frames, as many as wait and wholly fit, into `out_frames`, [frame][mel];
 * `buffer_size` counts floats. BUFFER_SIZE when frames wait and not even one fits. */
MOJO_AUDIO_API MojoAudioStatus mojo_mel_stream_pull(MojoMelStream* stream, float* out_frames,
                                                    size_t buffer_size, size_t* out_n_frames);

/* Forgets all samples and frames: as new. */
MOJO_AUDIO_API MojoAudioStatus mojo_mel_stream_reset(MojoMelStream* stream);

/* Frees; NULL is skipped. */
MOJO_AUDIO_API void mojo_mel_stream_free(MojoMelStream* stream);

#ifdef __cplusplus
}
#endif

#endif
