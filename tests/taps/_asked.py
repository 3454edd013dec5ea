# SPDX-License-Identifier: MIT
"""`asiowire x32` as a test sees it: once, or watching."""

import json
import queue
import signal
import subprocess
import threading
import time
from typing import Any

from rig import processes
from rig.case import check
from rig.places import STAGE, clean_environment

ASIOWIRE = STAGE / "bin/asiowire"


def run(*words: str) -> processes.Ended:
    """To its end."""
    ended = processes.run([ASIOWIRE, "x32", *words], clean_environment(), timeout=30)
    check(not ended.timed_out, "asiowire x32 did not end: {err}", err=ended.err[-500:])
    return ended


def report(place: str) -> dict[str, Any]:
    """What a console that answers everything is found to say."""
    ended = run(place, "--json")
    check(ended.code == 0 and ended.err == "", "{code}: {err}", **vars(ended))
    found: dict[str, Any] = json.loads(ended.out)
    return found


class Watch:
    """`asiowire x32 PLACE --json --watch`."""

    def __init__(self, place: str) -> None:
        self._process = processes.start(
            [ASIOWIRE, "x32", place, "--json", "--watch"],
            clean_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self._sentences: queue.Queue[str] = queue.Queue()
        for pipe, into in (
            (self._process.stdout, self._lines),
            (self._process.stderr, self._sentences),
        ):
            threading.Thread(target=_pump, args=(pipe, into), daemon=True).start()
        self.first: dict[str, Any] = self.line(8)

    def line(self, patience: float) -> dict[str, Any]:
        """The next line, which must come in time."""
        try:
            read: dict[str, Any] = json.loads(self._lines.get(timeout=patience))
            return read
        except queue.Empty:
            check(False, "no line within {patience} s", patience=patience)
            raise

    def sentence(self, patience: float) -> str:
        """The next sentence on standard error, which must come in time."""
        try:
            return self._sentences.get(timeout=patience)
        except queue.Empty:
            check(False, "no sentence within {patience} s", patience=patience)
            raise

    def silence(self, seconds: float) -> None:
        """Nothing may be reported."""
        time.sleep(seconds)
        check(self._lines.empty(), "said {line}", line=list(self._lines.queue))

    def __enter__(self) -> "Watch":
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        processes.end(self._process)


def _pump(pipe: Any, into: "queue.Queue[str]") -> None:
    try:
        for line in pipe:
            into.put(line.decode())
    except ValueError:  # closed by the end of the test
        pass
