# SPDX-License-Identifier: MIT
"""libasiowire_volterra over ctypes; its header is the reference."""

from __future__ import annotations

import ctypes
import functools
from pathlib import Path
from typing import Any

import numpy as np

from ._kernel import VolterraKernelFull

NAME = "libasiowire_volterra.so.1"
ENGINES = {"auto": 0, "direct": 1, "partitioned": 2}
PRECISIONS = {"float32": 0, "float64": 1}


class Config(ctypes.Structure):
    """AsiowireVolterraConfig."""

    _fields_ = [
        (name, ctypes.c_int32)
        for name in (
            "precision",
            "engine",
            "channels",
            "block_frames",
            "oversampling",
            "fade_frames",
        )
    ]


class Info(ctypes.Structure):
    """AsiowireVolterraInfo."""

    _fields_ = [
        *(
            (name, ctypes.c_int32)
            for name in (
                "precision",
                "engine",
                "channels",
                "oversampling",
                "taps",
                "orders",
                "partition_frames",
                "latency_frames",
                "exchanging",
            )
        ),
        ("bytes", ctypes.c_uint64),
        ("instructions", ctypes.c_char_p),
    ]


@functools.cache
def library() -> Any:
    """The library: of the tree that this file is installed in, else where the linker looks.

    Errors   OSError that names the library
    """
    beside = [folder / NAME for folder in Path(__file__).resolve().parents[3:6]]
    path = next((str(path) for path in beside if path.exists()), NAME)
    try:
        loaded = ctypes.CDLL(path)
    except OSError as error:
        raise OSError(f"asiowire.volterra needs {NAME}: {error}") from None
    loaded.asiowire_volterra_last_error.restype = ctypes.c_char_p
    for name in ("kernel_free", "processor_free", "processor_reset"):
        function = getattr(loaded, f"asiowire_volterra_{name}")
        function.argtypes, function.restype = [ctypes.c_void_p], None
    for precision in ("f32", "f64"):
        function = getattr(loaded, f"asiowire_volterra_process_{precision}")
        function.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t]
    return loaded


def check(status: int) -> None:
    """The library's sentence as an exception."""
    if status == 0:
        return
    sentence = library().asiowire_volterra_last_error().decode()
    raise MemoryError(sentence) if status == -2 else ValueError(sentence)


class NativeKernel:
    """A kernel's values in the library, while the context lasts."""

    def __init__(self, kernel: VolterraKernelFull) -> None:
        self._kernel = kernel
        self._pointer = ctypes.c_void_p()

    def __enter__(self) -> ctypes.c_void_p:
        given = dict(self._kernel.orders())
        full = given.pop(2) if not self._kernel.h2_is_diagonal and 2 in given else None
        order = [given.get(1), given.get(2), full, given.get(3), given.get(4), given.get(5)]
        check(
            library().asiowire_volterra_kernel_create(
                ctypes.c_size_t(self._kernel.N),
                *(None if h is None else h.ctypes.data_as(ctypes.c_void_p) for h in order),
                ctypes.byref(self._pointer),
            )
        )
        return self._pointer

    def __exit__(self, *_: Any) -> None:
        library().asiowire_volterra_kernel_free(self._pointer)


def addresses(channels: Any) -> Any:
    """A C array of pointers to the rows of [channel][frame]."""
    first, step = channels.ctypes.data, channels.strides[0]
    return (ctypes.c_void_p * len(channels))(*(first + c * step for c in range(len(channels))))


def rows(array: Any, channels: int, dtype: Any) -> Any:
    """[frames] or [channel][frame] as [channel][frame] of `dtype`, frames beside each other.

    Errors   ValueError for another number of channels
    """
    given = np.asarray(array)
    if given.dtype.kind not in "fiu":
        raise TypeError(f"the samples are {given.dtype}; they must be real numbers")
    two = given[np.newaxis] if given.ndim == 1 else given
    if two.ndim != 2 or len(two) != channels:
        wanted = f"[{channels}, frames]" + (" or [frames]" if channels == 1 else "")
        raise ValueError(f"the samples have the shape {given.shape}; it must be {wanted}")
    return np.ascontiguousarray(two, dtype=dtype)
