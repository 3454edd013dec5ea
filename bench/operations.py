# SPDX-License-Identifier: MIT
"""What operations compiled at run time cost, beside NumPy, cffi's own calls and one another."""

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Callable

ROOT = Path(__file__).resolve().parent.parent
PYTHON = "/usr/bin/python3"
PAIRS = 9
# The figure's suffix, its unit, the keys of ours and the reference, the reference's name, and the
# aim: so many times as fast, or so much at most.
FIGURES = (
    ("call", "us", "call_us", "cffi_us", "cffi's call, from_buffer and the same checks in Python",
     None, 0.3),
    ("fused", "us", "fused_us", "steps_us", "the four operations one by one, 1024 float32", 2.5,
     None),
    ("numpy", "us", "fused_us", "numpy_us", "NumPy with out=, five ufuncs, 1024 float32", 8, None),
    ("load", "ms", "load_ms", "dlopen_ms", "the file's import alone, nothing looked up or checked",
     None, 1.0),
)


def measure(figure: Callable[..., Any]) -> list[Any]:
    """All figures; `figure` makes one of (name, unit, pairs, reference's name)."""
    module = next((ROOT / "build/stage/lib").glob("python3*/*-packages"))
    with tempfile.TemporaryDirectory(prefix="asiowire-bench-") as cache:
        environment = os.environ | {"PYTHONPATH": str(module), "XDG_CACHE_HOME": cache}
        command = [PYTHON, "-B", ROOT / "bench/operation_calls.py"]
        lines = []
        for pair in range(-1, PAIRS):  # the first one compiles
            ended = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True,
                                   timeout=300)
            if ended.returncode == 77:
                print(f"  hooks/ops-*: not measured, {ended.stdout.strip()}")
                return []
            ended.check_returncode()
            if pair >= 0:
                lines.append(json.loads(ended.stdout))
    figures = []
    for suffix, unit, ours, theirs, name, times, most in FIGURES:
        pairs = [(line[ours], line[theirs]) for line in lines]
        figures.append(figure(f"hooks/ops-{suffix}", unit, pairs, name))
        made = figures[-1]
        aim = f"aim: at least {times}" if times else f"aim: at most {most} {unit}"
        times_as_fast = f"{1 / made.ratio:.2f} times as fast as {name}"
        print(f"  {made.name}: {made.ours:.3f} {unit}, {times_as_fast} ({aim})")
    return figures
