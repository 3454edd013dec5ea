# SPDX-License-Identifier: MIT
"""Runs of the misbehaving host: one process per case, in bounded time, judged by its own word."""

import contextlib
import subprocess
import threading
import time
from pathlib import Path
from typing import Callable, Mapping, Sequence

from rig.case import Failure, Rig, check
from rig.processes import Ended

SINK = {"ASIOWIRE_PLAYBACK": "sink-8", "ASIOWIRE_CAPTURE": "sink-8"}
SECONDS = 30  # for one process; the host gives up on a hanging driver call after 10
TYPES = ("float32", "float64", "int16", "int24", "int32")
PATIENCE = 30  # for a start: Wine gives its desktop 10 s, and the host a call of the driver
BUFFERED = {"ASIOWIRE_SCHEDULE": "buffered"}


def words(fault: str, *more: str) -> list[str]:
    """The host's words for a case."""
    return ["--driver", "AsioWire", "--fault", fault, *more]


def survives(
    rig: Rig,
    bits: int | str,
    fault: str,
    *more: str,
    env: Mapping[str, str] | None = None,
    seconds: float = SECONDS,
) -> Ended:
    """Runs a case: the host ends in time and content, and what it did is returned."""
    ended = rig.host(bits, words(fault, *more), SINK | dict(env or {}), seconds)
    content(fault, ended)
    return ended


def content(fault: str, ended: Ended) -> None:
    """The host ended by itself and found nothing wrong."""
    broken = [line for line in ended.err.splitlines() if "BAD" in line]
    story = "; ".join(broken[:4]) or (ended.out + ended.err).strip()[-400:]
    check(not ended.timed_out, "{fault} hangs: {story}", fault=fault, story=story)
    check(
        ended.code == 0,
        "{fault} ended with {code}: {story}",
        fault=fault,
        code=ended.code,
        story=story,
    )


class Talking:
    """A case that says where it is, so that something can be done to the graph just then."""

    def __init__(self, rig: Rig, bits: int | str, args: Sequence[str], env: Mapping[str, str]):
        self._rig = rig
        self._host: subprocess.Popen[bytes] = rig.prefix.start(
            rig.prefix.host_command(bits, args), env
        )
        self._lines: list[str] = []
        self._more = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_for(self, sentence: str, seconds: float = 20) -> float:
        """Waits until the host says it; returns the moment (time.monotonic)."""
        with self._more:
            said = self._more.wait_for(lambda: self._has(sentence) or self._ended(), seconds)
        check(said and self._has(sentence), "never said: {it}: {story}", it=sentence,
              story="; ".join(self._lines[-5:]))
        return time.monotonic()

    def finish(self, seconds: float = SECONDS) -> Ended:
        """Waits for the host's end."""
        late = threading.Timer(seconds, self._host.kill)
        late.start()
        self._reader.join(seconds + 5)
        in_time = late.is_alive()
        late.cancel()
        ended = self._rig.prefix.finish(self._host, 5)
        code = ended.code if in_time else None
        return Ended(code, ended.out, "\n".join(self._lines))

    def kill(self) -> None:
        """Ends the host as the kernel would: nothing of it runs any more."""
        self._host.kill()
        self.finish()

    def _read(self) -> None:
        assert self._host.stderr is not None
        for line in self._host.stderr:
            with self._more:
                self._lines.append(line.decode(errors="replace").rstrip())
                self._more.notify_all()
        with self._more:
            self._more.notify_all()

    def _has(self, sentence: str) -> bool:
        return any(sentence in line for line in self._lines)

    def _ended(self) -> bool:
        return self._host.poll() is not None


def thread_named(rig: Rig, host: subprocess.Popen[bytes], wanted: str) -> int:
    """The id of a host's thread of that name, once there is one.

    A host that has none in time is ended, and the test fails with what it said and did.
    """
    deadline = time.monotonic() + PATIENCE
    while host.poll() is None and time.monotonic() < deadline:
        for thread, name in _threads(host.pid).items():
            if name == wanted:
                return thread
        time.sleep(0.01)
    at_work = [f"{name} {_at(host.pid, thread)}" for thread, name in _threads(host.pid).items()]
    ended = rig.prefix.finish(host, 0.1)
    story = (ended.out + ended.err).strip()[-400:]
    raise Failure(
        f"the host has no thread named {wanted}; it ended with {ended.code}: {story}; "
        f"its threads: {', '.join(at_work) or 'none'}"
    )


def _threads(pid: int) -> dict[int, str]:
    found = {}
    for name in Path(f"/proc/{pid}/task").glob("*/comm"):
        with contextlib.suppress(OSError):  # threads come and go meanwhile
            found[int(name.parent.name)] = name.read_text().strip()
    return found


def _at(pid: int, thread: int) -> str:
    """Where a thread is: its state and the system call that it is in."""
    with contextlib.suppress(OSError):
        task = Path(f"/proc/{pid}/task/{thread}")
        state = (task / "stat").read_text().rpartition(")")[2].split()[0]
        return f"({state}, {(task / 'syscall').read_text().split()[0]})"
    return "(gone)"


def notified(
    rig: Rig, bits: int | str, fault: str, env: Mapping[str, str], blow: Callable[[], None]
) -> Ended:
    """Runs a case that waits for a notification, and gives the graph a reason for one."""
    host = Talking(rig, bits, words(fault), env)
    host.wait_for("ready to be notified")
    blow()
    ended = host.finish()
    content(fault, ended)
    return ended
