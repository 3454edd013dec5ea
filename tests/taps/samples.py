# SPDX-License-Identifier: MIT
"""What is written is what others read: every code, every kind of float, every layout and seam."""

import struct
from array import array
from pathlib import Path

from rig.case import Rig, check
from taps import _takes
from taps._takes import RATE, check_everywhere, counter, record, wavs


def every_one_of_the_codes_comes_back(rig: Rig) -> None:
    with _takes.folder() as where:
        for options in ([], ["--poly"]):
            told = record(where, ["--channels", 2, "--block", 4099, *options], ["write:16777216"])
            words = [counter(0, 1 << 24, channel) for channel in range(2)]
            check(len(set(array("i", words[0]))) == 1 << 24, "the counter leaves codes out")
            files = wavs(told["folder"])
            check(len(files) == (1 if options else 2), "{files}", files=files)
            if options:
                both = array("i", bytes(2 * len(words[0])))
                both[0::2], both[1::2] = (array("i", channel) for channel in words)
                check_everywhere(files[0], both.tobytes(), 2)
            else:
                for file, channel in zip(files, words):
                    check_everywhere(file, channel)


def what_is_no_plain_number_is_defined(rig: Rig) -> None:
    half = 1 / (1 << 24)  # of a code
    floats = {
        float("nan"): 0, float("inf"): 8388607, float("-inf"): -8388608,
        1.0: 8388607, -1.0: -8388608, 1.5: 8388607, -1.5: -8388608, 3e38: 8388607,
        1e-40: 0, -1e-40: 0, 1.4e-45: 0, -0.0: 0,
        half: 0, 3 * half: 2, 5 * half: 2, -half: 0, -3 * half: -2,  # ties to even
    }
    bits = [f"{struct.unpack('<I', struct.pack('<f', value))[0]:x}" for value in floats]
    bits += ["ffc00001", "7f800001"]  # NaNs of other kinds
    codes = [*floats.values(), 0, 0]
    with _takes.folder() as where:
        for options in (["--channels", 1], ["--channels", 9, "--poly"]):
            told = record(where, options, ["floats:" + ",".join(bits)])
            channels = options[1]
            words = array("i", [code << 8 for code in codes for _ in range(channels)])
            check_everywhere(wavs(told["folder"])[0], words.tobytes(), channels)


def blocks_of_any_size_and_odd_lengths_are_whole(rig: Rig) -> None:
    for channels, poly in ((1, False), (3, False), (1, True), (3, True), (32, True), (64, True)):
        with _takes.folder() as where:
            # Buffers of 256 KiB (of each file) and 1 MiB (of all channels) do not divide by these.
            most = (1 << 20) // 3 // channels if poly else (1 << 18) // 3
            blocks = [1, 2, 3, 479, most, 1, most + 1, 7777]
            options = ["--channels", channels, "--block", 1 << 20, *(["--poly"] if poly else [])]
            told = record(where, options, [f"write:{block}" for block in blocks])
            frames = sum(blocks)
            check(told["frames"] == frames and not told["error"], "{told}", told=told)
            words = [counter(0, frames, channel) for channel in range(channels)]
            if poly:
                _check_poly(wavs(told["folder"])[0], words)
            else:
                for file, channel in zip(wavs(told["folder"]), words, strict=True):
                    check_everywhere(file, channel)


def a_rotation_loses_and_repeats_no_frame(rig: Rig) -> None:
    for options in ([], ["--poly"]):
        with _takes.folder() as where:
            told = record(where, ["--channels", 3, "--rotation", 10_007, "--block", 333, *options],
                          ["write:30000", "silence:25000", "write:5049"])
            # The last file is exactly full: no empty one follows.
            check(told["frames"] == 6 * 10_007 + 7, "{told}", told=told)
            quiet = bytes(4 * 25000)
            names = [path.name for path in wavs(told["folder"])]
            check(len(names) == (7 if options else 21), "{names}", names=names)
            for channel in range(3):
                whole = (counter(0, 30000, channel) + quiet + counter(55000, 5049, channel))
                parts = sorted(told["folder"].glob("*.wav" if options else f"0{channel + 1} *.wav"))
                found = b"".join(_channel(part, channel if options else 0) for part in parts)
                check(found == whole, "channel {c} has seams", c=channel)
    with _takes.folder() as where:
        told = record(where, ["--rotation", 1000], ["write:3000"])
        check(len(wavs(told["folder"])) == 6, "an empty file follows a full one")


def silence_is_exactly_as_long_as_said(rig: Rig) -> None:
    # one frame; within the buffer; over its end; long enough to become a hole, at odd places
    for gap in (1, 4001, 80_000, 87_381, 300_001, 1_000_000):
        for options in (["--channels", 1], ["--channels", 3, "--poly"]):
            with _takes.folder() as where:
                told = record(where, options, ["write:1237", f"silence:{gap}", "write:99991"])
                channels = options[1]
                words = [counter(0, 1237, c) + bytes(4 * gap) + counter(1237 + gap, 99991, c)
                         for c in range(channels)]
                _check_poly(wavs(told["folder"])[0], words)
                check(told["gaps"] == 1, "{n} gaps", n=told["gaps"])


def a_long_silence_takes_no_room(rig: Rig) -> None:
    with _takes.folder() as where:
        told = record(where, ["--channels", 1], ["write:100", "silence:100000000", "write:100"])
        facts = wavs(told["folder"])[0].stat()
        check(facts.st_size > 300_000_000, "{n} bytes", n=facts.st_size)
        check(facts.st_blocks * 512 < 10_000_000, "{n} bytes on disk", n=facts.st_blocks * 512)


def a_take_without_a_frame_is_an_empty_file(rig: Rig) -> None:
    with _takes.folder() as where:
        told = record(where, ["--channels", 2], [])
        for file in wavs(told["folder"]):
            with _takes.SndFile(file) as read:
                check(read.frames == 0 and read.rate == RATE, "{n} frames", n=read.frames)
            check(_takes.python_wave(file) == b"", "wave finds frames")


def _check_poly(path: Path, words: list[bytes]) -> None:
    frames = array("i", bytes(sum(map(len, words))))
    for channel, of_channel in enumerate(words):
        frames[channel :: len(words)] = array("i", of_channel)
    check_everywhere(path, frames.tobytes(), len(words))


def _channel(path: Path, channel: int) -> bytes:
    with _takes.SndFile(path) as file:
        words = file.read(0, file.frames)
        return _takes.channel_of(words, channel, file.channels)
