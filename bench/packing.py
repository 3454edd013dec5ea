# SPDX-License-Identifier: MIT
"""Figures of 24-bit packing: the kernels of taps/ and the Python module audio_writer."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any, Callable

ROOT = Path(__file__).resolve().parent.parent
PAIRS = 15
PYTHON = "/usr/bin/python3"
# The reference's key in the program's lines: the figure's suffix, the reference's name, the aim.
KERNEL_REFERENCES = {
    "libsndfile": ("", "libsndfile, clipping, same layout, to nowhere", 1 / 8),
    "scalar": ("-scalar", "plain loop, same layout, as PipeWire's C", 1 / 4),
    "memcpy": ("-memcpy", "memcpy of the input", None),
}
PYTHON_REFERENCES = {  # by figure: our cost, the reference's, its name, the aim
    "numpy": ("ours", "numpy", "NumPy, whole arrays, same files", 1 / 10),
    "numpy-memory": ("ours_memory", "numpy_memory", "NumPy, the same in memory", 1 / 10),
    "loop": ("ours", "loop", "plain Python, sample by sample, same files", 1 / 1000),
    "tuned-loop": ("ours", "tuned_loop", "the same loop, tuned, one write per channel", None),
}


def measure(figure: Callable[..., Any]) -> list[Any]:
    """All figures; `figure` makes one of (name, unit, pairs, reference's name)."""
    figures = []
    program = ROOT / "build/native/bench-pack24"
    if not program.exists():
        print("  taps/pack-*: not measured, libsndfile's headers were missing at build time")
    lines = _lines([program, str(PAIRS)], {}) if program.exists() else []
    for layout in dict.fromkeys(line["layout"] for line in lines):
        of_layout = [line for line in lines if line["layout"] == layout]
        for key, (suffix, name, aim) in KERNEL_REFERENCES.items():
            pairs = [(line["ours"], line[key]) for line in of_layout]
            figures.append(figure(f"taps/pack-{layout}{suffix}", "ns/sample", pairs, name))
            _say(figures[-1], aim)
    module = next((ROOT / "build/stage/lib").glob("python3*/*-packages"))
    lines = _lines([PYTHON, "-B", ROOT / "bench/python_calls.py", str(PAIRS)],
                   {"PYTHONPATH": str(module)})
    for suffix, (ours, theirs, name, aim) in PYTHON_REFERENCES.items():
        pairs = [(line[ours], line[theirs]) for line in lines]
        figures.append(figure(f"python/audio-writer-{suffix}", "us/call", pairs, name))
        _say(figures[-1], aim)
    return figures


def _lines(command: list[Any], more: dict[str, str]) -> list[dict[str, Any]]:
    ended = subprocess.run(
        command, env=os.environ | more, stdout=subprocess.PIPE, text=True, check=True, timeout=300
    )
    return [json.loads(line) for line in ended.stdout.splitlines()]


def _say(figure: Any, aim: float | None) -> None:
    wanted = "" if aim is None else f" (aim: at least {1 / aim:.0f})"
    times = 1 / figure.ratio
    print(f"  {figure.name}: {times:.1f} times as fast as {figure.reference_name}{wanted}")
