# SPDX-License-Identifier: MIT
"""Everything that is asked before the first byte is written. Refusals are sentences."""

from __future__ import annotations

import io
import math
import operator
import sys
import wave
from typing import Any, Callable, Iterable

_FOREIGN_ORDER = ">!" if sys.byteorder == "little" else "<"
_WAVE_MOST = 0xFFFF_FFFF - 36  # data bytes that the RIFF size field has room for
_ALL_INTS = frozenset((int,))
_ALL_USUAL = frozenset((io.BufferedWriter, io.BytesIO))  # nothing but "closed" is to be asked
_CLOSED = operator.attrgetter("closed")
_WRITE = operator.attrgetter("write")
Write = Callable[[bytes], Any]


def checked_audio(audio: Any, is_int: bool) -> tuple[memoryview, bool]:
    """A view [frames, channels] of 32-bit samples, and whether their bytes are swapped."""
    wanted = "int32" if is_int else "float32"
    if hasattr(audio, "mask"):
        raise TypeError("audio is a masked array; say what is heard there: audio.filled(0)")
    try:
        view = memoryview(audio)
    except (TypeError, ValueError, BufferError) as error:
        raise TypeError(
            f"audio must be a {wanted} array [frames, channels], not {type(audio).__name__}"
        ) from error
    kind = view.format.lstrip("@=<>!^")
    if view.itemsize != 4 or kind not in (("i", "l") if is_int else ("f",)):
        raise TypeError(
            f"audio must hold {wanted} samples, not {getattr(audio, 'dtype', view.format)}"
            f"{_advice(kind, is_int)}"
        )
    if view.ndim != 2:
        raise ValueError(f"audio must be [frames, channels], not of {view.ndim} dimensions")
    return view, view.format[0] in _FOREIGN_ORDER


def _advice(kind: str, is_int: bool) -> str:
    if kind == "f" and is_int:
        return "; for these there is write_multichannel_24bit"
    if kind in ("i", "l") and not is_int:
        return "; for int32 there is write_multichannel_24bit_int32"
    return ""


def checked_channels(indices: Iterable[int], width: int) -> tuple[int, ...]:
    """The indices as ints from 0 to width - 1; one may come twice, for two files."""
    if isinstance(indices, (str, bytes, bytearray)):
        raise TypeError("channel_indices must be a list of channel numbers, not text")
    try:
        channels = tuple(indices)
    except TypeError:
        raise TypeError(
            f"channel_indices must be a list of channel numbers, not {type(indices).__name__}"
        ) from None
    if not _ALL_INTS.issuperset(map(type, channels)):  # a bool is none, either
        channels = tuple(_plain_int(number, index) for number, index in enumerate(channels))
    # Not counted from the end: -1 is what a search that failed leaves behind.
    if channels and not (min(channels) >= 0 and max(channels) < width):
        number = next(i for i, index in enumerate(channels) if not 0 <= index < width)
        raise IndexError(
            f"channel_indices[{number}] is {channels[number]}; audio has {width} channels, "
            "counted from 0"
        )
    return channels


def _plain_int(number: int, index: Any) -> int:
    try:
        if type(index).__name__ in ("bool", "bool_"):
            raise TypeError
        return int(operator.index(index))
    except TypeError:
        raise TypeError(f"channel_indices[{number}] is {index!r}, not a channel number") from None


def checked_scale(scale: Any) -> float:
    """The scale as a float, finite and above 0."""
    if isinstance(scale, (bool, str, bytes, bytearray)):
        raise TypeError(f"scale must be a number, not {scale!r}")
    try:
        number = float(scale)
    except (TypeError, ValueError):
        raise TypeError(f"scale must be a number, not {scale!r}") from None
    except OverflowError:
        number = math.inf
    if not (math.isfinite(number) and number > 0):
        raise ValueError(f"scale must be finite and above 0, not {scale!r}")
    return number


def truncates(rounding: Any) -> bool:
    """Whether `rounding` says "truncate"."""
    if rounding not in ("nearest", "truncate"):
        raise ValueError(f'rounding must be "nearest" or "truncate", not {rounding!r}')
    return bool(rounding == "truncate")


def checked_files(
    files: Iterable[Any], wanted: int, frames: int
) -> tuple[list[Write], list[int | None]]:
    """What to call for each file, and what it returns when it has taken all."""
    if isinstance(files, (io.IOBase, wave.Wave_write, str, bytes)):
        raise TypeError("files must be a list of files, one per channel")
    try:
        listed = tuple(files)
    except TypeError:
        raise TypeError(f"files must be a list of files, not {type(files).__name__}") from None
    if len(listed) != wanted:
        raise ValueError(f"{wanted} channel_indices, but {len(listed)} files: one each is needed")
    if len(set(map(id, listed))) != wanted:
        number = next(i for i, file in enumerate(listed) if any(file is f for f in listed[:i]))
        raise ValueError(f"files[{number}] is in the list twice: a file takes one channel")
    size = 3 * frames
    if _ALL_USUAL.issuperset(map(type, listed)) and not any(map(_CLOSED, listed)):
        return list(map(_WRITE, listed)), [size] * wanted  # one by one would take 10 us for 32
    writes: list[Write] = []
    says: list[int | None] = []
    for number, file in enumerate(listed):
        if isinstance(file, wave.Wave_write):
            _check_wave(f"files[{number}]", file, size)
            # Not writeframes: it rewrites the header with every block, four more accesses each.
            # close() sets the header right.
            writes.append(file.writeframesraw)
            says.append(None)
        else:
            _check_binary(f"files[{number}]", file)
            writes.append(file.write)
            says.append(size)
    return writes, says


def _check_binary(name: str, file: Any) -> None:
    if isinstance(file, wave.Wave_read):
        raise TypeError(f'{name} is a wave file opened for reading; open it with "wb"')
    if not callable(getattr(file, "write", None)):
        raise TypeError(f"{name} is no file but {type(file).__name__}")
    if getattr(file, "closed", False):
        raise ValueError(f"{name} is closed")
    if isinstance(file, io.TextIOBase) or hasattr(file, "encoding"):
        raise TypeError(f'{name} is a text file; open it with "wb"')
    writable = getattr(file, "writable", None)
    if writable is not None and not writable():
        raise ValueError(f'{name} is not open for writing; open it with "wb"')


def _check_wave(name: str, file: wave.Wave_write, size: int) -> None:
    inner = getattr(file, "_file", file)
    if inner is None or getattr(inner, "closed", False):
        raise ValueError(f"{name} is closed")
    if isinstance(inner, io.RawIOBase):
        raise ValueError(
            f"{name} is a wave file over an unbuffered one, which may take less than it is given "
            "without wave telling; open that one buffered"
        )
    try:
        width, channels, _ = file.getsampwidth(), file.getnchannels(), file.getframerate()
    except wave.Error as error:
        raise ValueError(
            f"{name} is a wave file whose channels, sample width and rate must be set first "
            f"({error})"
        ) from None
    if width != 3 or channels != 1:
        raise ValueError(
            f"{name} is a wave file of {channels} channels, {width} bytes per sample; mono with 3 "
            "bytes per sample is needed"
        )
    if 3 * file.getnframes() + size > _WAVE_MOST:
        raise ValueError(f"{name} would grow past 4 GiB, which a WAV header cannot say")
