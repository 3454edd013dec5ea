# SPDX-License-Identifier: MIT
"""What a recording of a counter says: counter_player's and the test host's samples name themselves.

A 24-bit code, from the top: channel (6 bits), frame (17 bits), a 1; less 2^23. Never 0, so that silence
is told from sound.
"""

import sys
from array import array
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import _takes  # noqa: E402
from rig.case import check  # noqa: E402

FRAMES = 1 << 17
HALF = 1 << 23


@dataclass(frozen=True)
class Heard:
    """One channel of a take."""

    frames: int
    first: int  # index of the first sound
    count: int  # the frame it names
    holes: tuple[tuple[int, int], ...]  # silence after it: (index, frames)
    slips: int  # samples that do not name the frame that is due; after one, counting goes on from it


def heard(path: Path, channel: int) -> Heard:
    """A mono file as libsndfile reads it, every sample of `channel` or silence."""
    with _takes.SndFile(path) as file:
        check(file.channels == 1, "{path} has {n} channels", path=path, n=file.channels)
        words = array("i", file.read(0, file.frames))
    first = next((i for i, word in enumerate(words) if word != 0), len(words))
    holes: list[tuple[int, int]] = []
    slips = 0
    count = due = -1
    hole = -1
    for i in range(first, len(words)):
        if words[i] == 0:
            hole = i if hole < 0 else hole
            continue
        if hole >= 0:
            holes.append((hole, i - hole))
            hole = -1
        code = (words[i] >> 8) + HALF
        check(code & 1 == 1 and code >> 18 == channel and words[i] & 255 == 0,
              "{path}: frame {i} is {word:#x}, not of channel {c}",
              path=path.name, i=i, word=words[i] & 0xFFFFFFFF, c=channel)
        frame = code >> 1 & (FRAMES - 1)
        if count < 0:
            count = due = frame
        elif frame != (count + i - first) % FRAMES and frame != due:
            slips += 1
        due = (frame + 1) % FRAMES
    if hole >= 0:
        holes.append((hole, len(words) - hole))
    return Heard(len(words), first, count, tuple(holes), slips)


def check_take(take: Path, channels: int, *, holes: bool = False) -> list[Heard]:
    """Every channel goes on from its first sound, all of them in step; returns what was heard."""
    files = _takes.wavs(take)
    check(len(files) == channels, "{n} files", n=len(files))
    all_heard = [heard(path, c) for c, path in enumerate(files)]
    one = all_heard[0]
    for c, other in enumerate(all_heard):
        check(other == one, "channel {c} is {other}, the first is {one}", c=c, other=other, one=one)
    check(one.count >= 0, "nothing was heard")
    check(one.slips == 0, "{n} slips", n=one.slips)
    check(holes or not one.holes, "holes: {h}", h=one.holes)
    return all_heard
