#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Five seconds of noise as a log-mel spectrogram; nothing but Python's standard library."""

import ctypes
import sys

mojo = ctypes.CDLL("libmojo_audio.so.1")


class Config(ctypes.Structure):
    """MojoMelConfig."""

    _fields_ = [(name, ctypes.c_int32) for name in ("sample_rate", "n_fft", "hop_length", "n_mels")]


mojo.mojo_mel_config_default.restype = Config
mojo.mojo_audio_last_error.restype = ctypes.c_char_p
mojo.mojo_mel_spectrogram_get_size.restype = ctypes.c_size_t
mojo.mojo_mel_spectrogram_get_data_ptr.restype = ctypes.POINTER(ctypes.c_float)


def noise(count: int) -> ctypes.Array:
    """Samples from -0.5 to 0.5."""
    audio = (ctypes.c_float * count)()
    state = 1
    for i in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        audio[i] = (state >> 8) / 16777216 - 0.5
    return audio


def main() -> int:
    """Computes and prints."""
    audio = noise(80_000)
    config = mojo.mojo_mel_config_default()
    mel = ctypes.c_void_p()
    count = ctypes.c_size_t(len(audio))
    if mojo.mojo_mel_spectrogram_compute(audio, count, ctypes.byref(config), ctypes.byref(mel)):
        print(mojo.mojo_audio_last_error().decode(), file=sys.stderr)
        return 1
    n_mels, n_frames = ctypes.c_size_t(), ctypes.c_size_t()
    mojo.mojo_mel_spectrogram_get_shape(mel, ctypes.byref(n_mels), ctypes.byref(n_frames))
    size = mojo.mojo_mel_spectrogram_get_size(mel)
    values = mojo.mojo_mel_spectrogram_get_data_ptr(mel)[:size]
    total = 0.0
    for value in values:  # in order, as the other examples add: sum() rounds better since 3.12
        total += value
    print(f"{n_mels.value} x {n_frames.value}, first {values[0]:.6f}, sum {total:.6f}")
    mojo.mojo_mel_spectrogram_free(mel)
    return 0


if __name__ == "__main__":
    sys.exit(main())
