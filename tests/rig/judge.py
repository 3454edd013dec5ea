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
    cannot write to a file before 0.3.7x. Its fourth column is the driver's period in whole µs.
    """
    log = daemon.folder / "profile.log"
    log.unlink(missing_ok=True)
    # It leaves plotting scripts in its working folder.
    profiler = processes.start(["pw-profiler", "-o", log], daemon.env(), cwd=daemon.folder)
    time.sleep(seconds)
    if profiler.poll() is None:
        os.kill(profiler.pid, signal.SIGINT)
    processes.finish(profiler, 5)
    periods = []
    for line in log.read_text().splitlines() if log.exists() else []:
        fields = line.split("\t")
        if len(fields) > 3 and fields[3].strip().isdigit() and int(fields[3]) > 0:
            periods.append(int(fields[3]))
    return round((statistics.median(periods) + 0.5) * rate / 1e6) if periods else 0
