# SPDX-License-Identifier: MIT
"""What SciPy and the float64 reference say of a signal, for ready_hooks.py. Run with the system's
Python: _oracles.py spectrum|mel FILE prints one line of JSON."""

import json
import sys
from pathlib import Path

import numpy as np
from scipy import signal
from scipy.io import wavfile

sys.path.insert(0, str(Path(__file__).resolve().parent))
import _reference  # noqa: E402  (the path comes first)


def spectrum(samples: np.ndarray, rate: int) -> list[float]:
    """dB per bin, a full-scale sine at 0; Welch's method as SciPy has it."""
    power = signal.welch(
        samples.astype(np.float64), rate, "hann", 8192, 4096, detrend=False, scaling="spectrum"
    )[1]
    power[1:-1] *= 2  # of the sine's mean square; its amplitude is what reads 0 dB
    decibels: list[float] = (10 * np.log10(np.maximum(power, 1e-20))).tolist()
    return decibels


def mel(samples: np.ndarray, rate: int) -> list[list[float]]:
    """[frame][mel], at 16 kHz through SciPy's resampler and the float64 reference."""
    taps = signal.firwin(2 * 3000 + 1, 7600, fs=48000, window=("kaiser", 12))
    low = signal.resample_poly(samples.astype(np.float64), 1, rate // 16000, window=taps)
    values: list[list[float]] = _reference.log_mel(low, (16000, 400, 160, 80)).T.tolist()
    return values


if __name__ == "__main__":
    found_rate, found = wavfile.read(sys.argv[2])
    found = found if found.ndim == 1 else found[:, 0]
    print(json.dumps({"spectrum": spectrum, "mel": mel}[sys.argv[1]](found, found_rate)))
