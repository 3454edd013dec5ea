# SPDX-License-Identifier: MIT
"""Volterra series of order 1 to 5: processing in blocks, and identification from measurements.

    kernel = VolterraKernelFull.from_polynomial_coeffs(512, a1=0.9, a2=0.12, a3=0.03)
    processor = VolterraProcessorFull(kernel)
    y = processor.process_block(x)  # any number of frames, from call to call

Semantics, accuracy and speed: docs/volterra.md. Needs NumPy and libasiowire_volterra.
"""

from ._kernel import VolterraKernelFull
from ._least_squares import identify_least_squares
from ._multi_tone import MultiToneConfig, MultiToneEstimator
from ._processor import VolterraProcessorFull
from ._reference import NumpyEngine
from ._swept_sine import SweptSine

__all__ = [
    "MultiToneConfig",
    "MultiToneEstimator",
    "NumpyEngine",
    "SweptSine",
    "VolterraKernelFull",
    "VolterraProcessorFull",
    "identify_least_squares",
]
