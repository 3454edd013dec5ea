# SPDX-License-Identifier: MIT
"""Figures of takes on disk: the writer of taps/ beside libsndfile."""

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Callable

ROOT = Path(__file__).resolve().parent.parent
PAIRS = 3
AIM = 1 / 3  # of libsndfile's processor time
NAMES = {"mono": "32 mono files", "poly": "one file of 32 channels"}


def measure(figure: Callable[..., Any]) -> list[Any]:
    """All figures; `figure` makes one of (name, unit, pairs, reference's name)."""
    program = ROOT / "build/native/bench-take_write"
    if not program.exists():
        print("  taps/take-write-*: not measured, libsndfile's headers were missing at build time")
        return []
    (ROOT / "build/bench").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT / "build/bench") as folder:
        words = [program, str(PAIRS), folder]
        ended = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True, timeout=900)
    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    figures = []
    for layout, name in NAMES.items():
        pairs = [(line["ours"], line["libsndfile"]) for line in lines if line["layout"] == layout]
        reference = f"libsndfile, clipping, {name}, headers at the end"
        figures.append(figure(f"taps/take-write-{layout}", "us/s", pairs, reference))
        share = figures[-1].ratio
        print(f"  {figures[-1].name}: {share:.2f} of {reference} (aim: at most {AIM:.2f})")
    return figures
