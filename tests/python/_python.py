# SPDX-License-Identifier: MIT
"""Runs a test of audio_writer in Debian's own Python, which is what users have: the runner's may be
another one, without NumPy.

    @in_python
    def a_sentence(rig: Rig) -> None: ...  # runs in a process of its own
"""

import functools
import os
import sys
from pathlib import Path
from typing import Any, Callable

from rig import processes
from rig.case import Failure, Rig, Skip
from rig.places import STAGE, clean_environment

PYTHON = "/usr/bin/python3"
_SKIPPED = 77
Test = Callable[[Rig], None]


def inside() -> bool:
    """Whether this is the process that a test runs in."""
    return "AUDIO_WRITER_TEST" in os.environ


def folder() -> Path:
    """Where the staged module is."""
    found = list(STAGE.glob("lib/python3*/*-packages/audio_writer"))
    if len(found) != 1:
        raise Failure(f"audio_writer is not once in {STAGE}: {found}")
    return found[0].parent


def environment(path: Path | None = None) -> dict[str, str]:
    """A child's environment: the staged module in it, no bytecode written beside it."""
    return clean_environment() | {
        "PYTHONPATH": f"{path or folder()}:{Path(__file__).resolve().parents[1]}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "AUDIO_WRITER_TEST": "1",
    }


def in_python(test: Test) -> Test:
    """Marks a test that runs in Debian's Python, with NumPy and every warning an error."""
    if inside():
        return test

    @functools.wraps(test)
    def runs_there(rig: Rig) -> None:
        command = [PYTHON, "-W", "error", __file__, test.__code__.co_filename, test.__name__]
        ended = processes.run(command, environment(), 300)
        lines = (ended.out + ended.err).strip().splitlines() or ["no word"]
        if ended.code == _SKIPPED:
            raise Skip(lines[-1])
        if ended.code != 0:
            raise Failure(f"ended with {ended.code}: " + "\n      | ".join(lines[-12:]))

    return runs_there


def numpy() -> Any:
    """NumPy, in the process that a test runs in."""
    if not inside():
        return None
    try:
        import numpy as module
    except ImportError:
        print("python3-numpy is not installed")
        sys.exit(_SKIPPED)
    return module


def main(path: str, name: str) -> int:
    """Runs one test here."""
    import importlib.util

    spec = importlib.util.spec_from_file_location("tested", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    try:
        getattr(module, name)(None)
    except Skip as skip:
        print(skip)
        return _SKIPPED
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
