# SPDX-License-Identifier: MIT
"""What the hooks' kernels cost, beside what others compute the same with."""

import json
import subprocess
from pathlib import Path
from typing import Any, Callable

ROOT = Path(__file__).resolve().parent.parent
PAIRS = 21


def measure(figure: Callable[..., Any]) -> list[Any]:
    """The log-mel library, in pairs with each of its references, one thread."""
    library = ROOT / "build/stage/lib/libmojo_audio.so"
    pairs = str(PAIRS)
    plain = [ROOT / "build/native/bench-log_mel", pairs]
    scipy = ["/usr/bin/python3", ROOT / "bench/scipy_log_mel.py", library, pairs]
    figures = []
    for name, command, reference_name in (
        ("fftw", plain, "a C loop over FFTW's float32 transform, sparse filters, log10f"),
        ("scipy", scipy, "SciPy float32, librosa's steps, sparse filters"),
    ):
        if not Path(command[0]).exists():
            print(f"  hooks/mel-{name} is left out: FFTW came after the build folder; make clean first")
            continue
        ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
        measured = [json.loads(line) for line in ended.stdout.splitlines()]
        times = [(pair["ours_ms"], pair[f"{name}_ms"]) for pair in measured]
        apart = max(pair["apart"] for pair in measured)
        if apart > 1e-4:
            raise RuntimeError(f"hooks/mel-{name}: the reference computes something else ({apart})")
        figures.append(figure(f"hooks/mel-{name}", "ms", times, reference_name))
    return figures
