# SPDX-License-Identifier: MIT
"""Builds and runs CMocka programs and counts their tests, believing exit codes more than words."""

import os
import re
import shutil
from pathlib import Path
from typing import Mapping, Sequence

from . import processes, stillness
from .case import Totals
from .places import NATIVE, ROOT, Lock
from .processes import Ended

_RESULT = re.compile(r"^(ok|not ok) \d+ (?:- )?(.*)$")


def build(programs: Sequence[Path]) -> dict[Path, str]:
    """Brings programs up to date; returns those that cannot be built, with the compiler's words."""
    if not programs or not shutil.which("ninja"):
        return {}
    with Lock(ROOT / "build/.lock"):  # the Makefile's
        if _ninja(programs).code == 0:
            return {}
        # All that can be built is built now, so that asking one by one takes no time.
        each = {program: _ninja([program]) for program in programs}
    return {program: ended.out + ended.err for program, ended in each.items() if ended.code != 0}


def _ninja(programs: Sequence[Path]) -> Ended:
    names = [program.name for program in programs]
    return processes.run(["ninja", "-C", NATIVE, "-k0", "--quiet", *names], os.environ, 1800)


def run_program(
    program: Path, env: Mapping[str, str], timeout: float = 300, cpu: int | None = None
) -> Totals:
    """Runs one program; what it does not report (a crash, a missing test) is one failure more."""
    title = program.name.removesuffix(".exe")
    if not program.exists():
        print(f"  FAILED: {title}: not there; is it listed in meson.build?", flush=True)
        return Totals(failed=1)
    for tries_left in reversed(range(stillness.TRIES)):
        stillness.begin()
        ended = processes.run(
            [program],
            dict(env) | {"CMOCKA_MESSAGE_OUTPUT": "TAP"},
            timeout,
            cwd=program.parent,
            cpu=cpu,
        )
        if ended.code is None or ended.code <= 0:  # it held, hangs or was ended by a signal
            break
        if not stillness.judged_again(_first_failure(title, ended), tries_left):
            break
    totals = _count(title, ended)
    trouble = _unreported(ended, totals)
    if trouble:
        totals.failed += 1
        print(f"  FAILED: {title}: {trouble}", flush=True)
    if totals.failed:
        print(indent(ended.out + ended.err), flush=True)
    return totals


def _first_failure(title: str, ended: Ended) -> str:
    failed = [line for line in ended.out.splitlines() if line.startswith("not ok ")]
    return f"{title}: {failed[0]}" if failed else f"{title} ended with {ended.code}"


def _count(title: str, ended: Ended) -> Totals:
    totals = Totals()
    facts: list[str] = []  # what the program says of its runs: figures, repetitions
    for line in ended.out.splitlines():
        match = _RESULT.match(line)
        if not match:
            if line.startswith("# ") and not line.endswith("ok - tests"):
                facts.append("  " + line)
            continue
        name = match.group(2).replace("# SKIP", "").strip().replace("_", " ")
        if "# SKIP" in line:
            totals.skipped += 1
            print(f"  SKIPPED: {title}: {name}")
        elif match.group(1) == "ok":
            totals.passed += 1
            print(f"  ok  {title}: {name}")
        else:
            totals.failed += 1
            print(f"  FAILED: {title}: {name}")
    if not totals.failed:  # or all of it is printed
        print("\n".join(facts), end="\n" if facts else "")
    return totals


def _unreported(ended: Ended, totals: Totals) -> str:
    planned = sum(int(plan) for plan in re.findall(r"^1\.\.(\d+)$", ended.out, re.MULTILINE))
    if ended.code is None:
        return "did not end in time and was killed"
    if ended.code < 0:
        return f"was ended by signal {-ended.code}"
    if ended.code > 0 and not totals.failed:
        return f"ended with exit code {ended.code}"
    if totals.passed + totals.failed + totals.skipped < planned and not totals.failed:
        return "ended before its last test"
    return "" if planned else "ran no test"


def indent(text: str) -> str:
    """The end of a program's words, set apart from ours."""
    return "\n".join("      | " + line for line in text.strip().splitlines()[-60:])
