# SPDX-License-Identifier: MIT
"""Writes selected channels of a block of audio as 24-bit samples, each into a file of its own.

    files = [open(f"track-{c + 1}.raw", "wb") for c in range(32)]
    frames = write_multichannel_24bit(audio, range(32), files)  # audio: float32 [frames, channels]

Semantics and reasons: docs/audio-writer.md.
"""

from __future__ import annotations

import errno
from typing import Any, Iterable

from . import _checks
from ._pack import implementation, pack

__all__ = ["implementation", "write_multichannel_24bit", "write_multichannel_24bit_int32"]

# So many bytes are packed at a time, or one channel when that is more.
_MOST_AT_ONCE = 256 << 20


def write_multichannel_24bit(
    audio: Any,
    channel_indices: Iterable[int],
    files: Iterable[Any],
    *,
    scale: float = 8388607.0,
    rounding: str = "nearest",
) -> int:
    """Writes channels of float32 audio as 24-bit little-endian; returns the frames written.

    A sample becomes sample × scale, rounded once ("nearest": ties to even, or "truncate": towards
    0), then clamped to 24 bits; NaN becomes 0. Scale 2**23 gives back what PipeWire and ASIO hold.

    Shapes   audio: [frames, channels], any strides and byte order
    Files    one write per channel, in the order of the list: binary files opened for writing, or
             mono 24-bit files of wave.open
    Errors   TypeError, ValueError, IndexError before anything is written; OSError when a file
             takes less than it is given
    """
    truncate = _checks.truncates(rounding)
    return _write(audio, channel_indices, files, False, _checks.checked_scale(scale), truncate)


def write_multichannel_24bit_int32(
    audio: Any, channel_indices: Iterable[int], files: Iterable[Any]
) -> int:
    """The same for int32 audio that holds 24-bit values: clamped to 24 bits, not shifted."""
    return _write(audio, channel_indices, files, True, 1.0, False)


def _write(
    audio: Any,
    channel_indices: Iterable[int],
    files: Iterable[Any],
    is_int: bool,
    scale: float,
    truncate: bool,
) -> int:
    view, swapped = _checks.checked_audio(audio, is_int)
    frames, width = view.shape
    channels = _checks.checked_channels(channel_indices, width)
    writes, says = _checks.checked_files(files, len(channels), frames)
    if not frames:
        return 0
    size = 3 * frames
    step = max(1, _MOST_AT_ONCE // size)
    for start in range(0, len(channels), step):
        group = channels[start : start + step]
        packed = pack(view, group, swapped, is_int, scale, truncate)
        for number, data in enumerate(packed, start):
            if (taken := writes[number](data)) != says[number]:
                _refuse_short_write(number, size, taken)
    return frames


def _refuse_short_write(number: int, size: int, taken: Any) -> None:
    # Not tried on: what a raw file leaves over is the disk's or the reader's state, not a chance.
    text = (
        f"files[{number}] took {taken} of {size} bytes; the files before it in the list have this "
        "block, those after it have nothing of it"
    )
    if taken is None:
        raise BlockingIOError(errno.EAGAIN, text, 0)
    raise OSError(errno.EIO, text)
