# SPDX-License-Identifier: MIT
"""Starts processes and ends them: by pid, in their own groups, also when the run is killed."""

import atexit
import ctypes
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO, Mapping, Sequence

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None, use_errno=True)
_running: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True)
class Ended:
    """What a finished process left behind; code is None when it ran out of time and was killed."""

    code: int | None
    out: str
    err: str

    @property
    def timed_out(self) -> bool:
        """True when the process had to be killed."""
        return self.code is None


def start(
    args: Sequence[str | Path],
    env: Mapping[str, str],
    *,
    stdin: int | IO[bytes] | None = subprocess.DEVNULL,
    stdout: int | IO[bytes] | None = subprocess.DEVNULL,
    stderr: int | IO[bytes] | None = subprocess.DEVNULL,
    cwd: Path | None = None,
    death_signal: signal.Signals = signal.SIGKILL,
    cpu: int | None = None,
) -> subprocess.Popen[bytes]:
    """Starts a process in a group of its own, to which the kernel sends death_signal if we die.

    With `cpu` the process and its children stay on that processor (see Daemon.cpu).

    Call it from the main thread only: the death signal follows the thread that forked.
    """

    def prepare() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, death_signal)
        if cpu is not None:
            os.sched_setaffinity(0, {cpu})

    process = subprocess.Popen(
        [str(arg) for arg in args],
        env=dict(env),
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        cwd=cwd,
        start_new_session=True,
        preexec_fn=prepare,
    )
    _running.append(process)
    return process


def run(
    args: Sequence[str | Path],
    env: Mapping[str, str],
    timeout: float,
    cwd: Path | None = None,
    cpu: int | None = None,
) -> Ended:
    """Runs a process to its end, or kills its group when the time (seconds) is over."""
    pipe = subprocess.PIPE
    process = start(args, env, stdout=pipe, stderr=pipe, cwd=cwd, cpu=cpu)
    return finish(process, timeout)


def finish(process: subprocess.Popen[bytes], timeout: float) -> Ended:
    """Waits for a process made with start() and pipes; kills its group when time is over."""
    code: int | None
    try:
        out, err = process.communicate(timeout=timeout)
        code = process.returncode
    except subprocess.TimeoutExpired:
        _signal_group(process, signal.SIGKILL)
        try:  # a grandchild outside the group may still hold the pipe: do not wait for it
            out, err = process.communicate(timeout=2)
        except subprocess.TimeoutExpired as late:
            out, err = late.stdout or b"", late.stderr or b""
        code = None
    forget(process)
    return Ended(code, _text(out), _text(err))


def _text(data: bytes | None) -> str:
    return (data or b"").decode(errors="replace")


def end(process: subprocess.Popen[bytes], patience: float = 2.0) -> None:
    """Ends a process and its group: SIGTERM first, SIGKILL when the patience (seconds) is over."""
    if process.poll() is None:
        _signal_group(process, signal.SIGTERM)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            pass
    _signal_group(process, signal.SIGKILL)
    process.wait()
    forget(process)


def forget(process: subprocess.Popen[bytes]) -> None:
    """Drops a process that has ended from the list of those to end."""
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()
    if process in _running:
        _running.remove(process)


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    # The group id stays ours until its leader is reaped; after that only an orphan of the group
    # keeps it from being given to somebody else, so look before the shot.
    if process.returncode is not None and not _group_members(process.pid):
        return
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        pass


def _group_members(group: int) -> list[int]:
    return [pid for pid, stat in _all_processes() if int(stat[2]) == group]


def _all_processes() -> list[tuple[int, list[str]]]:
    """Every process as (pid, fields of /proc/PID/stat from the state on)."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            text = Path("/proc", entry, "stat").read_text()
        except OSError:
            continue
        found.append((int(entry), text.rpartition(")")[2].split()))
    return found


def descendants() -> list[int]:
    """Our living descendants; orphans among them count, because we adopt them."""
    parents = {pid: int(stat[1]) for pid, stat in _all_processes() if stat[0] != "Z"}
    family = {os.getpid()}
    grown = True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in family} - family
        grown = bool(more)
        family |= more
    return sorted(family - {os.getpid()})


def end_all() -> None:
    """Ends everything that was started and is not ended yet, daemonised grandchildren included."""
    for process in list(reversed(_running)):
        end(process, patience=0.5)
    deadline = time.monotonic() + 5
    while (left := descendants()) and time.monotonic() < deadline:
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.02)
    _reap_orphans()


def _reap_orphans() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _leave(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)  # runs the context managers and atexit on the way


def guard() -> None:
    """Call once at the start of a program that uses the rig.

    Orphans of our children (Wine's services, its server) become our children, so that they can be
    found and ended by pid; the usual signals end the program through its clean-up.
    """
    _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    atexit.register(end_all)
