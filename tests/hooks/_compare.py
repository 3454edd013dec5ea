# SPDX-License-Identifier: MIT
"""Compares libmojo_audio with NumPy in float64 and prints a JSON line per case.

Usage: _compare.py LIBRARY GROUP, with a Python that has NumPy. Groups whose name begins with
"planted" break the reference on purpose: their errors must be large.
"""

import json
import sys
from pathlib import Path
from typing import Iterator

import _reference as reference
import numpy as np

WHISPER = (16000, 400, 160, 80)
Case = tuple[str, np.ndarray, tuple[int, ...], dict[str, float]]


def signals(seconds: float, rate: int) -> Iterator[tuple[str, np.ndarray]]:
    """Kinds of signals, from even ones to those with quiet bands beside loud ones."""
    random = np.random.default_rng(5)
    t = np.arange(int(seconds * rate)) / rate
    noise = random.standard_normal(len(t))
    yield "noise", 0.1 * noise
    yield "red noise", 0.01 * np.cumsum(noise)
    yield "constant", np.ones(len(t))
    yield "impulses", (np.arange(len(t)) % 4001 == 7) * 1.0
    yield "sweep", np.sin(2 * np.pi * (50 + rate / 8 * t) * t)
    for hz in (rate / 40, rate * 0.077163, rate * 0.4999):
        yield f"tone of {hz:.0f} Hz", np.sin(2 * np.pi * hz * t)
    for level in (1e-2, 1e-3, 1e-4, 1e-5):
        yield f"tone over noise of {level:g}", np.sin(2 * np.pi * 440 * t) + level * noise


def loud_and_quiet(config: tuple[int, ...]) -> Iterator[Case]:
    """Every kind of signal at several levels; the greatest overflows float32's powers."""
    for level in (1, 1e-3, 32768, 1e18, 1e-30):
        for name, signal in signals(1, config[0]):
            # There float64's own rounding is what fills the bands that should be empty.
            if level > 1e6 and not ("noise" in name or name == "sweep"):
                continue
            yield f"{name}, level {level:g}", level * signal, config, {}


def odd_sizes() -> Iterator[Case]:
    """Lengths of every kind of factor, hops beyond the frame, more bands than frequencies."""
    _, signal = list(signals(0.5, 16000))[4]
    for n_fft in (1, 2, 3, 4, 5, 6, 7, 8, 11, 31, 37, 74, 121, 399, 401, 480, 509, 512, 1018, 1024,
                  1155, 2047, 4097, 5000):
        yield f"n_fft {n_fft}", signal, (16000, n_fft, 133, 24), {}
    for hop in (1, 7, 399, 400, 401, 3000):
        yield f"hop {hop}", signal[:3000], (16000, 400, hop, 40), {}
    for n_mels in (1, 2, 128, 1000):
        yield f"n_mels {n_mels}", signal, (16000, 400, 160, n_mels), {}
    for rate in (1, 8000, 44100, 192000):
        yield f"rate {rate}", signal, (rate, 400, 160, 80), {}
    yield "long prime", np.tile(signal, 20), (48000, 65537, 20000, 64), {}


def short_signals() -> Iterator[Case]:
    """Signals shorter than a frame, down to one sample: mirrored more than once."""
    noise = np.random.default_rng(9).standard_normal(1000)
    for n in (1, 2, 3, 10, 160, 161, 199, 200, 201, 399, 400, 401, 600):
        for config in (WHISPER, (16000, 401, 3, 80), (16000, 1024, 10, 16)):
            yield f"{n} samples, {config}", noise[:n], config, {}


def variants() -> Iterator[Case]:
    """All combinations of options."""
    _, signal = list(signals(0.7, 16000))[0]
    for bits in range(32):
        names = ("scale", "norm", "padding", "last_frame", "output")
        chosen = {name: bits >> i & 1 for i, name in enumerate(names)}
        yield f"{chosen}", signal, WHISPER, dict(chosen)
    ends = {"f_min": 300.0, "f_max": 3400.0}
    for scale in (0, 1):
        yield f"{ends}, scale {scale}", signal, (16000, 512, 160, 40), {"scale": scale, **ends}


def streams() -> Iterator[Case]:
    """What pieces must not change."""
    for name, signal in signals(1, 16000):
        yield name, signal, WHISPER, {}
    yield from odd_sizes()
    yield from short_signals()
    noise = np.random.default_rng(2).standard_normal(20000)
    for options in ({"padding": 1}, {"last_frame": 1}, {"padding": 1, "last_frame": 1}, {"scale": 1}):
        for config in (WHISPER, (16000, 2, 160, 2), (16000, 25, 1000, 5)):
            yield f"{options}", noise, config, options


def apart(ours: np.ndarray, theirs: np.ndarray) -> float:
    """The largest difference; infinite when shapes differ or a value is no number."""
    if ours.shape != theirs.shape or not np.isfinite(ours).all():
        return float("inf")
    return float(np.abs(ours - theirs).max()) if ours.size else 0.0


def main(path: str, group: str) -> None:
    """Prints the cases of a group."""
    library = reference.Library(Path(path))
    groups = {
        "whisper": lambda: loud_and_quiet(WHISPER),
        "large": lambda: loud_and_quiet((16000, 400, 160, 128)),
        "sizes": odd_sizes,
        "short": short_signals,
        "variants": variants,
        "streams": streams,
        "planted-window": lambda: loud_and_quiet(WHISPER),
        "planted-frame": short_signals,
        "planted-scale": odd_sizes,
    }
    plants = {"planted-frame": {"last_frame": 1}, "planted-scale": {"scale": 1}}
    if group == "planted-window":  # symmetric instead of periodic, an easy mistake
        exact = np.cos
        reference.np.cos = lambda x: exact(x * 400 / 399)
    for name, signal, config, options in groups[group]():
        signal = signal.astype(np.float32)
        if group == "streams":
            error = 0.0
            batch = library.batch(signal, config, **options)
            for pieces in ([1], [7, 160, 3001, 399, 1], [100000]):
                streamed = library.stream(signal, pieces, config, **options)
                same = streamed.shape == batch.shape and np.array_equal(streamed, batch)
                error = max(error, 0.0 if same else float("inf"))
        else:
            theirs = reference.log_mel(signal, config, **options | plants.get(group, {}))
            error = apart(library.batch(signal, config, **options), theirs)
        print(json.dumps({"case": f"{group}: {name}", "error": error}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
