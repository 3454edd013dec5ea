# SPDX-License-Identifier: MIT
"""Identification with many tones at once, kept for its interface. Noise and least squares tell more:
the tones are too few to tell all taps of a kernel apart (docs/volterra.md has the figures).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ._kernel import VolterraKernelFull
from ._least_squares import identify_least_squares


@dataclass(frozen=True)
class MultiToneConfig:
    """An excitation; sample_rate and frequencies in Hz, duration in seconds.

    method   "random_phase", or "schroeder_phase" for a lower crest factor
    Errors   ValueError that names the field
    """

    sample_rate: float = 48000
    duration: float = 2.0
    num_tones: int = 100
    f_min: float = 20.0
    f_max: float = 20000.0
    max_order: int = 5
    method: str = "random_phase"
    amplitude: float = 0.1
    seed: int = 42

    def __post_init__(self) -> None:
        if self.method not in ("random_phase", "schroeder_phase"):
            known = "random_phase or schroeder_phase"
            raise ValueError(f"method is {self.method!r}; it can be {known}")
        if not 1 <= self.max_order <= 5:
            raise ValueError(f"max_order is {self.max_order}; it can be 1 to 5")
        if not 0 < self.f_min < self.f_max < self.sample_rate / 2:
            raise ValueError("f_min, f_max and half the sample_rate must rise from 0 in this order")
        if self.num_tones < 1 or self.duration * self.sample_rate < 2 or not self.amplitude > 0:
            raise ValueError("num_tones, duration and amplitude must be more than nothing")


class MultiToneEstimator:
    """Makes the excitation and turns the response into a kernel."""

    def __init__(self, config: MultiToneConfig | None = None) -> None:
        self.config = config or MultiToneConfig()

    def generate_excitation(self) -> tuple[Any, Any]:
        """(signal, frequencies): tones spaced by their logarithm, each of whole periods."""
        c = self.config
        frames = int(c.duration * c.sample_rate)
        wanted = np.geomspace(c.f_min, c.f_max, c.num_tones) * frames / c.sample_rate
        bins = np.unique(np.clip(np.round(wanted), 1, (frames - 1) // 2).astype(int))
        if c.method == "random_phase":
            phases = np.random.default_rng(c.seed).uniform(0, 2 * np.pi, len(bins))
        else:
            k = np.arange(len(bins))
            phases = -np.pi * k * (k - 1) / len(bins)
        spectrum = np.zeros(frames // 2 + 1, complex)
        spectrum[bins] = np.exp(1j * phases)
        signal = np.fft.irfft(spectrum, frames)
        return signal * (c.amplitude / np.abs(signal).max()), bins * c.sample_rate / frames

    def estimate_kernel(
        self, excitation: Any, response: Any, frequencies: Any, kernel_length: int = 512
    ) -> VolterraKernelFull:
        """The smallest kernel that explains the response to the excitation, orders 1 to max_order.

        Errors   ValueError that says what is wrong
        """
        if len(frequencies) == 0:
            raise ValueError("there are no frequencies")
        return identify_least_squares(
            excitation, response, kernel_length, self.config.max_order
        ).kernel
