# SPDX-License-Identifier: MIT
"""Times asiowire.volterra and SciPy's fftconvolve on the same sum, one after the other, by blocks.

Run with a Python that has SciPy; prints a JSON line per pair. Usage: scipy_volterra.py PAIRS
"""

import json
import os
import sys
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"  # the library takes one thread; before NumPy is read

import numpy as np  # noqa: E402
from scipy.signal import fftconvolve  # noqa: E402

from asiowire.volterra import VolterraKernelFull, VolterraProcessorFull  # noqa: E402

BLOCK = 512
BLOCKS = 40
TAPS = (64, 512, 4096)


class ScipyEngine:
    """An engine as one writes it with SciPy: each power of past and block through fftconvolve."""

    def __init__(self, kernel: VolterraKernelFull) -> None:
        self._orders = [(order, h.astype(np.float32)) for order, h in kernel.orders()]
        self._past = np.zeros(kernel.N - 1, np.float32)

    def process_block(self, block: np.ndarray) -> np.ndarray:
        """[frames] to [frames]."""
        x = np.concatenate([self._past, block])
        self._past = x[len(x) - len(self._past) :]
        y = np.zeros(len(block), np.float32)
        for order, h in self._orders:
            y += fftconvolve(x**order, h, "valid")
        return y


def main(pairs: int) -> None:
    """Prints the pairs."""
    random = np.random.default_rng(1)
    x = (0.2 * random.standard_normal((BLOCKS, BLOCK))).astype(np.float32)
    for taps in TAPS:
        fade = np.exp(-3 * np.arange(taps) / taps)
        kernel = VolterraKernelFull(*(random.standard_normal((5, taps)) * fade))
        ours = VolterraProcessorFull(kernel, dtype=np.float32, block_size=BLOCK)
        theirs = ScipyEngine(kernel)
        for pair in range(-1, pairs):  # the first one warms up
            begin = time.thread_time()
            right = [theirs.process_block(block) for block in x]
            middle = time.thread_time()
            found = [ours.process_block(block) for block in x]
            end = time.thread_time()
            apart = np.abs(np.subtract(found, right)).max() / np.abs(right).max()
            if pair >= 0:
                times = {"ours_us": (end - middle) / BLOCKS * 1e6}
                times |= {"scipy_us": (middle - begin) / BLOCKS * 1e6}
                print(json.dumps({"taps": taps} | times | {"apart": float(apart)}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
