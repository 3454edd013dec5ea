# SPDX-License-Identifier: MIT
"""python/audio-writer-*: 32 channels × 1024 frames of float32 into 32 files, beside NumPy and beside
a loop in plain Python that do the same; and with files in memory, where the 32 system calls that all
of them make do not count.

Usage: python_calls.py PAIRS, with audio_writer on PYTHONPATH. Prints one line of JSON per pair, us.
"""

import io
import json
import struct
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Callable

import audio_writer
import numpy as np

FRAMES, CHANNELS = 1024, 32


def by_numpy(audio: Any, files: list[Any]) -> None:
    """All channels in whole-array steps."""
    codes = np.clip(np.rint(audio.T * np.float32(8388607.0)), -8388608, 8388607).astype("<i4")
    packed = np.ascontiguousarray(codes).view(np.uint8).reshape(CHANNELS, FRAMES, 4)[:, :, :3]
    for channel, file in enumerate(files):
        file.write(packed[channel].tobytes())


def by_loop(audio: Any, files: list[Any]) -> None:
    """Sample by sample, as one writes it at first."""
    for frame in range(FRAMES):
        for channel, file in enumerate(files):
            code = round(audio[frame, channel] * 8388607.0)
            file.write(struct.pack("<i", max(-8388608, min(8388607, code)))[:3])


def by_tuned_loop(audio: Any, files: list[Any]) -> None:
    """Sample by sample, NumPy's slow scalars avoided, one write per channel."""
    for channel, file in enumerate(files):
        data = bytearray()
        for sample in audio[:, channel].tolist():
            code = round(sample * 8388607.0)
            data += struct.pack("<i", max(-8388608, min(8388607, code)))[:3]
        file.write(data)


def cost(task: Callable[[], object], calls: int) -> float:
    """The best of some calls, in us."""
    best = 1e9
    for _ in range(calls):
        begin = time.perf_counter()
        task()
        best = min(best, time.perf_counter() - begin)
    return best * 1e6


def main(pairs: int) -> None:
    """Measures in turn."""
    assert audio_writer.implementation == "extension"
    audio = np.random.default_rng(1).uniform(-1, 1, (FRAMES, CHANNELS)).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        files = [stack.enter_context(open(Path(folder, f"{c}"), "wb")) for c in range(CHANNELS)]
        for _ in range(pairs):
            found = {
                "ours": cost(
                    lambda: audio_writer.write_multichannel_24bit(audio, range(CHANNELS), files), 50
                ),
                "numpy": cost(lambda: by_numpy(audio, files), 20),
                "loop": cost(lambda: by_loop(audio, files), 1),
                "tuned_loop": cost(lambda: by_tuned_loop(audio, files), 1),
            }
            memory = [io.BytesIO() for _ in files]
            found["ours_memory"] = cost(
                lambda: audio_writer.write_multichannel_24bit(audio, range(CHANNELS), memory), 50
            )
            found["numpy_memory"] = cost(lambda: by_numpy(audio, memory), 20)
            print(json.dumps(found), flush=True)
            for file in files:
                file.seek(0)


if __name__ == "__main__":
    main(int(sys.argv[1]))
