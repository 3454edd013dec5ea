# SPDX-License-Identifier: MIT
"""What the Volterra engines cost, beside what others compute the same sum with."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any, Callable

ROOT = Path(__file__).resolve().parent.parent
PAIRS = 11


def measure(figure: Callable[..., Any]) -> list[Any]:
    """Orders 1 to 5, blocks of 512 frames, float32, one thread; in pairs with each reference."""
    modules = next((ROOT / "build/stage").glob("lib/python3*/*-packages/asiowire/volterra"), None)
    native = ROOT / "build/native/bench-volterra"
    scipy = ["/usr/bin/python3", ROOT / "bench/scipy_volterra.py", str(PAIRS)]
    figures = []
    for name, command, there, reference_name in (
        ("zita", [native, str(PAIRS)], native.exists(), "zita-convolver, five inputs, one output"),
        ("scipy", scipy, modules is not None, "SciPy's fftconvolve per power, float32"),
    ):
        if not there:
            why = "what it needs came after the build folder; make clean first"
            print(f"  hooks/volterra-{name} is left out: {why}")
            continue
        path = {"PYTHONPATH": str(modules.parents[1])} if modules else {}
        ended = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=600, env=os.environ | path
        )
        measured = [json.loads(line) for line in ended.stdout.splitlines()]
        apart = max(pair["apart"] for pair in measured)
        if apart > 1e-5:
            what = f"the reference computes something else ({apart})"
            raise RuntimeError(f"hooks/volterra-{name}: {what}")
        for taps in sorted({pair["taps"] for pair in measured}):
            times = [(p["ours_us"], p[f"{name}_us"]) for p in measured if p["taps"] == taps]
            figures.append(figure(f"hooks/volterra-{name}-{taps}", "µs", times, reference_name))
    return figures
