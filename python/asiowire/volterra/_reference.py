# SPDX-License-Identifier: MIT
"""The definition in NumPy, float64: slow, short, and what the other engines are compared with."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._kernel import VolterraKernelFull


class NumpyEngine:
    """One channel, any block size. Needs NumPy alone."""

    def __init__(self, kernel: VolterraKernelFull) -> None:
        self.kernel = kernel
        self.reset()

    def reset(self) -> None:
        """Forgets the past."""
        self._past = np.zeros(self.kernel.N - 1)

    def process_block(self, block: Any) -> Any:
        """Shapes: [frames] to [frames]."""
        x = np.concatenate([self._past, np.asarray(block, dtype=np.float64)])
        n = self.kernel.N
        self._past = x[len(x) - (n - 1) :].copy()
        y = np.zeros(len(x) - (n - 1))
        for order, h in self.kernel.orders():
            if h.ndim == 1:
                y += np.convolve(x**order, h, "valid") if len(y) else 0.0
            elif len(y):
                windows = np.lib.stride_tricks.sliding_window_view(x, n)[:, ::-1]
                y += np.einsum("ti,ti->t", windows @ h, windows)
        return y
