# SPDX-License-Identifier: MIT
"""Runs a CMocka program and counts its tests, believing its exit code more than its words."""

import re
from pathlib import Path
from typing import Mapping

from . import processes
from .case import Totals
from .processes import Ended

_RESULT = re.compile(r"^(ok|not ok) \d+ (?:- )?(.*)$")


def run_program(
    program: Path, env: Mapping[str, str], timeout: float = 300, cpu: int | None = None
) -> Totals:
    """Runs one program; what it does not report (a crash, a missing test) is one failure more."""
    title = program.name.removesuffix(".exe")
    if not program.exists():
        print(f"  FAILED: {title}: not built; is it listed in meson.build?", flush=True)
        return Totals(failed=1)
    ended = processes.run(
        [program],
        dict(env) | {"CMOCKA_MESSAGE_OUTPUT": "TAP"},
        timeout,
        cwd=program.parent,
        cpu=cpu,
    )
    totals = _count(title, ended)
    trouble = _unreported(ended, totals)
    if trouble:
        totals.failed += 1
        print(f"  FAILED: {title}: {trouble}", flush=True)
    if totals.failed:
        print(_indent(ended.out + ended.err), flush=True)
    return totals


def _count(title: str, ended: Ended) -> Totals:
    totals = Totals()
    for line in ended.out.splitlines():
        match = _RESULT.match(line)
        if not match:
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


def _indent(text: str) -> str:
    return "\n".join("      | " + line for line in text.strip().splitlines()[-60:])
