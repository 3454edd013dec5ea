# SPDX-License-Identifier: MIT
"""The daemon dies or stands still at the worst moments: the host is called on at its pace, is heard
again when the daemon is back, and ends when it wants to.

The host would end with code 5 when no callback came for 3 s, and with 6 when a call took 10 s.
"""

import contextlib
import os
import random
import signal
import tempfile
import time
from pathlib import Path
from typing import Iterator

from rig import processes
from rig.case import Rig, check, for_hosts
from rig.daemon import Daemon
from rig.fair import summaries
from rig.processes import Ended
from rig.relay import Relay

from wine._hosts import thread_named

REFUSED, CEASED = 4, 5  # exit codes of the host
SECONDS = 12  # for a host that wants to run for a few


@for_hosts(64, 32)
def a_daemon_that_dies_and_comes_back_leaves_the_host_running(rig: Rig, bits: int) -> None:
    _lives_through_a_restart(rig, bits, {})


@for_hosts(64, 32)
def the_hand_off_lives_through_a_restart(rig: Rig, bits: int) -> None:
    _lives_through_a_restart(rig, bits, {"ASIOWIRE_HAND_OFF": "1"})


@for_hosts(64, 32)
def the_buffered_schedule_lives_through_a_restart(rig: Rig, bits: int) -> None:
    _lives_through_a_restart(rig, bits, {"ASIOWIRE_SCHEDULE": "buffered"})


@for_hosts(64, 32)
def a_daemon_that_stands_still_does_not_hold_the_host(rig: Rig, bits: int) -> None:
    with Daemon(sinks=(8,)) as daemon:
        try:
            with _running(rig, bits, daemon, {}, 2):
                os.kill(daemon.pid, signal.SIGSTOP)
        finally:
            os.kill(daemon.pid, signal.SIGCONT)
        deadline = time.monotonic() + 3
        while _ours(daemon) and time.monotonic() < deadline:
            time.sleep(0.05)
        check(not _ours(daemon), "left in the graph: {nodes}", nodes=_ours(daemon))


@for_hosts(64, 32)
def a_host_that_starts_after_its_daemon_died_is_called_all_the_same(rig: Rig, bits: int) -> None:
    with Daemon(sinks=(8,)) as daemon, tempfile.TemporaryDirectory() as folder:
        # A remark about the bad block is the last thing that init does, and a log that is a pipe
        # without a reader holds it there.
        log = Path(folder) / "pipe"
        os.mkfifo(log)
        env = _reach(daemon) | {"ASIOWIRE_LOG": str(log), "ASIOWIRE_BLOCK": "0"}
        host = rig.prefix.start(rig.prefix.host_command(bits, _words("--seconds", "1")), env)
        thread_named(rig, host, "asiowire-main")
        time.sleep(0.5)
        os.kill(daemon.pid, signal.SIGKILL)
        time.sleep(0.1)
        reader = os.open(log, os.O_RDONLY | os.O_NONBLOCK)
        try:
            ended = rig.prefix.finish(host, SECONDS)
        finally:
            os.close(reader)
    _ended_by_itself(ended)
    check(ended.code == 0, "ended with {code}: {err}", **vars(ended))
    check("the PipeWire daemon went away" in ended.err, "no sentence: {e}", e=ended.err)


@for_hosts(64, 32)
def a_daemon_may_die_at_any_moment_of_opening_and_closing(rig: Rig, bits: int) -> None:
    moments = random.Random(2)  # always the same, so that a failure can be seen again
    for _ in range(5):
        with Daemon(sinks=(8,)) as daemon:
            words = _words("--fault", "rounds", "--rounds", "1000")
            host = rig.prefix.start(rig.prefix.host_command(bits, words), _reach(daemon))
            thread_named(rig, host, "asiowire-audio")
            time.sleep(moments.uniform(0, 0.3))
            os.kill(daemon.pid, signal.SIGKILL)
            ended = rig.prefix.finish(host, SECONDS)
        _ended_by_itself(ended)
        check(ended.code in (REFUSED, CEASED), "ended with {code}: {err}", **vars(ended))


@for_hosts(64, 32)
def a_daemon_that_falls_silent_while_the_driver_opens_is_given_up_once(rig: Rig, bits: int) -> None:
    given_up = []
    with Daemon(sinks=(8,)) as daemon:
        for answers in range(4):  # opening asks so often
            with Relay(daemon.folder / "pipewire-0", answers) as relay:
                reach = _reach(daemon) | {"PIPEWIRE_REMOTE": str(relay.path)}
                ended = rig.host(bits, _words("--seconds", "1"), reach)
                check(relay.silence is not None, "after {n} answers all went on", n=answers)
                given_up.append(relay.silence or 0)
            check(ended.code == REFUSED, "ended with {code}: {err}", **vars(ended))
    print(f"  # given up after {', '.join(f'{silence:.1f}' for silence in given_up)} s")
    check(max(given_up) < 5, "waited {silence:.1f} s", silence=max(given_up))  # each trip has 3


def _reach(daemon: Daemon) -> dict[str, str]:
    return daemon.reach() | {"ASIOWIRE_PLAYBACK": "sink-8", "ASIOWIRE_CAPTURE": "sink-8"}


def _words(*more: str) -> list[str]:
    return ["--driver", "AsioWire", "--block", "64", *more]


def _lives_through_a_restart(rig: Rig, bits: int, env: dict[str, str]) -> None:
    """The daemon is away for half a second, and all links are there again."""
    with Daemon(sinks=(8,)) as daemon:
        with _running(rig, bits, daemon, env, 4) as log:
            os.kill(daemon.pid, signal.SIGKILL)
            time.sleep(0.5)
            daemon.stop()
            daemon.start()
            there = time.monotonic()
            while len(_our_links(daemon)) < 16 and time.monotonic() < there + 2:
                time.sleep(0.02)
            check(len(_our_links(daemon)) == 16, "links: {l}", l=_our_links(daemon))
            print(f"  # links back {time.monotonic() - there:.2f} s after the daemon")
            check("went away" in log.read_text(), "the end was not logged")
            while "is back in the graph" not in log.read_text():
                check(time.monotonic() < there + 2, "the return was not logged")
                time.sleep(0.02)
        again = rig.host(bits, _words("--seconds", "0.5"), _reach(daemon) | env, 20)
        check(again.code == 0, "the next host ended with {code}: {out}{err}", **vars(again))


@contextlib.contextmanager
def _running(
    rig: Rig, bits: int, daemon: Daemon, env: dict[str, str], seconds: float
) -> Iterator[Path]:
    """A host that runs meanwhile, gives its log, and in the end has had all its blocks."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        env = _reach(daemon) | env | {"ASIOWIRE_LOG": str(log)}
        words = _words("--seconds", str(seconds))
        host = rig.prefix.start(rig.prefix.host_command(bits, words), env)
        thread_named(rig, host, "asiowire-audio")
        time.sleep(0.7)
        yield log
        ended = rig.prefix.finish(host, SECONDS)
        _ended_by_itself(ended)
        check(ended.code == 0, "ended with {code}: {err}", **vars(ended))
        stops = summaries(log)
        due = seconds * 48000 / 64
        check(len(stops) == 1 and stops[0]["blocks"] > 0.85 * due, "summaries: {s}", s=stops)


def _our_links(daemon: Daemon) -> list[tuple[str, str]]:
    return [link for link in daemon.links() if "asiohost" in link[0] + link[1]]


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
