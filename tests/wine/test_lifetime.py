# SPDX-License-Identifier: MIT
"""The daemon dies or stands still at the worst moments: the host ends in time, by its own will.

The host waits 3 s for callbacks that ceased, then stops, disposes and releases; a driver call that
takes 10 s ends it with another code (6).
"""

import contextlib
import os
import random
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from rig import processes
from rig.case import Rig, check, for_hosts
from rig.daemon import Daemon
from rig.fair import summaries
from rig.processes import Ended

REFUSED, CEASED = 4, 5  # exit codes of the host
SECONDS = 9  # from the daemon's end to the host's: its patience, three calls, and Wine's own end


@for_hosts(64, 32)
def a_daemon_that_dies_ends_the_callbacks_and_a_new_one_serves_a_new_host(
    rig: Rig, bits: int
) -> None:
    with Daemon(sinks=(8,), default_sink="sink-8", default_source="sink-8") as daemon:
        _callbacks_cease(rig, bits, daemon, signal.SIGKILL, {})
        daemon.stop()
        daemon.start()
        again = rig.host(bits, _words("--seconds", "0.5", "--loopback"), _reach(daemon), 20)
        check(again.code == 0, "the next host ended with {code}: {out}{err}", **vars(again))


@for_hosts(64, 32)
def a_daemon_that_dies_ends_the_callbacks_of_the_hand_off(rig: Rig, bits: int) -> None:
    with Daemon(sinks=(8,)) as daemon:
        _callbacks_cease(rig, bits, daemon, signal.SIGKILL, {"ASIOWIRE_HAND_OFF": "1"})


@for_hosts(64, 32)
def a_daemon_that_stands_still_does_not_hold_the_host(rig: Rig, bits: int) -> None:
    with Daemon(sinks=(8,)) as daemon:
        try:
            _callbacks_cease(rig, bits, daemon, signal.SIGSTOP, {})
        finally:
            os.kill(daemon.pid, signal.SIGCONT)
        deadline = time.monotonic() + 3
        while _ours(daemon) and time.monotonic() < deadline:
            time.sleep(0.05)
        check(not _ours(daemon), "left in the graph: {nodes}", nodes=_ours(daemon))


@for_hosts(64, 32)
def a_daemon_that_dies_before_start_makes_start_fail_with_a_sentence(rig: Rig, bits: int) -> None:
    with Daemon(sinks=(8,)) as daemon, tempfile.TemporaryDirectory() as folder:
        # A remark about the bad block is the last thing that init does, and a log that is a pipe
        # without a reader holds it there.
        log = Path(folder) / "pipe"
        os.mkfifo(log)
        env = _reach(daemon) | {"ASIOWIRE_LOG": str(log), "ASIOWIRE_BLOCK": "0"}
        host = rig.prefix.start(rig.prefix.host_command(bits, _words("--seconds", "5")), env)
        _wait_for_thread(host, "asiowire-main")
        time.sleep(0.5)
        os.kill(daemon.pid, signal.SIGKILL)
        time.sleep(0.1)
        reader = os.open(log, os.O_RDONLY | os.O_NONBLOCK)
        try:
            ended = rig.prefix.finish(host, SECONDS)
        finally:
            os.close(reader)
    _ended_by_itself(ended)
    check(ended.code == REFUSED, "ended with {code}: {err}", **vars(ended))
    check("start failed with" in ended.err, "start was not refused: {err}", err=ended.err)
    check("the PipeWire daemon went away" in ended.err, "no sentence: {e}", e=ended.err)


@for_hosts(64, 32)
def a_daemon_may_die_at_any_moment_of_opening_and_closing(rig: Rig, bits: int) -> None:
    moments = random.Random(2)  # always the same, so that a failure can be seen again
    for _ in range(5):
        with Daemon(sinks=(8,)) as daemon:
            words = _words("--fault", "rounds", "--rounds", "1000")
            host = rig.prefix.start(rig.prefix.host_command(bits, words), _reach(daemon))
            _wait_for_thread(host, "asiowire-audio")
            time.sleep(moments.uniform(0, 0.3))
            os.kill(daemon.pid, signal.SIGKILL)
            ended = rig.prefix.finish(host, SECONDS)
        _ended_by_itself(ended)
        check(ended.code in (REFUSED, CEASED), "ended with {code}: {err}", **vars(ended))


def _reach(daemon: Daemon) -> dict[str, str]:
    return daemon.reach() | {"ASIOWIRE_PLAYBACK": "sink-8", "ASIOWIRE_CAPTURE": "sink-8"}


def _words(*more: str) -> list[str]:
    return ["--driver", "AsioWire", "--block", "64", *more]


def _callbacks_cease(
    rig: Rig, bits: int, daemon: Daemon, blow: signal.Signals, env: dict[str, str]
) -> None:
    """Runs a host, deals the daemon a blow: the host notices and closes the driver in time."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        env = _reach(daemon) | env | {"ASIOWIRE_LOG": str(log)}
        host = rig.prefix.start(rig.prefix.host_command(bits, _words("--seconds", "30")), env)
        _wait_for_thread(host, "asiowire-audio")
        time.sleep(0.7)
        os.kill(daemon.pid, blow)
        ended = rig.prefix.finish(host, SECONDS)
        _ended_by_itself(ended)
        check(ended.code == CEASED, "ended with {code}: {err}", **vars(ended))
        check("and then no more" in ended.err, "no callbacks: {err}", err=ended.err)
        if blow == signal.SIGKILL:
            check("the PipeWire daemon went away" in ended.err, "not said: {e}", e=ended.err)
        stops = summaries(log)
        check(len(stops) == 1 and stops[0]["blocks"] > 100, "summaries: {s}", s=stops)


def _ended_by_itself(ended: Ended) -> None:
    check(not ended.timed_out, "the host hangs: {err}", err=ended.err[-500:])
    left = [pid for pid in processes.descendants() if _has_driver(pid)]
    check(not left, "processes with the driver are left: {left}", left=left)


def _has_driver(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return "asiowire.so" in Path(f"/proc/{pid}/maps").read_text()
    return False


def _ours(daemon: Daemon) -> list[str]:
    return [name for name in daemon.nodes() if "asiohost" in name]


def _threads(host: subprocess.Popen[bytes]) -> dict[int, str]:
    found = {}
    for name in Path(f"/proc/{host.pid}/task").glob("*/comm"):
        with contextlib.suppress(OSError):  # threads come and go meanwhile
            found[int(name.parent.name)] = name.read_text().strip()
    return found


def _wait_for_thread(host: subprocess.Popen[bytes], wanted: str) -> None:
    deadline = time.monotonic() + 10
    while wanted not in _threads(host).values():
        check(time.monotonic() < deadline, "the host has no thread named {name}", name=wanted)
        time.sleep(0.01)
