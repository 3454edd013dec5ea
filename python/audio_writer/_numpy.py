# SPDX-License-Identifier: MIT
"""The fallback: the rule of taps/pack24_scalar.cpp in NumPy, in float64."""

from __future__ import annotations

import numpy as np

_LEAST, _MOST = -(1 << 23), (1 << 23) - 1


def pack(
    view: memoryview,
    channels: tuple[int, ...],
    swapped: bool,
    is_int: bool,
    scale: float,
    truncate: bool,
) -> list[bytes]:
    """The channels' samples, three bytes each; `swapped` is known to the view, too."""
    audio = np.asarray(view)
    packed = {}
    for channel in set(channels):
        column = audio[:, channel]
        if is_int:
            codes = np.clip(column, _LEAST, _MOST)
        else:
            with np.errstate(all="ignore"):  # NaN, infinities and overflows are defined here
                codes = column.astype(np.float64)
                codes *= scale
                codes[np.isnan(codes)] = 0
                (np.trunc if truncate else np.rint)(codes, out=codes)
                np.clip(codes, _LEAST, _MOST, out=codes)
        words = codes.astype("<i4").view(np.uint8).reshape(-1, 4)
        packed[channel] = words[:, :3].tobytes()
    return [packed[channel] for channel in channels]
