# SPDX-License-Identifier: MIT
"""Another program in the same graph, which must not notice what becomes of its neighbours."""

import contextlib
import json
import signal
import subprocess
import time
from pathlib import Path
from typing import Any, Iterator

from . import processes
from .case import check
from .daemon import Daemon
from .places import NATIVE

_CLEAN_WITHIN = 2.0  # s; the daemon learns of a client's end by its socket


@contextlib.contextmanager
def undisturbed(daemon: Daemon, sink: str) -> Iterator[None]:
    """Around something that comes and goes: the graph is as before afterwards, and still runs.

    The rig's own probe listens to the sink meanwhile; it is in the group of all such clients, so
    whoever blocks the graph stops the probe as well. Not for runs whose audio is judged: after a
    pause of the machine the null sinks catch up in a burst, and then PipeWire 0.3.65 lost blocks
    of others in one run of five with the probe beside them, in none without.
    """
    command = [NATIVE / "rig-loop_probe", "1", "600", "0"]
    probe = processes.start(command, daemon.env())
    try:
        _link(daemon, sink)
        with as_before(daemon):
            yield
        pace = _cycles(probe) / 0.2
        check(pace > 48000 / daemon.quantum / 2, "the others stand still: {n} cycles/s", n=pace)
    finally:
        processes.end(probe)


class Neighbour:
    """A client that plays into the last channel of a sink and listens there."""

    def __init__(self, probe: subprocess.Popen[bytes]) -> None:
        self._probe = probe

    def unheard(self) -> float:
        """Seconds of its sound, so far, that did not come back as they were or not in time.

        A client that hangs in its cycle does not stop the cycles of its neighbours, as the graph's
        driver starts them anew; but the sink waits for it, and so nobody is heard.
        """
        assert self._probe.stdout is not None
        self._probe.send_signal(signal.SIGUSR1)
        report = json.loads(self._probe.stdout.readline())
        check(report["compared"] > 0, "the neighbour hears nothing at all: {r}", r=report)
        return report["wrong"] / 48000


@contextlib.contextmanager
def neighbour(daemon: Daemon, sink: str) -> Iterator[Neighbour]:
    """Around something that may hold up the graph, and keeps off the sink's last channel."""
    command = [NATIVE / "rig-loop_probe", "1", "600", "0"]
    probe = processes.start(command, daemon.env(), stdout=subprocess.PIPE)
    try:
        _link(daemon, sink, -1)
        daemon.tool("pw-link", "loop-probe:out_1", f"{sink}:{daemon.ports(sink, 'in')[-1]}")
        time.sleep(0.3)
        yield Neighbour(probe)
    finally:
        processes.end(probe)


@contextlib.contextmanager
def as_before(daemon: Daemon) -> Iterator[None]:
    """Around something that comes and goes: every node, port, link and client is as before."""
    before = _inhabitants(daemon)
    yield
    deadline = time.monotonic() + _CLEAN_WITHIN
    while (now := _inhabitants(daemon)) != before and time.monotonic() < deadline:
        time.sleep(0.05)
    check(
        now == before,
        "the graph is not as it was: {left} too many, {lost} missing",
        left=sorted(now - before),
        lost=sorted(before - now),
    )


def _link(daemon: Daemon, sink: str, channel: int = 0) -> None:
    deadline = time.monotonic() + 5
    while not daemon.ports("loop-probe", "in") and time.monotonic() < deadline:
        time.sleep(0.05)
    daemon.tool("pw-link", f"{sink}:{daemon.ports(sink, 'out')[channel]}", "loop-probe:in_1")


def _inhabitants(daemon: Daemon) -> set[tuple[int, str, str]]:
    """Every node, port, link and client, but the client that asks."""
    found = set()
    for thing in daemon.dump():
        kind = thing["type"].rpartition(":")[2]
        properties: dict[str, Any] = (thing.get("info") or {}).get("props") or {}
        name = str(properties.get("node.name") or properties.get("application.name") or "")
        if kind in ("Node", "Port", "Link", "Client") and name != "pw-dump":
            found.add((thing["id"], kind, name))
    return found


def _cycles(probe: subprocess.Popen[bytes]) -> int:
    """Cycles of the probe within 0.2 s: it sleeps once in each."""
    before = _sleeps(probe.pid)
    time.sleep(0.2)
    return _sleeps(probe.pid) - before


def _sleeps(pid: int) -> int:
    total = 0
    for status in Path(f"/proc/{pid}/task").glob("*/status"):
        for line in status.read_text().splitlines():
            if line.startswith("voluntary_ctxt_switches:"):
                total += int(line.split()[1])
    return total
