# SPDX-License-Identifier: MIT
"""Measuring with a synchronized swept sine."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from . import _library
from ._kernel import VolterraKernelFull

# sin^p as sum of harmonics: weight of sin(mθ) for odd p, of cos(mθ) for even p. A cosine is the
# sine a quarter of a period earlier: times i at positive frequencies. _MIX[m - 1][p - 1].
_MIX = np.array(
    [
        [1, 0, 3 / 4, 0, 5 / 8],
        [0, -1j / 2, 0, -1j / 2, 0],
        [0, 0, -1 / 4, 0, -5 / 16],
        [0, 0, 0, 1j / 8, 0],
        [0, 0, 0, 0, 1 / 16],
    ]
)


class _Config(ctypes.Structure):
    _fields_ = [
        *((name, ctypes.c_double) for name in ("rate", "first", "last", "seconds", "amplitude")),
        *((name, ctypes.c_int32) for name in ("harmonics", "taps", "lead")),
    ]


class SweptSine:
    """A sweep from f1 to f2 (Hz) and what a response to it says.

    f2 · harmonics should stay below half the rate: above, the powers of a digital system alias.

    Errors   ValueError that says what is wrong, and how long the sweep must be
    """

    def __init__(
        self,
        sample_rate: float = 48000,
        f1: float = 20.0,
        f2: float = 4800.0,
        duration: float = 5.0,
        *,
        amplitude: float = 0.5,
        harmonics: int = 5,
        taps: int = 4096,
        lead: int = 1024,
    ) -> None:
        self._config = _Config(sample_rate, f1, f2, duration, amplitude, harmonics, taps, lead)
        self._sweep = ctypes.c_void_p()
        lib = _library.library()
        lib.asiowire_volterra_sweep_excitation.restype = ctypes.POINTER(ctypes.c_double)
        lib.asiowire_volterra_sweep_frames.restype = ctypes.c_size_t
        self._free = lib.asiowire_volterra_sweep_free
        _library.check(
            lib.asiowire_volterra_sweep_create(
                ctypes.byref(self._config), ctypes.byref(self._sweep)
            )
        )

    def __del__(self) -> None:
        if getattr(self, "_sweep", None):
            self._free(self._sweep)

    def excitation(self) -> Any:
        """The sweep, [frames]; record for `taps` frames more."""
        lib = _library.library()
        frames = lib.asiowire_volterra_sweep_frames(self._sweep)
        return np.ctypeslib.as_array(
            lib.asiowire_volterra_sweep_excitation(self._sweep), (frames,)
        ).copy()

    def harmonic_responses(self, response: Any) -> Any:
        """[harmonic][tap]: impulse responses, tap `lead` being time 0, the linear one first.

        That of harmonic m at m·f is what a sine of f and of the sweep's amplitude makes there,
        divided by that amplitude. The response's frame 0 is the excitation's.
        """
        recorded = np.ascontiguousarray(response, dtype=np.float64)
        if recorded.ndim != 1:
            raise ValueError(f"the response has the shape {recorded.shape}; it must be [frames]")
        found = np.empty((self._config.harmonics, self._config.taps))
        _library.check(
            _library.library().asiowire_volterra_sweep_analyse(
                self._sweep,
                recorded.ctypes.data_as(ctypes.c_void_p),
                ctypes.c_size_t(len(recorded)),
                found.ctypes.data_as(ctypes.c_void_p),
            )
        )
        return found

    def band(self) -> tuple[float, float]:
        """The frequencies (Hz) between which every order's response is known well."""
        return 2 * self._config.first * self._config.harmonics, 0.9 * self._config.last

    def order_responses(self, response: Any) -> tuple[Any, Any]:
        """(frequencies, [order][frequency]): complex responses of the filters behind each power.

        They hold inside band().
        """
        c = self._config
        impulses = self.harmonic_responses(response)
        length = 1 << (2 * c.taps - 1).bit_length()
        frequencies = np.fft.rfftfreq(length, 1 / c.rate)
        spectra = np.fft.rfft(impulses, length)
        spectra *= np.exp(2j * np.pi * frequencies / c.rate * c.lead)
        orders = np.empty_like(spectra)
        for p in range(c.harmonics, 0, -1):
            rest = spectra[p - 1].copy()
            for q in range(p + 1, c.harmonics + 1):
                rest -= _MIX[p - 1, q - 1] * c.amplitude ** (q - 1) * orders[q - 1]
            orders[p - 1] = rest / (_MIX[p - 1, p - 1] * c.amplitude ** (p - 1))
        return frequencies, orders

    def kernel(self, response: Any, N: int) -> VolterraKernelFull:  # noqa: N803
        """The smallest diagonal kernel of N taps that fits all orders' responses inside band().

        What it does outside the band, nobody has measured.
        """
        most = self._config.taps - 2 * self._config.lead
        if not 1 <= N <= most:
            raise ValueError(f"N is {N}; it can be 1 to {most}, taps - 2 * lead")
        frequencies, orders = self.order_responses(response)
        low, high = self.band()
        inside = (frequencies >= low) & (frequencies <= high)
        if not inside.any():
            raise ValueError(f"no frequency lies in the band {low:g} to {high:g} Hz: more taps")
        turns = 2 * np.pi * frequencies[inside] / self._config.rate
        lags = np.cos(np.outer(np.arange(N), turns)).sum(axis=1)
        equations = lags[np.abs(np.subtract.outer(np.arange(N), np.arange(N)))]
        equations[np.diag_indices(N)] *= 1 + 1e-8  # of the kernels that fit, the smallest
        right = (np.exp(1j * np.outer(np.arange(N), turns)) @ orders[:, inside].T).real
        return VolterraKernelFull(*np.linalg.solve(equations, right).T)
