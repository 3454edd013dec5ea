# SPDX-License-Identifier: MIT
"""Figures of recording: the audio thread's share, and the whole recorder beside libsndfile."""

import json
import subprocess
from pathlib import Path
from typing import Any, Callable

ROOT = Path(__file__).resolve().parent.parent
PAIRS = 5
SECONDS = 4
REFERENCES = {
    "rt-push-warm": ("ns/cycle", "memcpy of 32 × 64 floats, warm"),
    "rt-push-cold": ("ns/cycle", "memcpy of 32 × 64 floats, cold"),
    "recorder-mono": ("% of a core", "libsndfile, clipping, 32 mono files"),
    "recorder-poly": ("% of a core", "libsndfile, clipping, one file"),
}


def measure(figure: Callable[..., Any]) -> list[Any]:
    """All figures; `figure` makes one of (name, unit, pairs, reference's name)."""
    program = ROOT / "build/native/bench-recorder"
    if not program.exists():
        print("  taps/recorder-*: not measured, libsndfile's headers were missing at build time")
        return []
    words = [str(program), str(PAIRS), str(ROOT / "build/bench"), str(SECONDS)]
    ended = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True, timeout=600)
    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    figures = []
    for name, (unit, reference) in REFERENCES.items():
        pairs = [(line["ours"], line["reference"]) for line in lines if line["figure"] == name]
        figures.append(figure(f"taps/{name}", unit, pairs, reference))
        print(f"  {figures[-1].name}: {figures[-1].ratio:.2f} of {reference}")
    return figures
