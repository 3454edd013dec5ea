# SPDX-License-Identifier: MIT
"""Tells when the whole machine stood still, as a shared one does, so that what was judged meanwhile
can be judged again.

A thread sleeps two milliseconds at a time and notes by how much it overslept.
"""

import os
import threading
import time

from . import realtime

NAP = 0.002
LONG = 0.020  # seconds; a quiet machine oversleeps by less than a millisecond
TRIES = 3


class Watch:
    """From its making on."""

    def __init__(self) -> None:
        self._worst = 0.0
        threading.Thread(target=self._watch, daemon=True).start()

    def take(self) -> float:
        """The longest standstill since it was asked last, in seconds."""
        worst, self._worst = self._worst, 0.0
        return worst

    def _watch(self) -> None:
        try:  # of this thread alone
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(realtime.WANTED))
        except PermissionError:
            pass  # then it also waits for its turn
        while True:
            due = time.monotonic() + NAP
            time.sleep(NAP)
            self._worst = max(self._worst, time.monotonic() - due)


_watch: Watch | None = None


def watch() -> Watch:
    """The one that judges."""
    global _watch
    if _watch is None:
        _watch = Watch()
    return _watch


def use(other: Watch) -> None:
    """Lets another one judge."""
    global _watch
    _watch = other


def judged_again(name: str, tries_left: int) -> bool:
    """Whether a test that failed is to be run again; says so, with the reason.

    Only when the machine stood still while it ran, which it does not of itself: what fails always
    fails here, too. Call begin() before the test.
    """
    still = watch().take()
    if still < LONG or tries_left == 0:
        return False
    print(f"  repeated, as the machine stood still for {still * 1000:.0f} ms: {name}", flush=True)
    return True


def begin() -> None:
    """A test begins: what was before does not count."""
    watch().take()
