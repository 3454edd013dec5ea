# SPDX-License-Identifier: MIT
"""Log-mel spectrograms in float64 as the papers have them, and the library over ctypes.

Run with a Python that has NumPy; knows nothing of the library but its C header.
"""

import ctypes
import math
from pathlib import Path

import numpy as np

FLOATS = ctypes.POINTER(ctypes.c_float)


class Config(ctypes.Structure):
    """MojoMelConfig."""

    _fields_ = [(name, ctypes.c_int32) for name in ("sample_rate", "n_fft", "hop_length", "n_mels")]


class Options(ctypes.Structure):
    """MojoMelOptions."""

    _fields_ = [
        (name, ctypes.c_int32) for name in ("scale", "norm", "padding", "last_frame", "output")
    ] + [("f_min", ctypes.c_float), ("f_max", ctypes.c_float)]


class Library:
    """libmojo_audio."""

    def __init__(self, path: Path) -> None:
        c = ctypes.CDLL(str(path))
        c.mojo_audio_last_error.restype = ctypes.c_char_p
        for name in ("mojo_mel_spectrogram_get_size", "mojo_mel_stream_available"):
            getattr(c, name).restype = ctypes.c_size_t
        c.mojo_mel_spectrogram_get_data_ptr.restype = FLOATS
        self.c = c

    def check(self, status: int) -> None:
        """Raises unless a call succeeded."""
        if status != 0:
            raise RuntimeError(f"{status}: {self.c.mojo_audio_last_error().decode()}")

    def batch(self, signal: np.ndarray, config: tuple[int, ...], **options: float) -> np.ndarray:
        """[mel][frame]"""
        assert signal.dtype == np.float32
        mel = ctypes.c_void_p()
        self.check(
            self.c.mojo_mel_spectrogram_compute_with(
                signal.ctypes.data_as(FLOATS),
                ctypes.c_size_t(len(signal)),
                ctypes.byref(Config(*config)),
                ctypes.byref(Options(**options)),
                ctypes.byref(mel),
            )
        )
        n_mels, n_frames = ctypes.c_size_t(), ctypes.c_size_t()
        self.c.mojo_mel_spectrogram_get_shape(mel, ctypes.byref(n_mels), ctypes.byref(n_frames))
        values = np.zeros((n_mels.value, n_frames.value), np.float32)
        self.check(
            self.c.mojo_mel_spectrogram_get_data(
                mel, values.ctypes.data_as(FLOATS), ctypes.c_size_t(values.size)
            )
        )
        self.c.mojo_mel_spectrogram_free(mel)
        return values

    def stream(
        self, signal: np.ndarray, pieces: list[int], config: tuple[int, ...], **options: float
    ) -> np.ndarray:
        """[mel][frame], the samples pushed in pieces of these sizes, over and over."""
        stream = ctypes.c_void_p()
        self.check(
            self.c.mojo_mel_stream_create(
                ctypes.byref(Config(*config)), ctypes.byref(Options(**options)), ctypes.byref(stream)
            )
        )
        found = []

        def pull() -> None:
            waiting = self.c.mojo_mel_stream_available(stream)
            frames = np.zeros((waiting, config[3]), np.float32)
            pulled = ctypes.c_size_t()
            size = ctypes.c_size_t(frames.size)
            self.check(
                self.c.mojo_mel_stream_pull(
                    stream, frames.ctypes.data_as(FLOATS), size, ctypes.byref(pulled)
                )
            )
            assert pulled.value == waiting
            found.append(frames)

        at = 0
        turn = 0
        while at < len(signal):
            piece = np.ascontiguousarray(signal[at : at + pieces[turn % len(pieces)]])
            at += len(piece)
            turn += 1
            data = piece.ctypes.data_as(FLOATS)
            self.check(self.c.mojo_mel_stream_push(stream, data, ctypes.c_size_t(len(piece))))
            if turn % 3 == 0:
                pull()
        self.check(self.c.mojo_mel_stream_finish(stream))
        pull()
        self.c.mojo_mel_stream_free(stream)
        return np.concatenate(found).T


def slaney_filters(config: tuple[int, ...], f_min: float, f_max: float, norm: bool) -> np.ndarray:
    """[mel][bin], the whole matrix, by interpolation between corners."""
    rate, n_fft, _, n_mels = config

    def mel(hz: float) -> float:
        return hz * 3 / 200 if hz < 1000 else 15 + 27 * math.log(hz / 1000, 6.4)

    def hz(mel_: float) -> float:
        return mel_ * 200 / 3 if mel_ < 15 else 1000 * 6.4 ** ((mel_ - 15) / 27)

    corners = [hz(m) for m in np.linspace(mel(f_min), mel(f_max), n_mels + 2)]
    return _triangles(corners, rate, n_fft, norm)


def htk_filters(config: tuple[int, ...], f_min: float, f_max: float, norm: bool) -> np.ndarray:
    """The same on HTK's scale."""
    rate, n_fft, _, n_mels = config
    ends = [1127 * math.log1p(f / 700) for f in (f_min, f_max)]
    corners = [700 * math.expm1(m / 1127) for m in np.linspace(*ends, n_mels + 2)]
    return _triangles(corners, rate, n_fft, norm)


def _triangles(corners: list[float], rate: int, n_fft: int, norm: bool) -> np.ndarray:
    bins = np.fft.rfftfreq(n_fft, 1 / rate)
    rows = []
    for low, middle, high in zip(corners, corners[1:], corners[2:]):
        row = np.interp(bins, [low, middle, high], [0, 1, 0], left=0, right=0)
        rows.append(row * 2 / (high - low) if norm else row)
    return np.array(rows)


def log_mel(signal: np.ndarray, config: tuple[int, ...], **options: float) -> np.ndarray:
    """[mel][frame] in float64."""
    rate, n_fft, hop, _ = config
    f_max = options.get("f_max", 0) or rate / 2
    make = htk_filters if options.get("scale") else slaney_filters
    filters = make(config, options.get("f_min", 0), f_max, not options.get("norm"))
    x = signal.astype(np.float64)
    if not options.get("padding"):
        x = np.pad(x, n_fft // 2, mode="reflect") if len(x) > 1 else np.repeat(x, n_fft // 2 * 2 + 1)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft) if n_fft > 1 else np.ones(1)
    count = 1 + (len(x) - n_fft) // hop if len(x) >= n_fft else 0
    if not options.get("last_frame"):
        count = max(count - 1, 0)
    columns = []
    for frame in range(count):
        power = np.abs(np.fft.rfft(x[frame * hop : frame * hop + n_fft] * window)) ** 2
        columns.append(filters @ power)
    mel = np.array(columns).T if columns else np.zeros((config[3], 0))
    values = np.log10(np.maximum(mel, 1e-10))
    if options.get("output"):
        values = (np.maximum(values, values.max() - 8) + 4) / 4
    return values
