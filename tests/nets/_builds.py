# SPDX-License-Identifier: MIT
"""Builds native programs a second time, with clang 22 and a sanitizer, below build/nets/."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Sequence

from rig.case import check
from rig.places import NATIVE, ROOT, Lock

from nets import _clang

_REPORT = re.compile(r"(?:ERROR|WARNING): \w+Sanitizer|runtime error:")
_OURS = re.compile(r"\b(asiowire|engine_test|fake|main)\b")  # in a frame: the tree and its tests
JOBS = min(4, len(os.sched_getaffinity(0)))


def build(name: str, sanitize: Sequence[str], programs: Sequence[str]) -> Path:
    """The folder where these programs of meson.build were built with these flags."""
    _clang.need_clang()
    folder = NATIVE.parent / "nets" / name
    flags = " ".join([*sanitize, "-fno-omit-frame-pointer", "-DASIOWIRE_SANITIZED", "-g1"])
    with Lock(folder.with_suffix(".lock")):
        if not (folder / "build.ninja").exists():
            shutil.rmtree(folder, ignore_errors=True)
            _run(
                ["meson", "setup", str(folder), f"-Dc_args={flags}", f"-Dcpp_args={flags}"]
                + [f"-Dc_link_args={flags}", f"-Dcpp_link_args={flags}", "-Doptimization=1"]
            )
        _run(["ninja", "-C", str(folder), f"-j{JOBS}", *programs])
    return folder


def compile_one(folder: Path, sanitize: Sequence[str], text: str) -> Path:
    """A small program of one source, for planted faults."""
    _clang.need_clang()
    source = folder / "planted.cpp"
    source.write_text(text)
    program = folder / "planted"
    _run([_clang.CLANG, "-std=c++23", "-O1", "-g", *sanitize, str(source), "-o", str(program)])
    return program


def tests_of(suite: str) -> list[str]:
    """The names of a suite's CMocka programs."""
    sources = sorted((ROOT / "tests" / suite).glob("test_*.cpp"))
    return [f"{suite}-{source.stem}" for source in sources]


def with_threads(programs: Sequence[str]) -> list[str]:
    """Those of these programs whose own source begins threads."""
    found = []
    for program in programs:
        suite, _, name = program.partition("-")
        if "thread" in (ROOT / "tests" / suite / f"{name}.cpp").read_text():
            found.append(program)
    return found


def report_in(output: str, folder: Path = NATIVE) -> str:
    """The first sanitizer's report in a program's output, its frames with file and line; or "".

    `folder`: where programs are that the report names without one.
    """
    lines = output.splitlines()
    for number, line in enumerate(lines):
        if "WARNING: ThreadSanitizer: data race" in line and not _is_ours(lines[number + 1 :], folder):
            continue
        if _REPORT.search(line):
            return "\n".join(_readable(frame, folder) for frame in lines[number : number + 24])
    return ""


def _is_ours(report: Sequence[str], folder: Path) -> bool:
    """Whether code of ours made both accesses of a data race.

    PipeWire's library is not built with the sanitizer: what it orders by locks and events of its own
    looks unordered, as a buffer that its main loop clears and our cycle fills.
    """
    accesses: list[list[str]] = [[]]
    for line in report:
        if not line.strip():
            accesses.append([])
        if line.lstrip().startswith("#"):
            accesses[-1].append(_readable(line, folder))
        if len(accesses) > 2:
            break
    return all(any(_OURS.search(line) for line in access) for access in accesses[:2])


def _readable(line: str, folder: Path) -> str:
    # Debian's clang comes without llvm-symbolizer; binutils are there wherever g++ is.
    frame = re.search(r"\(([^()\s]+)\+(0x[0-9a-f]+)\)", line)
    if frame is None or shutil.which("addr2line") is None:
        return line
    asked = subprocess.run(
        ["addr2line", "-Cfpe", folder / frame[1], frame[2]],
        capture_output=True,
        text=True,
        check=False,
    )
    function, _, place = asked.stdout.strip().rpartition(" at ")
    if not function or "??" in place:
        return line
    place = os.path.relpath(os.path.normpath(place), ROOT)
    return f"    {line.split()[0]} {function} at {place}"


def _run(args: Sequence[str]) -> None:
    env = dict(os.environ) | {"CC": "clang-22", "CXX": _clang.CLANG}
    ended = subprocess.run(
        args, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=600
    )
    check(
        ended.returncode == 0,
        "{command} gave {code}: {text}",
        command=" ".join(args[:3]),
        code=ended.returncode,
        text=(ended.stdout + ended.stderr)[-1500:],
    )
