# SPDX-License-Identifier: MIT
"""Open, start, stop, close, two hundred times: nothing stays behind, neither here nor there.

The host counts what Windows knows of and pauses after its tenth and its last round; the Unix side,
its own and the daemon's, is counted in the same pauses from outside.
"""

import json
import os
import re
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rig.case import Rig, check, for_hosts

ROUNDS = 200
# glibc's arenas settle for some rounds; one lost page per round would be 760 KiB.
MEMORY_KIB = 512
ON_8 = {"ASIOWIRE_PLAYBACK": "sink-8", "ASIOWIRE_CAPTURE": "sink-8"}


@dataclass(frozen=True)
class Holdings:
    """What the process holds as its kernel sees it."""

    descriptors: int
    threads: int
    memory_kib: int


@for_hosts(64, 32)
def two_hundred_rounds_leave_nothing_behind(rig: Rig, bits: int) -> None:
    _rounds(rig, bits, ROUNDS, ON_8)


@for_hosts(64, 32)
def rounds_with_the_hand_off_leave_nothing_behind(rig: Rig, bits: int) -> None:
    _rounds(rig, bits, ROUNDS // 2, ON_8 | {"ASIOWIRE_HAND_OFF": "1"})


def _rounds(rig: Rig, bits: int, rounds: int, env: dict[str, str]) -> None:
    """A leak grows with the rounds, and what settles does not: memory is judged again by as many rounds
    more, within the same bound."""
    grown = _grown(rig, bits, rounds, env)
    if grown:
        print(f"  repeated with {2 * rounds} rounds: {grown}", flush=True)
        grown = _grown(rig, bits, 2 * rounds, env)
    check(not grown, "{grown}", grown=grown)


def _grown(rig: Rig, bits: int, rounds: int, env: dict[str, str]) -> str:
    """Whose memory grew more than the bound, or nothing; anything else that stays fails at once."""
    args = ["--driver", "AsioWire", "--block", "64", "--fault", "rounds", "--rounds", str(rounds)]
    host = rig.prefix.start(rig.prefix.host_command(bits, args), env)
    assert host.stderr is not None
    too_long = threading.Timer(120, host.kill)
    too_long.start()
    # The host has closed the driver and pauses when it says so.
    seen = [
        (_holdings(host.pid), _holdings(rig.daemon.pid))
        for line in host.stderr
        if b"after round" in line
    ]
    ended = rig.prefix.finish(host, 30)
    too_long.cancel()
    check(ended.code == 0, "the rounds ended with {code}: {out}{err}", **vars(ended))
    check(len(seen) == 2, "the host paused {n} times, not twice", n=len(seen))
    for who, early, late in zip(("the host", "the daemon"), *seen):
        facts = {"who": who, "early": early, "late": late}
        fewer = late.descriptors <= early.descriptors
        check(fewer, "descriptors of {who}: {early} {late}", **facts)
        check(late.threads <= early.threads, "threads of {who}: {early} {late}", **facts)
        if late.memory_kib - early.memory_kib > MEMORY_KIB:
            return f"memory of {who}: {early} {late}"
    _check_windows_side(json.loads(ended.out.splitlines()[-1]), rounds)
    return ""


def _check_windows_side(told: dict[str, Any], rounds: int) -> None:
    check(told["rounds"] == rounds, "these are not {n} rounds: {told}", n=rounds, told=told)
    bounds = {"handles": 0, "threads": 0, "private_bytes": MEMORY_KIB * 1024}
    for kind, bound in bounds.items():
        early, late = told["at_10"][kind], told["at_end"][kind]
        check(0 < late <= early + bound, "{kind} stay: {told}", kind=kind, told=told)


def _holdings(pid: int) -> Holdings:
    process = Path("/proc", str(pid))
    memory = re.search(r"^VmRSS:\s+(\d+) kB", (process / "status").read_text(), re.MULTILINE)
    assert memory is not None
    return Holdings(
        descriptors=len(os.listdir(process / "fd")),
        threads=len(os.listdir(process / "task")),
        memory_kib=int(memory[1]),
    )
