# SPDX-License-Identifier: MIT
"""A kernel's values."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Iterator

import numpy as np

Array = Any  # numpy.ndarray of float64

DIAGONALS = ("h3_diagonal", "h4_diagonal", "h5_diagonal")


@dataclass(frozen=True, eq=False)
class VolterraKernelFull:
    """h1, h2 full or its diagonal, and the diagonals of h3 to h5, each of N ≥ 1 taps, in float64.

    y[n] = Σ h1[i]·x[n-i] + ΣΣ h2[i, j]·x[n-i]·x[n-j] + Σ h3[i]·x[n-i]³ + Σ h4[i]·x[n-i]⁴ + …
    h2[i, j] and h2[j, i] weigh the same product; they are kept as given. What is given is copied
    and cannot be changed afterwards.

    Shapes   h1 and the diagonals: [N]; h2: [N, N], or [N] when it is a diagonal
    Errors   ValueError that names the array
    """

    h1: Array
    h2: Array | None = None
    h3_diagonal: Array | None = None
    h4_diagonal: Array | None = None
    h5_diagonal: Array | None = None
    h2_is_diagonal: bool | None = None  # None: as h2's shape says

    def __post_init__(self) -> None:
        h1 = _checked("h1", self.h1, None)
        object.__setattr__(self, "h1", h1)
        for name in DIAGONALS:
            if (given := getattr(self, name)) is not None:
                object.__setattr__(self, name, _checked(name, given, (len(h1),)))
        diagonal = False
        if self.h2 is not None:
            diagonal = np.ndim(self.h2) == 1
            if self.h2_is_diagonal is not None and self.h2_is_diagonal != diagonal:
                told = f"h2_is_diagonal={self.h2_is_diagonal}"
                raise ValueError(f"h2 has {np.ndim(self.h2)} dimensions, but {told}")
            shape = (len(h1),) if diagonal else (len(h1), len(h1))
            object.__setattr__(self, "h2", _checked("h2", self.h2, shape))
        object.__setattr__(self, "h2_is_diagonal", diagonal)

    @property
    def N(self) -> int:  # noqa: N802  (the literature's name)
        """Taps."""
        return len(self.h1)

    @property
    def max_order(self) -> int:
        """The highest order that is not missing."""
        return max(order for order, _ in self.orders())

    def orders(self) -> Iterator[tuple[int, Array]]:
        """(order, values) of those that are there; h2 may be a matrix."""
        given = (self.h1, self.h2, self.h3_diagonal, self.h4_diagonal, self.h5_diagonal)
        return ((order, h) for order, h in enumerate(given, 1) if h is not None)

    @staticmethod
    def from_polynomial_coeffs(
        N: int,  # noqa: N803
        a1: float = 1.0,
        a2: float = 0.0,
        a3: float = 0.0,
        a4: float = 0.0,
        a5: float = 0.0,
    ) -> VolterraKernelFull:
        """y[n] = a1·x + a2·x² + … of this sample alone; orders of weight 0 are missing, but h1."""
        if N < 1:
            raise ValueError(f"N is {N}; a kernel has at least one tap")

        def first_tap(weight: float) -> Array:
            h = np.zeros(N)
            h[0] = weight
            return h

        higher = [first_tap(a) if a != 0 else None for a in (a2, a3, a4, a5)]
        return VolterraKernelFull(first_tap(a1), *higher)

    def to_npz(self, path: str | os.PathLike[str]) -> None:
        """Writes a compressed .npz file, which is whole or not there under its name."""
        target = os.fspath(path)
        target = target if target.endswith(".npz") else f"{target}.npz"  # as numpy.savez has it
        beside = f"{target}.{os.getpid()}.part"
        arrays = {name: getattr(self, name) for name in ("h1", "h2", *DIAGONALS)}
        try:
            with open(beside, "wb") as file:
                np.savez_compressed(
                    file,
                    h2_is_diagonal=np.bool_(self.h2_is_diagonal),
                    **{name: h for name, h in arrays.items() if h is not None},
                )
            os.replace(beside, target)
        except BaseException:
            if os.path.exists(beside):
                os.unlink(beside)
            raise

    @staticmethod
    def from_npz(path: str | os.PathLike[str]) -> VolterraKernelFull:
        """Reads what to_npz wrote. Errors: ValueError when the file holds something else."""
        with np.load(path, allow_pickle=False) as file:
            if "h1" not in file:
                raise ValueError(f"{os.fspath(path)} holds no h1: it is no kernel")
            values = {name: file[name] for name in ("h1", "h2", *DIAGONALS) if name in file}
            diagonal = bool(file["h2_is_diagonal"]) if "h2_is_diagonal" in file else None
        return VolterraKernelFull(**values, h2_is_diagonal=diagonal if "h2" in values else None)

    def estimate_memory_bytes(self) -> int:
        """Of the values; a processor's own need is in its get_info()."""
        return sum(h.nbytes for _, h in self.orders())


def _checked(name: str, given: Any, shape: tuple[int, ...] | None) -> Array:
    h = np.array(given, dtype=np.float64, order="C")
    if shape is None and (h.ndim != 1 or h.size < 1):
        raise ValueError(f"{name} has the shape {h.shape}; it must be [N] with N ≥ 1")
    if shape is not None and h.shape != shape:
        raise ValueError(f"{name} has the shape {h.shape}; beside this h1 it must be {shape}")
    if not np.isfinite(h).all():
        raise ValueError(f"{name} holds a value that is not finite")
    h.flags.writeable = False
    return h
