# SPDX-License-Identifier: MIT
"""What the audio thread asks of the kernel in one cycle: to sleep, to see why it woke, to go on.

Three system calls and one sleep, and nothing else; counted from outside, on that thread alone, in a
32 x 32 host at block 64.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Iterator

from rig import fair, processes
from rig.case import Rig, Skip, check, for_hosts
from rig.places import clean_environment

from wine._hosts import thread_named

BLOCK = 64
CYCLE = ["epoll_wait", "read", "write"]
LATE = CYCLE[:2]  # after a gap PipeWire wakes us once more for nothing, and we wake nobody
SECONDS = 2.0
_CALL = re.compile(r"^(\w+)\(")


@for_hosts(64, 32)
def a_cycle_is_three_system_calls_and_nothing_else(rig: Rig, bits: int) -> None:
    strace = shutil.which("strace")
    if strace is None:
        raise Skip("there is no strace")
    # Tracing costs some cycles their time; without a good half of them it would prove little.
    enough = SECONDS * fair.RATE / BLOCK / 2
    for tries_left in reversed(range(fair.TRIES)):
        cycles, gaps = _traced(rig, bits, strace)
        late = cycles.count(LATE)
        explained = late <= gaps or gaps == 0
        if len(cycles) > enough and explained or not tries_left:
            break
        print(f"  repeated, as only {len(cycles)} cycles came while it was traced, and {gaps} were "
              f"missed", flush=True)
    check(len(cycles) > enough, "only {n} cycles", n=len(cycles))
    odd = [cycle for cycle in cycles if cycle not in (CYCLE, LATE)]
    check(not odd, "{n} cycles are different, as {first}", n=len(odd), first=odd[:3])
    check(late <= gaps, "{late} cycles woke nobody, but {gaps} were missed", late=late, gaps=gaps)


def _traced(rig: Rig, bits: int, strace: str) -> tuple[list[list[str]], int]:
    """The system calls of each cycle for a while, and how many cycles the graph missed."""
    with tempfile.TemporaryDirectory(prefix="asiowire-trace-") as folder:
        trace = Path(folder) / "trace"
        log = Path(folder) / "log"
        with _running_host(rig, bits, log) as thread:
            command = [strace, "-o", str(trace), "-p", str(thread)]  # no -f: this thread alone
            tracer = processes.start(command, clean_environment(), stderr=subprocess.PIPE)
            time.sleep(SECONDS)
            if tracer.poll() is None:
                os.kill(tracer.pid, signal.SIGINT)
            ended = processes.finish(tracer, 10)
        if "Operation not permitted" in ended.err:
            raise Skip("this system does not let strace attach (ptrace): " + ended.err.strip())
        gaps = sum(summary["gaps"] for summary in fair.summaries(log))
        return _by_cycle(trace.read_text(errors="replace")), gaps


@for_hosts(64, 32)
def a_cycle_is_one_voluntary_switch(rig: Rig, bits: int) -> None:
    def trial(log: Path) -> None:
        with _running_host(rig, bits, log) as thread:
            before, begin = _voluntary_switches(thread), time.monotonic()
            time.sleep(SECONDS)
            after, end = _voluntary_switches(thread), time.monotonic()
        cycles = (end - begin) * fair.RATE / BLOCK
        if abs(after - before - cycles) > cycles / 100 + 1:  # 1: both ends of the window
            raise fair.WrongAudio(f"{after - before} switches in {cycles:.1f} cycles")

    fair.fairly(trial)


@contextlib.contextmanager
def _running_host(rig: Rig, bits: int, log: Path) -> Iterator[int]:
    """A host in the middle of its run; gives its audio thread's id. It must end well."""
    env = {"ASIOWIRE_PLAYBACK": "sink-32", "ASIOWIRE_CAPTURE": "sink-32", "ASIOWIRE_LOG": str(log)}
    command = rig.prefix.host_command(bits, fair.words(BLOCK, SECONDS + 1.5))
    host = rig.prefix.start(command, env)
    thread = thread_named(rig, host, "asiowire-audio")
    try:
        time.sleep(0.5)  # past its start, which maps, warms up and asks for its priority
        yield thread
    finally:
        ended = rig.prefix.finish(host, 30)
    check(ended.code == 0, "the host ended with {code}: {err}", **vars(ended))


def _by_cycle(trace: str) -> list[list[str]]:
    """The calls by name, cycle by cycle, without what attaching and detaching cut."""
    cycles: list[list[str]] = []
    for line in trace.splitlines():
        match = _CALL.match(line)
        if match is None:  # a signal or an end: the driver gives this thread neither
            cycles.append([line])
            continue
        # Newer C libraries sleep in epoll_pwait, which is the same.
        name = re.sub("^epoll_pwait2?$", "epoll_wait", match[1])
        if name == "epoll_wait" or not cycles:
            cycles.append([])
        cycles[-1].append(name)
    return cycles[1:-1]


def _voluntary_switches(thread: int) -> int:
    """How often a thread went to sleep so far."""
    status = Path(f"/proc/{thread}/status").read_text()  # threads have one, unlisted
    return int(status.partition("\nvoluntary_ctxt_switches:")[2].split()[0])
