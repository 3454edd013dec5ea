# SPDX-License-Identifier: MIT
"""A kernel from an input and its output, by least squares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.polynomial import legendre

from ._kernel import VolterraKernelFull

Array = Any

# Added to the equations' diagonal of ones: what the input does not excite stays near zero instead
# of following the rounding errors. Solving for the residual again takes its bias away elsewhere.
_LEAST = 1e-9


@dataclass(frozen=True)
class Identified:
    """What least squares found.

    offset     the constant in the output, which no kernel has
    residual   rms of what the kernel does not explain, over rms of the output
    condition  of the equations, estimated; near 1e9 and above, the input did not excite all that
               was asked for, and the kernel is a small one of those that fit
    """

    kernel: VolterraKernelFull
    offset: float
    residual: float
    condition: float


def identify_least_squares(x: Any, y: Any, N: int, max_order: int = 5) -> Identified:  # noqa: N803
    """The diagonal kernel of N taps and orders 1 to max_order that best maps x to y.

    The equations are those of Legendre polynomials of x, which are nearly orthogonal for inputs
    that use their range evenly: powers of x are nearly the same signal, and would cost half the
    digits.
    The first N - 1 frames count as past alone: x need not begin with silence.

    Shapes   x, y: [frames], at least twice as many as unknowns
    Errors   ValueError that says what is wrong
    Memory   8 · (N · max_order)² bytes, some times
    """
    inputs, outputs = (np.asarray(a, dtype=np.float64) for a in (x, y))
    if not 1 <= max_order <= 5:
        raise ValueError(f"max_order is {max_order}; it can be 1 to 5")
    if N < 1:
        raise ValueError(f"N is {N}; a kernel has at least one tap")
    if inputs.ndim != 1 or inputs.shape != outputs.shape:
        shapes = f"{inputs.shape} and {outputs.shape}"
        raise ValueError(f"x and y have the shapes {shapes}, not [frames]")
    if len(inputs) < 2 * N * max_order + N:
        raise ValueError(f"{len(inputs)} frames are too few for {N * max_order} unknowns")
    if not (np.isfinite(inputs).all() and np.isfinite(outputs).all()):
        raise ValueError("x or y holds a value that is not finite")
    peak = float(np.abs(inputs).max())
    if peak == 0:
        raise ValueError("x is silent")
    orders = range(1, max_order + 1)
    basis = np.stack([legendre.legval(inputs / peak, np.eye(6)[p]) for p in orders])
    coefficients, condition, residual = _solve(basis, outputs, N)
    return Identified(
        _in_powers(coefficients[:-1].reshape(max_order, N), peak),
        float(coefficients[-1] + _constant(coefficients[:-1].reshape(max_order, N))),
        residual,
        condition,
    )


def _solve(basis: Array, y: Array, n: int) -> tuple[Array, float, float]:
    """Coefficients [order · tap, constant], condition and residual.

    Squared equations lose digits where they are not well conditioned; the residual, taken from the
    signals themselves, brings them back.
    """
    equations = _gram(basis, n)
    scale = 1 / np.sqrt(np.maximum(np.diag(equations), np.finfo(float).tiny))
    scaled = equations * scale[:, None] * scale
    factor = np.linalg.cholesky(scaled + _LEAST * np.eye(len(scale)))
    pivots = np.diag(factor)
    condition = float((pivots.max() / pivots.min()) ** 2)
    found = np.zeros(len(scale))
    left = y[n - 1 :].copy()
    for _ in range(5):
        found += scale * _solved(factor, scale * _projected(basis, left, n))
        left = y[n - 1 :] - _modelled(basis, found, n)
    power = float(np.sqrt(np.mean(y[n - 1 :] ** 2)))
    return found, condition, float(np.sqrt(np.mean(left**2))) / power if power else 0.0


def _solved(factor: Array, right: Array) -> Array:
    """The equations of a Cholesky factor; NumPy has no solver for triangles, so block by block."""
    solution = right.copy()
    blocks = [slice(at, at + 64) for at in range(0, len(right), 64)]
    for here in blocks:
        solution[here] -= factor[here, : here.start] @ solution[: here.start]
        solution[here] = np.linalg.solve(factor[here, here], solution[here])
    for here in reversed(blocks):
        solution[here] -= factor[here.stop :, here].T @ solution[here.stop :]
        solution[here] = np.linalg.solve(factor[here, here].T, solution[here])
    return solution


def _gram(basis: Array, n: int) -> Array:
    """Products of every column with every other: column (p, i) is basis p, i frames late.

    Shifting both columns by a frame loses one product at the end and wins one at the beginning:
    only the first row of each pair of orders is summed up.
    """
    orders, frames = basis.shape
    start = n - 1
    length = _fast_length(frames + n)
    spectra = np.fft.rfft(basis, length)
    late = basis.copy()
    late[:, :start] = 0
    late_spectra = np.fft.rfft(late, length)
    first = np.empty((orders, orders, n))  # [p][q][j]: Σ basis p[t] · basis q[t - j]
    for p in range(orders):
        first[p] = np.fft.irfft(late_spectra[p] * spectra.conj(), length)[:, :n]
    gram = np.empty((orders * n + 1, orders * n + 1))
    won, lost = basis[:, start - n + 1 : start][:, ::-1], basis[:, frames - n + 1 :][:, ::-1]
    for p in range(orders):
        for q in range(orders):
            block = np.empty((n, n))
            block[0] = first[p, q]
            block[:, 0] = first[q, p]
            change = np.outer(won[p], won[q]) - np.outer(lost[p], lost[q])
            for i in range(n - 1):
                block[i + 1, 1:] = block[i, :-1] + change[i]
            gram[p * n : (p + 1) * n, q * n : (q + 1) * n] = block
    gram[:-1, -1] = gram[-1, :-1] = _projected(basis, np.ones(frames - start), n)[:-1]
    gram[-1, -1] = frames - start
    return gram


def _projected(basis: Array, signal: Array, n: int) -> Array:
    """Products of every column with a signal of the frames from n - 1 on; the constant last."""
    frames = basis.shape[1]
    length = _fast_length(frames + n)
    late = np.concatenate([np.zeros(n - 1), signal])
    spectra = np.fft.rfft(late, length) * np.fft.rfft(basis, length).conj()
    return np.append(np.fft.irfft(spectra, length)[:, :n].ravel(), signal.sum())


def _modelled(basis: Array, coefficients: Array, n: int) -> Array:
    """The output of coefficients, for the frames from n - 1 on."""
    frames = basis.shape[1]
    length = _fast_length(frames + n)
    taps = coefficients[:-1].reshape(len(basis), n)
    spectrum = (np.fft.rfft(basis, length) * np.fft.rfft(taps, length)).sum(axis=0)
    return np.fft.irfft(spectrum, length)[n - 1 : frames] + coefficients[-1]


def _in_powers(taps: Array, peak: float) -> VolterraKernelFull:
    """Legendre's polynomials of x / peak as powers of x."""
    orders = len(taps)
    powers = np.zeros_like(taps)
    for p in range(1, orders + 1):
        for q, weight in enumerate(legendre.leg2poly(np.eye(orders + 1)[p])):
            if q > 0:
                powers[q - 1] += weight * taps[p - 1] / peak**q
    return VolterraKernelFull(*powers)


def _constant(taps: Array) -> float:
    constants = [legendre.leg2poly(np.eye(6)[p])[0] for p in range(1, len(taps) + 1)]
    return float(np.dot(constants, taps.sum(axis=1)))


def _fast_length(least: int) -> int:
    length = 1
    while length < least:
        length *= 2
    return length
