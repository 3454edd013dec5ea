# SPDX-License-Identifier: MIT
"""Runs of the test host whose audio is judged, and when such a run may be repeated.

A shared machine loses some milliseconds now and then; the graph then runs on without its clients,
or starts the next cycle before those behind them have played, and frames are lost by nobody's
fault. The driver counts every such gap and every cycle that ended after the next one was due, so
only a run with counted lateness is repeated, some times and not silently. Wrong audio without it is
a finding at once. When no run was without lateness the last one's finding stands, unless the machine
itself stood still in every one: then nothing is known, and the test is skipped.
"""

import functools
import json
import math
import re
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Mapping, Sequence, TypeVar

from .case import Failure, Rig, Skip, check
from .processes import Ended
from .stillness import Watch

TRIES = 12
LONGEST = 90  # seconds of trying
STANDSTILL = 0.002  # seconds; a quiet machine oversleeps by less than half of it
RATE = 48000  # of the rig's graph
_FACT = re.compile(r"(\w+)=(\d+)")
_T = TypeVar("_T")


class WrongAudio(Failure):
    """Audio that is not what it must be: the one finding that a late machine may explain."""


@dataclass(frozen=True)
class Run:
    """What a run of the host left: its end, its report, and the driver's own summary of it."""

    ended: Ended
    report: dict[str, Any]
    driver: dict[str, int]


class Trials:
    """Whether a trial that found something wrong is to be repeated.

    `who`: whose lateness is counted; `watch`: tells whether the machine stood still.
    """

    def __init__(self, who: str = "the graph", watch: Watch | None = None) -> None:
        self._who = who
        self._watch = watch or _watch()
        self._end = time.monotonic() + LONGEST
        self._count = 0
        self._machine_stood_still = True

    def begin(self) -> None:
        """A trial begins."""
        self._count += 1
        self._watch.take()

    def judge(self, wrong: Failure, late: int) -> None:
        """What a trial found stands and is raised, or nothing is known (Skip), or it is repeated."""
        self._machine_stood_still &= self._watch.take() >= STANDSTILL
        if late == 0:
            raise wrong
        if self._count == TRIES or time.monotonic() > self._end:
            if not self._machine_stood_still:
                raise wrong
            raise Skip(
                f"not decided: the machine stood still in each of {self._count} trials: {wrong}"
            ) from wrong
        print(f"  repeated, as {self._who} was late ({late}): {wrong}", flush=True)


def fairly(trial: Callable[[Path], _T], watch: Watch | None = None) -> _T:
    """Calls trial(log), where `log` is to be the driver's ASIOWIRE_LOG, until its audio is right.

    What the trial raises is final unless it is WrongAudio and the log counts lateness.
    """
    trials = Trials(watch=watch)
    while True:
        with tempfile.TemporaryDirectory(prefix="asiowire-log-") as folder:
            log = Path(folder) / "driver.log"
            trials.begin()
            try:
                return trial(log)
            except WrongAudio as wrong:
                trials.judge(wrong, sum(lateness(summary) for summary in summaries(log)))


@functools.cache
def _watch() -> Watch:
    return Watch()


def lateness(summary: Mapping[str, int]) -> int:
    """Cycles that the graph missed, and that ended after the next one was due: the machine was late."""
    return summary.get("gaps", 0) + summary.get("overruns", 0)


def summaries(log: Path) -> list[dict[str, int]]:
    """The driver's summary lines, one for every stop: block, quantum, cycles, blocks, gaps, …"""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return [
        {key: int(value) for key, value in _FACT.findall(line)}
        for line in lines
        if "stopped: " in line
    ]


def run_of(ended: Ended, log: Path) -> Run:
    """Takes a host that ran with --json apart; its audio may be wrong, anything else may not."""
    check(not ended.timed_out, "the host did not end in time: {err}", err=ended.err[-500:])
    lines = [line for line in ended.out.splitlines() if line.startswith("{")]
    story = (ended.out + ended.err).strip()[-500:]
    said = log.read_text(errors="replace").strip()[-500:] if log.exists() else "nothing"
    good = ended.code in (0, 1) and bool(lines)
    check(good, "the host ended with {code}: {story}; the driver said: {said}", code=ended.code,
          story=story, said=said)
    stops = summaries(log)
    check(stops, "the driver's log has no summary of the run")
    return Run(ended, json.loads(lines[-1]), stops[-1])


def words(block: int, seconds: float, *more: str) -> list[str]:
    """The test host's words for a run of this block size."""
    return ["--json", "--driver", "AsioWire", "--block", str(block), "--seconds", f"{seconds:g}",
            *more]


def run_host(
    rig: Rig, bits: int | str, args: Sequence[str], env: Mapping[str, str], log: Path
) -> Run:
    """Runs the host to its end; the driver writes to `log`."""
    return run_of(rig.host(bits, args, dict(env) | {"ASIOWIRE_LOG": str(log)}), log)


def loopback(
    rig: Rig,
    bits: int | str,
    block: int,
    *,
    channels: int = 32,
    quantum: int | None = None,
    more: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
    seconds: float = 1.5,
) -> Run:
    """Sends numbered frames through a sink and its monitor, all channels; all must be right.

    The graph runs with `quantum`, or follows the block. `env` takes the place of naming the sink.
    """
    sink = f"sink-{channels}"
    where = {"ASIOWIRE_PLAYBACK": sink, "ASIOWIRE_CAPTURE": sink} if env is None else env

    def trial(log: Path) -> Run:
        run = run_host(rig, bits, words(block, seconds, "--loopback", *more), where, log)
        check_loop(run.report, block, quantum or block, channels)
        return run

    return fairly(trial)


def check_loop(report: Mapping[str, Any], block: int, quantum: int, channels: int) -> None:
    """Bit-exact, complete, and one quantum plus the smallest FIFO around the loop."""
    for fact, wanted in (("in", channels), ("out", channels), ("rate", RATE), ("block", block)):
        check(report[fact] == wanted, f"{fact} is {report[fact]}, not {wanted}")
    check_pace(report, block, quantum)
    for fault in ("lost", "duplicated", "corrupt"):
        _hear(report[fault] == 0, f"{report[fault]} samples {fault}: {dict(report)}")
    trip = quantum + fifo_delay(block, quantum)
    _hear(report["rtt_frames"] == trip, f"round trip {report['rtt_frames']}, not {trip}")


def check_pace(report: Mapping[str, Any], block: int, quantum: int) -> None:
    """As many callbacks as the time and the rate demand; blocks of one cycle come in a bunch."""
    slack = max(2 * math.ceil(quantum / block), report["expected"] // 100, 2)
    _hear(
        report["callbacks"] > 0 and abs(report["callbacks"] - report["expected"]) <= slack,
        f"{report['callbacks']} callbacks, expected were {report['expected']}",
    )


def fifo_delay(block: int, quantum: int) -> int:
    """The smallest constant delay with which blocks fit into cycles; tests/unit tries them all."""
    return block - math.gcd(block, quantum)


def _hear(condition: bool, reason: str) -> None:
    if not condition:
        raise WrongAudio(reason)
