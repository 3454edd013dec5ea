#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs test suites and ends with the one line that counts: N passed, N failed, N skipped.

With ONLY in the environment, a shell pattern, only the modules and programs of that name run; with
LONG=1 what is a choice otherwise (test_sweep, sanitizers) is whole; after ASIOWIRE_UNTIL (seconds as
of date +%s) no further test or program begins, and each that does not is counted as one skip.
A suite is a folder below tests/: its test_*.cpp are CMocka programs in the native build folder, its
Python files hold tests for rig.case. Usage: run.py all | SUITE...
"""

import fnmatch
import importlib.util
import os
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Iterable

TESTS = Path(__file__).resolve().parent
sys.path.insert(0, str(TESTS))

from rig import case, cmocka, lengths, processes, realtime  # noqa: E402  (the path comes first)
from rig.places import NATIVE, clean_environment  # noqa: E402

# The quick ones first.
ORDER = ["unit", "hooks", "python", "taps", "rig", "door", "engine", "wine", "nets"]
NEEDS_NO_DAEMON = {"unit", "hooks", "door"}


def suites_present() -> list[str]:
    """Every folder with tests in it, known ones in their order."""
    found = [folder.name for folder in TESTS.iterdir() if programs(folder) or modules(folder)]
    return sorted(found, key=lambda name: (ORDER + [name]).index(name))


def programs(suite: Path) -> list[Path]:
    """The CMocka programs a suite should have: one per source, built or not."""
    sources = wanted(suite.glob("test_*.cpp"))
    return [NATIVE / f"{suite.name}-{source.stem}" for source in sources]


def modules(suite: Path) -> list[Path]:
    """The Python files of a suite that hold tests."""
    pattern = "test_*.py" if suite.name == "rig" else "[!_]*.py"
    return wanted(suite.glob(pattern))


def wanted(files: Iterable[Path]) -> list[Path]:
    """Those that ONLY lets pass, sorted."""
    only = os.environ.get("ONLY") or "*"
    return sorted(path for path in files if fnmatch.fnmatch(path.stem, only))


def run_suite(name: str, rig: case.Rig) -> case.Totals:
    """Runs one suite."""
    totals = case.Totals()
    begin = time.monotonic()
    print(f"{name}:", flush=True)
    unbuilt = cmocka.build(programs(TESTS / name))
    for program in programs(TESTS / name):
        if program in unbuilt:
            print(f"  FAILED: {program.name}: does not build\n{cmocka.indent(unbuilt[program])}")
            totals.failed += 1
            continue
        if _is_late(program.name, totals):
            continue
        if name in NEEDS_NO_DAEMON:
            totals.add(cmocka.run_program(program, clean_environment()))
        else:
            totals.add(cmocka.run_program(program, rig.daemon.env(), cpu=rig.daemon.cpu))
    for path in modules(TESTS / name):
        try:
            module = read(name, path)
        except Exception as error:
            print(f"  FAILED: {path.name} cannot be read: {error}", flush=True)
            totals.failed += 1
            continue
        totals.add(case.run_module(module, rig))
    print(f"  {name}: {totals} ({time.monotonic() - begin:.0f} s)", flush=True)
    return totals


def read(suite: str, path: Path) -> ModuleType:
    """One of modules(), ready to run."""
    spec = importlib.util.spec_from_file_location(f"{suite}_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _is_late(name: str, totals: case.Totals) -> bool:
    """Counts a program as skipped when the time that this run may take is over."""
    if lengths.time_is_up():
        case.say("SKIPPED", name, 0, lengths.OVER)
        totals.skipped += 1
        return True
    return False


def main(names: list[str]) -> int:
    """Runs the suites named, prints the totals last, and returns the exit code."""
    present = suites_present()
    suites = present if names in ([], ["all"]) else names
    unknown = [name for name in suites if not (TESTS / name).is_dir()]
    if unknown:
        print(f"no such suite: {', '.join(unknown)}; there are {', '.join(present)}")
        return 2
    processes.guard()
    if remark := realtime.obtain():
        print(remark, flush=True)
    totals = case.Totals()
    for name in suites:
        with case.Rig() as rig:
            totals.add(run_suite(name, rig))
    print(totals, flush=True)
    return 1 if totals.failed or not totals.passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
