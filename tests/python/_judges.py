# SPDX-License-Identifier: MIT
"""Judges that share nothing with the packer: libsndfile by ctypes, and plain integers."""

import ctypes
from typing import Any

from rig.case import Skip, check

from python import _python

np = _python.numpy()
_READ, _WRITE, _SET_CLIPPING = 0x10, 0x20, 0x10C0
_RAW_24 = 0x040000 | 0x0003  # headerless, signed 24 bit
_LITTLE = 0x10000000


class _Info(ctypes.Structure):
    _fields_ = [("frames", ctypes.c_int64)] + [
        (name, ctypes.c_int) for name in ("rate", "channels", "format", "sections", "seekable")
    ]


def libsndfile() -> Any:
    """The library, or the test is skipped."""
    try:
        library = ctypes.CDLL("libsndfile.so.1")
    except OSError as error:
        raise Skip(f"libsndfile is not installed ({error})") from None
    library.sf_open.restype = ctypes.c_void_p
    for function in (library.sf_readf_int, library.sf_readf_float, library.sf_writef_float):
        function.restype = ctypes.c_int64
        function.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64]
    library.sf_close.argtypes = [ctypes.c_void_p]
    library.sf_command.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_int]
    return library


def read_codes(path: str, frames: int) -> Any:
    """The 24-bit codes of a mono WAV file as libsndfile reads them."""
    library, info = libsndfile(), _Info()
    file = library.sf_open(path.encode(), _READ, ctypes.byref(info))
    check(file, "libsndfile cannot open {path}", path=path)
    check(info.frames == frames and info.channels == 1, "{n} frames", n=info.frames)
    words = np.empty(frames, np.int32)
    got = library.sf_readf_int(file, words.ctypes.data, frames)
    library.sf_close(file)
    check(got == frames, "libsndfile read {got} of {n}", got=got, n=frames)
    check(not (words & 255).any(), "libsndfile sees more than 24 bits")
    return words >> 8


def written_by_libsndfile(path: str, audio: Any) -> bytes:
    """What libsndfile with clipping packs of mono float32 audio."""
    library, info = libsndfile(), _Info(rate=48000, channels=1, format=_RAW_24 | _LITTLE)
    file = library.sf_open(path.encode(), _WRITE, ctypes.byref(info))
    check(file, "libsndfile cannot write {path}", path=path)
    library.sf_command(file, _SET_CLIPPING, None, 1)
    library.sf_writef_float(file, audio.ctypes.data, len(audio))
    library.sf_close(file)
    with open(path, "rb") as written:
        return written.read()


def codes_of(data: bytes) -> Any:
    """24-bit little-endian bytes as integers."""
    three = np.frombuffer(data, np.uint8).reshape(-1, 3).astype(np.int32)
    return (three[:, 0] | three[:, 1] << 8 | three[:, 2] << 16) << 8 >> 8
