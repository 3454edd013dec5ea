# SPDX-License-Identifier: MIT
"""What recording does to a stream: 32 channels are recorded while a host streams 32×32 at 64
frames, and then the same host is recorded and not recorded by turns, because a shared machine is late
anyway. How late differs from turn to turn by ten times, so what the stream missed is also told per
standstill of the machine (bench/standstills.cpp): that hardly differs.

`make bench LONG=1` records for ten minutes in one go and takes longer turns.
"""

import json
import random
import shutil
import sys
import time
from pathlib import Path
from typing import Any, Callable, Mapping, Sequence

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from rig import processes  # noqa: E402
from rig.daemon import Daemon  # noqa: E402
from rig.lengths import LONG  # noqa: E402
from rig.places import NATIVE, clean_environment  # noqa: E402
from rig.prefix import Prefix  # noqa: E402

SECONDS = 600 if LONG else 30  # recorded in one go
TURNS, TURN_SECONDS = (20, 10) if LONG else (12, 3)
TOOL = ROOT / "build/stage/bin/asiowire"
LATENESS = ("gaps", "overruns", "xruns")


def measure(
    figure: Callable[..., Any],
    daemon: Daemon,
    prefix: Prefix,
    block: int,
    device: Mapping[str, str],
) -> list[Any]:
    """Counts in both states, as figures of (name, unit, pairs, reference's name)."""
    folder = ROOT / "build/bench/takes"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    record = {"ASIOWIRE_RECORD_FOLDER": str(folder), "ASIOWIRE_RECORD_OUTPUTS": "none"}
    seconds = SECONDS + 2 * TURNS * (TURN_SECONDS + 4)
    words = ["--driver", "AsioWire", "--block", str(block), "--seconds", str(seconds)]
    host = prefix.start(prefix.host_command(64, words + ["--json"]), dict(device) | record)
    try:
        while not any(driver["alive"] and driver["cycles"] for driver in _drivers(daemon)):
            if host.poll() is not None:
                raise RuntimeError(f"the host ended with {host.returncode}")
            time.sleep(0.1)
        time.sleep(3)
        _tool(daemon, "record", "start", "long")
        time.sleep(SECONDS)
        recording = _drivers(daemon)[0]["recording"]
        _tool(daemon, "record", "stop")
        turns = [_two_turns(daemon, recorded_first=i % 2 == 0) for i in range(TURNS)]
    finally:
        host.terminate()
        prefix.finish(host, 60)
    verdict = _tool(daemon, "take", "verify", str(folder / "long"), good=(0, 1))  # 1: xruns
    print(f"  {recording['frames']} frames of {recording['channels']} channels recorded, "
          f"{recording['gap_frames']} lost, ring at most {recording['ring_highest_permille']} ‰ "
          f"full; {verdict.splitlines()[-1]}")
    shutil.rmtree(folder)
    lost = (recording["gap_frames"], recording["frames"])
    figures = [figure("taps/recording-lost", "frames", [lost], "frames recorded")]
    for name in LATENESS:
        pairs = [(one[name], other[name]) for one, other in turns]
        ours, without = (sum(column) for column in zip(*pairs))
        print(f"  {name} in {TURNS} turns of {TURN_SECONDS} s: {ours} recorded, {without} not")
        reference = f"the same host in turns of {TURN_SECONDS} s, not recorded"
        figures.append(figure(f"taps/recording-{name}", "per turn", pairs, reference))
    _tell_share([one for one, _ in turns], [other for _, other in turns])
    return figures


def _tell_share(recorded: Sequence[dict[str, int]], without: Sequence[dict[str, int]]) -> None:
    """Missed cycles per standstill in both states, and between what their ratio lies."""
    if not all(sum(turn["standstills"] for turn in turns) for turns in (recorded, without)):
        print("  the machine never stood still, so that all that was missed is told above")
        return
    chance = random.Random(1)
    ratios = sorted(
        _share(chance.choices(recorded, k=TURNS)) / (_share(chance.choices(without, k=TURNS)) or 1)
        for _ in range(2000)
    )
    print(f"  gaps per standstill of the machine: {_share(recorded):.3f} recorded, "
          f"{_share(without):.3f} not; ratio, in 95 of 100 draws of turns, "
          f"{ratios[50]:.3f} to {ratios[-51]:.3f}")


def _share(turns: Sequence[dict[str, int]]) -> float:
    return sum(turn["gaps"] for turn in turns) / max(1, sum(turn["standstills"] for turn in turns))


def _two_turns(daemon: Daemon, recorded_first: bool) -> tuple[dict[str, int], dict[str, int]]:
    """A turn recorded and one not recorded."""
    first, second = _turn(daemon, recorded_first), _turn(daemon, not recorded_first)
    return (first, second) if recorded_first else (second, first)


def _turn(daemon: Daemon, recorded: bool) -> dict[str, int]:
    """What the host missed in a turn, and how often the machine stood still."""
    if recorded:
        _tool(daemon, "record", "start", "turn")
        time.sleep(0.3)  # for its beginning, which is another matter
    before = _lateness(daemon)
    watch = [NATIVE / "bench-standstills", str(daemon.cpu), str(TURN_SECONDS)]
    standstills = int(processes.run(watch, clean_environment(), TURN_SECONDS + 30).out)
    after = _lateness(daemon)
    if recorded:
        _tool(daemon, "record", "stop")
    return {name: after[name] - before[name] for name in LATENESS} | {"standstills": standstills}


def _drivers(daemon: Daemon) -> list[dict[str, Any]]:
    told = _tool(daemon, "status", "--json", good=(0, 1))  # 1: there is none yet
    found: list[dict[str, Any]] = json.loads(told)["drivers"]
    return found


def _lateness(daemon: Daemon) -> dict[str, int]:
    driver = _drivers(daemon)[0]
    xruns = driver["xruns"]["ours"]
    return {"gaps": driver["gaps"], "overruns": driver["overruns"], "xruns": xruns}


def _tool(daemon: Daemon, *words: str, good: Sequence[int] = (0,)) -> str:
    ended = processes.run([TOOL, *words], daemon.env(), 300)
    if ended.code not in good:
        raise RuntimeError(f"asiowire {' '.join(words)}: {ended.code}, {ended.out}{ended.err}")
    return ended.out
