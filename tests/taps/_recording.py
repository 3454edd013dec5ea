# SPDX-License-Identifier: MIT
"""`asiowire record` beside a counter that plays into a sink of the rig."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable, Iterator

sys.path.insert(0, str(Path(__file__).resolve().parent))

import _takes  # noqa: E402
from rig import cmocka, fair, processes  # noqa: E402
from rig.case import Failure, Rig, check  # noqa: E402
from rig.places import NATIVE  # noqa: E402
from rig.processes import Ended  # noqa: E402

PLAYER = NATIVE / "taps-counter_player"


def beside_counter(
    channels: int, sink: str = "sink-32"
) -> Callable[[Callable[[Rig, Path], None]], Callable[[Rig], None]]:
    """A test whose takes, in a folder of its own, are of the counter on a sink's first channels.

    A player that is late costs the sink a cycle, which it plays as silence. A trial is repeated when
    the player counted that, and only then, some times and not silently.
    """

    def around(trial: Callable[[Rig, Path], None]) -> Callable[[Rig], None]:
        def test(rig: Rig) -> None:
            trials = fair.Trials("the player")
            while True:
                with playing(rig, channels, sink) as player, _takes.folder() as where:
                    trials.begin()
                    try:
                        return trial(rig, where)
                    except Failure as wrong:
                        trials.judge(wrong, _late_cycles(player))

        test.__name__, test.__module__ = trial.__name__, trial.__module__
        return test

    return around


@contextlib.contextmanager
def playing(
    rig: Rig, channels: int, sink: str = "sink-32"
) -> Iterator[subprocess.Popen[bytes]]:
    """The counter on a sink's first channels."""
    failed = cmocka.build([PLAYER])
    check(not failed, "{words}", words=failed)
    player = processes.start([PLAYER, "counter", str(channels)], rig.daemon.env(),
                             stdout=subprocess.PIPE, cpu=rig.daemon.cpu)
    try:
        deadline = time.monotonic() + 10
        while len(rig.daemon.ports("counter", "out")) < channels:
            check(time.monotonic() < deadline, "the counter does not play")
            time.sleep(0.05)
        inputs = rig.daemon.ports(sink, "in")
        for ours, theirs in zip(rig.daemon.ports("counter", "out"), inputs):
            rig.daemon.tool("pw-link", f"counter:{ours}", f"{sink}:{theirs}")
        time.sleep(0.3)
        _late_cycles(player)  # those of the beginning
        yield player
    finally:
        processes.end(player)


def _late_cycles(player: subprocess.Popen[bytes]) -> int:
    """Since it was asked last."""
    assert player.stdout is not None
    os.kill(player.pid, signal.SIGUSR1)
    return int(player.stdout.readline())


def recorder(
    rig: Rig, where: Path, *words: str, stdin: bool = False
) -> subprocess.Popen[bytes]:
    _takes.build()
    folder = () if "--dir" in words else ("--dir", where)
    command = [_takes.TOOL, "record", *words, *folder]
    pipe = subprocess.PIPE
    return processes.start(command, rig.daemon.env(), stdin=pipe if stdin else subprocess.DEVNULL,
                           stdout=pipe, stderr=pipe, cpu=rig.daemon.cpu)


def finish(process: subprocess.Popen[bytes], timeout: float = 30) -> Ended:
    return processes.finish(process, timeout)


def only_take(where: Path) -> Path:
    takes = [path for path in where.iterdir() if path.is_dir()]
    check(len(takes) == 1, "{takes}", takes=takes)
    return takes[0]
