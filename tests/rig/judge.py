# SPDX-License-Identifier: MIT
"""What the graph is really doing, read with PipeWire's own profiler and not with our words."""

import os
import signal
import statistics
import time

from . import processes
from .daemon import Daemon


def running_quantum(daemon: Daemon, seconds: float = 0.4, rate: int = 48000) -> int:
    """Frames per cycle of the running graph, or 0 when no cycle was seen.

    pw-profiler is the one tool that knows it on every PipeWire: pw-dump has no clock, and pw-top
    cannot write to a file before 0.3.7x. Its fourth column is the driver's period in µs, cut to a
    whole number by the older ones.
    """
    log = daemon.folder / "profile.log"
    log.unlink(missing_ok=True)
    # It leaves plotting scripts in its working folder.
    profiler = processes.start(["pw-profiler", "-o", log], daemon.env(), cwd=daemon.folder)
    time.sleep(seconds)
    if profiler.poll() is None:
        os.kill(profiler.pid, signal.SIGINT)
    processes.finish(profiler, 5)
    lines = log.read_text().splitlines() if log.exists() else []
    fields = [line.split("\t") for line in lines]
    periods = [float(row[3]) for row in fields if len(row) > 3 and _is_period(row[3])]
    return round((statistics.median(periods) + 0.5) * rate / 1e6) if periods else 0


def _is_period(text: str) -> bool:
    try:
        return float(text) > 0
    except ValueError:
        return False
