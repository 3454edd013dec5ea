# SPDX-License-Identifier: MIT
"""Another program in the same graph, which must not notice what becomes of its neighbours."""

import contextlib
import subprocess
import threading
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


class Follower:
    """How long a client that hears another one stood still, as far as the watch is over."""

    def __init__(self) -> None:
        self.longest = 0.0  # s


@contextlib.contextmanager
def following(daemon: Daemon, name: str) -> Iterator[Follower]:
    """Around something that may hold up those who hear it; `name` is part of its node's name.

    A client that hangs does not stop the cycles of others, as the graph's driver starts them anew;
    but whoever is linked behind it waits for it. So the rig's probe, which sleeps once in each
    cycle, is linked to the first output. Who looks does so every few milliseconds, and does not
    count the time in which the machine did not let it look.
    """
    probe = processes.start([NATIVE / "rig-loop_probe", "1", "600", "0"], daemon.env())
    follower, over = Follower(), threading.Event()

    def look() -> None:
        still, last, seen = 0.0, time.monotonic(), _sleeps(probe.pid)
        while not over.wait(0.004):
            now, count = time.monotonic(), _sleeps(probe.pid)
            still = 0.0 if count != seen else still + min(now - last, 0.02)
            follower.longest = max(follower.longest, still)
            last, seen = now, count

    try:
        node = next(found for found in daemon.nodes() if name in found)
        _link(daemon, node)
        time.sleep(0.1)
        watch = threading.Thread(target=look)
        watch.start()
        try:
            yield follower
        finally:
            over.set()
            watch.join()
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


def _link(daemon: Daemon, node: str) -> None:
    deadline = time.monotonic() + 5
    while not daemon.ports("loop-probe", "in") and time.monotonic() < deadline:
        time.sleep(0.05)
    ours = f"{node}:{daemon.ports(node, 'out')[0]}"
    if (ours, "loop-probe:in_1") not in daemon.links():  # or the driver has made it as it was told once
        daemon.tool("pw-link", ours, "loop-probe:in_1")


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
