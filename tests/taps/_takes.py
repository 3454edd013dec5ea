# SPDX-License-Identifier: MIT
"""Takes written by taps-take_writer, and those who read them: libsndfile, FFmpeg, Python's wave.

Samples are compared as bytes of 32-bit integers, the 24-bit code in the upper three: what libsndfile
and FFmpeg both give.
"""

import ctypes
import json
import os
import shutil
import subprocess
import tempfile
import wave
from array import array
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Iterator, Sequence

from rig import cmocka, processes
from rig.case import Skip, check
from rig.places import NATIVE, clean_environment

WRITER = NATIVE / "taps-take_writer"
TOOL = NATIVE / "asiowire"
RATE = 48000
Options = Sequence[Any]  # words and numbers for the writer
MONO: Options = ()
POLY: Options = ("--poly",)
_built: list[bool] = []


class _Info(ctypes.Structure):
    _fields_ = [("frames", ctypes.c_int64)] + [
        (name, ctypes.c_int) for name in ("rate", "channels", "format", "sections", "seekable")
    ]


@contextmanager
def folder(in_memory: bool = False) -> Iterator[Path]:
    """A folder for takes, gone afterwards; large ones need not wait for a disk."""
    memory = "/dev/shm" if in_memory and os.access("/dev/shm", os.W_OK) else None
    path = Path(tempfile.mkdtemp(prefix="asiowire-takes-", dir=memory))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def small_disk(options: str) -> Iterator[Path]:
    """A file system in memory with these mount options; needs root."""
    with folder() as path:
        words = ["mount", "-t", "tmpfs", "-o", options, "asiowire-test", str(path)]
        try:
            mounted = subprocess.run(words, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            raise Skip("there is no mount command") from None
        if mounted.returncode != 0:
            raise Skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
        try:
            yield path
        finally:
            subprocess.run(["umount", "-l", str(path)], check=True)


@contextmanager
def freezing_disk(megabytes: int) -> Iterator[Path]:
    """A file system of its own that frozen() can stop; needs root and loop devices."""
    with folder() as path:
        image, place, takes = path / "image", path / "disk", path / "disk/takes"
        place.mkdir()
        with open(image, "wb") as file:
            file.truncate(megabytes << 20)
        for words in (["mkfs.ext4", "-q", image], ["mount", "-o", "loop", image, place]):
            try:
                made = subprocess.run(words, capture_output=True, text=True, check=False)
            except FileNotFoundError:
                raise Skip(f"there is no {words[0]}") from None
            if made.returncode != 0:
                raise Skip(f"a disk cannot be made here: {made.stderr.strip()}")
        try:
            takes.mkdir()
            yield takes
        finally:
            subprocess.run(["umount", "-l", place], check=True)


@contextmanager
def frozen(disk: Path) -> Iterator[None]:
    """Meanwhile whoever writes there waits."""
    subprocess.run(["fsfreeze", "--freeze", disk], check=True)
    try:
        yield
    finally:
        subprocess.run(["fsfreeze", "--unfreeze", disk], check=True)


def size(where: Path) -> int:
    """Bytes in all files there."""
    return sum(path.stat().st_size for path in where.rglob("*"))


def build() -> None:
    """Brings the writer and the tool up to date, once."""
    if not _built:
        failed = cmocka.build([WRITER, TOOL])
        check(not failed, "{words}", words=failed)
        _built.append(True)


def command(where: Path, options: Options, steps: Sequence[str], name: str) -> list[str]:
    """The writer's command line."""
    return [str(WRITER), str(where), name, *map(str, options), "--", *steps]


def record(
    where: Path, options: Options, steps: Sequence[str], name: str = "take"
) -> dict[str, Any]:
    """Writes a take; returns the writer's words, `folder` as a path."""
    build()
    ended = processes.run(command(where, options, steps, name), clean_environment(), 300)
    check(ended.code == 0, "the writer ended with {code}: {err}", code=ended.code, err=ended.err)
    told: dict[str, Any] = json.loads(ended.out.splitlines()[-1])
    told["folder"] = Path(told["folder"])
    return told


def wavs(take: Path) -> list[Path]:
    """A take's audio files, sorted."""
    return sorted(take.glob("*.wav"))


def log(take: Path) -> list[dict[str, Any]]:
    """The whole lines of a take's log."""
    text = (take / "take.jsonl").read_text()
    return [json.loads(line) for line in text.split("\n")[:-1]]


def asiowire(*words: object) -> tuple[int, str, str]:
    """Exit code and words of `asiowire take …`."""
    build()
    ended = processes.run([TOOL, "take", *map(str, words)], clean_environment(), 60)
    return ended.code if ended.code is not None else -1, ended.out, ended.err


def verdict(take: Path) -> tuple[int, dict[str, Any]]:
    """Exit code and report of `asiowire take verify --json`."""
    code, out, err = asiowire("verify", "--json", take)
    check(out.startswith("{"), "verify said {out}{err}", out=out, err=err)
    return code, json.loads(out)


def counter(first: int, frames: int, channel: int = 0) -> bytes:
    """What taps-take_writer puts into a channel."""
    words = array("i")
    code = (first + 65537 * channel) % (1 << 24)
    while frames > 0:
        here = min(frames, (1 << 24) - code)
        begin = (code - (1 << 23)) << 8
        words.extend(range(begin, begin + (here << 8), 256))
        frames -= here
        code = 0
    return words.tobytes()


def packed(words: bytes) -> bytes:
    """The three bytes of each code."""
    three = bytearray(len(words) // 4 * 3)
    for i in range(3):
        three[i::3] = words[i + 1 :: 4]
    return bytes(three)


def channel_of(words: bytes, channel: int, channels: int) -> bytes:
    """One channel of frames."""
    return array("i", words)[channel::channels].tobytes()


class SndFile:
    """A file as libsndfile sees it."""

    def __init__(self, path: Path) -> None:
        try:
            self._library: Any = ctypes.CDLL("libsndfile.so.1")
        except OSError as error:
            raise Skip(f"libsndfile is not installed ({error})") from None
        for name in ("sf_open", "sf_strerror"):
            getattr(self._library, name).restype = ctypes.c_void_p
        self._library.sf_readf_int.restype = ctypes.c_int64
        self._library.sf_readf_int.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64]
        self._library.sf_seek.restype = ctypes.c_int64
        self._library.sf_seek.argtypes = [ctypes.c_void_p, ctypes.c_int64, ctypes.c_int]
        self._library.sf_close.argtypes = [ctypes.c_void_p]
        self._library.sf_command.argtypes = [
            ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_int,
        ]
        info = _Info()
        self._file = self._library.sf_open(str(path).encode(), 0x10, ctypes.byref(info))
        check(self._file, "libsndfile cannot open {path}", path=path)
        check(info.format & 0xFFFF == 3, "{path} has format {f:#x}", path=path, f=info.format)
        self.frames, self.channels, self.rate = info.frames, info.channels, info.rate
        self.container = info.format >> 16  # 1 = WAV, 0x13 = WAVEX, 0x22 = RF64

    def __enter__(self) -> "SndFile":
        return self

    def __exit__(self, *_: object) -> None:
        self._library.sf_close(self._file)

    def read(self, first: int, frames: int) -> bytes:
        """Frames as 32-bit words."""
        words = ctypes.create_string_buffer(4 * self.channels * frames)
        at = self._library.sf_seek(self._file, first, 0)
        check(at == first, "libsndfile sought {at}, not {first}", at=at, first=first)
        got = self._library.sf_readf_int(self._file, words, frames)
        check(got == frames, "libsndfile read {got} of {n}", got=got, n=frames)
        return words.raw

    def told(self, command_number: int, size: int) -> bytes:
        """What sf_command fills in: 0x10CE the cues, 0x10F0 bext."""
        data = ctypes.create_string_buffer(size)
        told = self._library.sf_command(self._file, command_number, data, size)
        check(told == 1, "libsndfile finds nothing for {n:#x}", n=command_number)
        return data.raw


def ffmpeg(path: Path) -> bytes:
    """All frames as FFmpeg decodes them."""
    words = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "s32le", "-c:a", "pcm_s32le", "-"]
    ended = subprocess.run(words, capture_output=True, check=False)
    check(ended.returncode == 0 and not ended.stderr, "FFmpeg: {err}", err=ended.stderr.decode())
    return ended.stdout


def ffprobe(path: Path) -> dict[str, Any]:
    """What FFmpeg finds in a file: its stream, tags and chapters."""
    words = ["ffprobe", "-v", "error", "-of", "json", "-show_format", "-show_streams",
             "-show_chapters", str(path)]
    ended = subprocess.run(words, capture_output=True, text=True, check=False)
    check(ended.returncode == 0 and not ended.stderr, "ffprobe: {err}", err=ended.stderr)
    probed: dict[str, Any] = json.loads(ended.stdout)
    return probed


def python_wave(path: Path) -> bytes:
    """All frames as Python's wave reads them: three bytes a sample."""
    with wave.open(str(path), "rb") as file:
        check(file.getsampwidth() == 3, "{path} is not 24 bit wide", path=path)
        return file.readframes(file.getnframes())


def check_everywhere(path: Path, words: bytes, channels: int = 1) -> None:
    """All three readers find exactly these samples (wave: where the format is not EXTENSIBLE)."""
    with SndFile(path) as file:
        check(file.channels == channels, "{path}: {n} channels", path=path, n=file.channels)
        frames = len(words) // 4 // channels
        check(file.frames == frames, "{path}: {n} frames, not {m}", path=path, n=file.frames,
              m=frames)
        check(file.read(0, frames) == words, "{path}: libsndfile reads others", path=path)
    check(ffmpeg(path) == words, "{path}: FFmpeg reads others", path=path)
    if channels <= 2:
        check(python_wave(path) == packed(words), "{path}: wave reads others", path=path)
