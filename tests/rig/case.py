# SPDX-License-Identifier: MIT
"""A small runner for tests in Python: a test is a function named as a sentence that takes `rig`.

    def stop_inside_buffer_switch_does_not_deadlock(rig: Rig) -> None:
        report = rig.host_report(64, ["--stop-inside"])
        check(report["lost"] == 0, "lost {lost} samples", **report)

    @for_hosts(64, 32)
    def the_driver_survives_exit_thread(rig: Rig, bits: int) -> None: ...
"""

import inspect
import json
import shutil
import sys
import time
import traceback
from dataclasses import dataclass
from types import ModuleType, TracebackType
from typing import Any, Callable, Mapping, Sequence

from . import lengths, stillness
from .daemon import Daemon
from .prefix import Prefix
from .processes import Ended


class Failure(Exception):
    """A test's finding: its text is the reason that is printed."""


class Skip(Exception):
    """A test that cannot be run here: its text says what is missing."""


@dataclass
class Totals:
    """What is counted."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def add(self, other: "Totals") -> None:
        """Takes the counts of another part over."""
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def check(condition: object, reason: str, **facts: object) -> None:
    """Fails the test with a reason, a format string for the facts, unless the condition holds."""
    if not condition:
        raise Failure(reason.format(**facts) if facts else reason)


def for_hosts(*bits: int | str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Runs a test once per kind of test host (64, 32, "winelib"), given as its second argument."""

    def mark(test: Callable[..., None]) -> Callable[..., None]:
        setattr(test, "hosts", bits)
        return test

    return mark


class Rig:
    """What tests get: a daemon and a registered prefix, made at their first use, shared after."""

    def __init__(self) -> None:
        self._daemon: Daemon | None = None
        self._prefix: Prefix | None = None

    def __enter__(self) -> "Rig":
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def daemon(self) -> Daemon:
        """The shared PipeWire: sinks of 2, 8 and 32 channels, 48 kHz, quantum 256."""
        if self._daemon is None:
            self._daemon = Daemon().__enter__()
        return self._daemon

    @property
    def prefix(self) -> Prefix:
        """The shared Wine prefix, the driver registered in it, its programs using rig.daemon."""
        if self._prefix is None:
            self._prefix = Prefix(self.daemon.env(), cpu=self.daemon.cpu).__enter__()
            registered = self._prefix.register()
            check(
                registered.code == 0,
                "asiowire register gave {code}: {out}{err}",
                **vars(registered),
            )
        return self._prefix

    def host(
        self,
        bits: int | str,
        args: Sequence[str],
        env: Mapping[str, str] | None = None,
        timeout: float = 60,
    ) -> Ended:
        """Runs the test host; skips the test where this Wine cannot run such a program."""
        if not self.prefix.supports(bits):
            raise Skip(f"this Wine runs no {bits}-bit programs")
        return self.prefix.run_host(bits, args, env, timeout)

    def host_report(
        self,
        bits: int | str,
        args: Sequence[str],
        env: Mapping[str, str] | None = None,
        timeout: float = 60,
    ) -> dict[str, Any]:
        """Runs the test host with --json and returns its report; fails unless it ended well."""
        return report_of(self.host(bits, ["--json", "--driver", "AsioWire", *args], env, timeout))

    def forget_links(self) -> None:
        """What the driver keeps of links made by hand is of one test alone."""
        if self._daemon is not None:
            shutil.rmtree(self._daemon.folder / "state", ignore_errors=True)

    def close(self) -> None:
        """Ends what was made."""
        if self._prefix is not None:
            self._prefix.close()
            self._prefix = None
        if self._daemon is not None:
            self._daemon.close()
            self._daemon = None


def report_of(ended: Ended) -> dict[str, Any]:
    """The JSON line of a test host that ended well."""
    check(not ended.timed_out, "the host did not end in time: {err}", err=ended.err[-500:])
    lines = [line for line in ended.out.splitlines() if line.startswith("{")]
    story = (ended.out + ended.err).strip()[-500:]
    check(ended.code == 0, "the host ended with {code}: {story}", code=ended.code, story=story)
    check(lines, "the host printed no JSON line: {story}", story=story)
    return json.loads(lines[-1])


def run_module(module: ModuleType, rig: Rig) -> Totals:
    """Runs the tests of a module in the order they are written."""
    totals = Totals()
    for test in _tests_of(module):
        rig.forget_links()
        hosts = getattr(test, "hosts", None)
        if hosts is None:
            totals.add(_run_one(test.__name__, lambda: test(rig)))
            continue
        for bits in hosts:
            rig.forget_links()
            totals.add(_run_one(f"{test.__name__} [{bits}]", lambda: _on_host(test, rig, bits)))
    return totals


def say(verdict: str, name: str, seconds: float, reason: str = "") -> None:
    """Prints one test's line."""
    sentence = name.replace("_", " ")
    print(f"  {verdict}  {sentence}  ({seconds:.1f} s)" if not reason else
          f"  {verdict}: {sentence}: {reason}", flush=True)


def _tests_of(module: ModuleType) -> list[Callable[..., None]]:
    functions = [
        thing
        for name, thing in vars(module).items()
        if inspect.isfunction(thing)
        and thing.__module__ == module.__name__
        and not name.startswith("_")
        and next(iter(inspect.signature(thing).parameters), "") == "rig"
    ]
    return sorted(functions, key=lambda function: function.__code__.co_firstlineno)


def _on_host(test: Callable[..., None], rig: Rig, bits: int | str) -> None:
    if not rig.prefix.supports(bits):
        raise Skip(f"this Wine runs no {bits}-bit programs")
    test(rig, bits)


def run_until_judged(name: str, test: Callable[[], None]) -> None:
    """Runs a test, and again when it failed while the whole machine stood still."""
    for tries_left in reversed(range(stillness.TRIES)):
        stillness.begin()
        try:
            return test()
        except Failure as failure:
            if not stillness.judged_again(f"{name}: {failure}", tries_left):
                raise


def _run_one(name: str, test: Callable[[], None]) -> Totals:
    begin = time.monotonic()
    try:
        if lengths.time_is_up():
            raise Skip(lengths.OVER)
        run_until_judged(name, test)
    except Skip as skipped:
        say("SKIPPED", name, 0, str(skipped))
        return Totals(skipped=1)
    except Failure as failure:
        say("FAILED", name, 0, str(failure))
        return Totals(failed=1)
    except Exception as error:  # a broken test is a failed one, and the others still run
        say("FAILED", name, 0, f"{type(error).__name__}: {error}")
        traceback.print_exc(file=sys.stdout)
        return Totals(failed=1)
    say("ok", name, time.monotonic() - begin)
    return Totals(passed=1)
