# SPDX-License-Identifier: MIT
"""Times libmojo_audio and librosa's steps in SciPy float32, one after the other, on 30 s of 16 kHz.

Run with a Python that has SciPy; prints a JSON line per pair. Usage: scipy_log_mel.py LIBRARY PAIRS
"""

import ctypes
import json
import os
import sys
import time
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"  # the library takes one thread; before NumPy is read

import numpy as np  # noqa: E402
import scipy.fft  # noqa: E402
import scipy.sparse  # noqa: E402

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests/hooks"))

import _reference as reference  # noqa: E402

CONFIG = (16000, 400, 160, 80)
SAMPLES = 480_000


def scipy_steps(
    signal: np.ndarray, window: np.ndarray, filters: scipy.sparse.csr_matrix
) -> np.ndarray:
    """librosa's melspectrogram: frames as a view, all transforms at once, one matrix product.

    The matrix is sparse, unlike librosa's: with the reference BLAS a full one takes 30 times as long.
    """
    _, n_fft, hop, _ = CONFIG
    padded = np.pad(signal, n_fft // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[: -hop : hop]
    spectra = scipy.fft.rfft(frames * window, axis=1)
    power = spectra.real**2 + spectra.imag**2
    return np.log10(np.maximum(filters @ power.T, np.float32(1e-10)))


def main(library: str, pairs: int) -> None:
    """Prints the pairs."""
    lib = reference.Library(Path(library))
    signal = (np.random.default_rng(1).standard_normal(SAMPLES) * 0.1).astype(np.float32)
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400)).astype(np.float32)
    full = reference.slaney_filters(CONFIG, 0, 8000, True).astype(np.float32)
    filters = scipy.sparse.csr_matrix(full)
    data, config = signal.ctypes.data_as(reference.FLOATS), reference.Config(*CONFIG)
    for pair in range(-1, pairs):  # the first one warms up
        begin = time.perf_counter()
        theirs = scipy_steps(signal, window, filters)
        middle = time.perf_counter()
        mel = ctypes.c_void_p()
        lib.check(
            lib.c.mojo_mel_spectrogram_compute(
                data, ctypes.c_size_t(SAMPLES), ctypes.byref(config), ctypes.byref(mel)
            )
        )
        end = time.perf_counter()
        values = lib.c.mojo_mel_spectrogram_get_data_ptr(mel)
        ours = np.ctypeslib.as_array(values, theirs.shape)
        apart = float(np.abs(ours - theirs).max())
        lib.c.mojo_mel_spectrogram_free(mel)
        if pair >= 0:
            times = {"ours_ms": (end - middle) * 1e3, "scipy_ms": (middle - begin) * 1e3}
            print(json.dumps(times | {"apart": apart}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
