# SPDX-License-Identifier: MIT
"""The system's C compiler: which one, for which processor, with which flags, and what it says."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shlex
import shutil
import subprocess
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import Sequence

import numpy

from ._errors import CompileError, NoCompilerError

# -march=native: what comes out runs on this kind of processor alone, and that is right here: the
# cache's key holds the processor. Nothing changes what numbers mean: no fused multiply-add unless
# it is written so (every processor gives the same results), and neither of the two liberties
# touches a value: no errno after sqrt, no care for the processor's exception flags.
_NATIVE = "-march=native"
FLAGS = (
    "-O3", _NATIVE, "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math",
    "-fPIC", "-fvisibility=hidden", "-Wall", "-Werror=implicit-function-declaration",
    "-Werror=incompatible-pointer-types", "-Werror=int-conversion", "-Werror=return-type",
)
# Linked with one of these, a library lets denormals vanish in the whole process; NaN is no more.
_RULED_OUT = ("-ffast-" "math", "-Of" "ast", "-funsafe-math-optimizations", "-mdaz-ftz")
_LONGEST = 300  # seconds that a compiler may take

# What /proc/cpuinfo says of a kind of processor, x86 or not; nothing that changes while it runs.
_KIND = {
    "vendor_id", "cpu family", "model", "model name", "stepping", "flags", "Features",
    "CPU implementer", "CPU architecture", "CPU variant", "CPU part", "isa", "cpu",
}


@dataclass(frozen=True)
class Compiler:
    """A compiler that is there: how to call it, and what tells it from others."""

    command: tuple[str, ...]
    identity: str  # changes with the program file, and is known without running it

    def version(self) -> str:
        """What it says of itself; runs it."""
        return _run([*self.command, "--version"], "the compiler does not tell its version", None)


def find() -> Compiler | None:
    """$CC, else cc, gcc or clang, from PATH; None when there is none."""
    said = shlex.split(os.environ.get("CC", ""))
    for command in [said] if said else [["cc"], ["gcc"], ["clang"]]:
        if (path := shutil.which(command[0])) is not None:
            found = os.stat(path)  # of the program itself, behind all links
            facts = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
            return Compiler((path, *command[1:]), repr((path, *command[1:], facts)))
    return None


def explain_none() -> str:
    """Why there is no compiler, for people."""
    said = os.environ.get("CC")
    if said:
        return f"CC is {said!r}, and there is no such program"
    return "there is no C compiler (cc, gcc, clang) in PATH; on Debian: apt install gcc python3-dev"


def processor() -> str:
    """The kind of processor that code is compiled for."""
    try:
        # One read: the file has as much again for every further processor, and is slow to make.
        with open("/proc/cpuinfo", "rb", buffering=0) as file:
            text = file.read(8192).decode(errors="replace")
    except OSError:
        text = ""
    first = text.strip().split("\n\n")[0]
    facts = [line for line in first.splitlines() if line.partition(":")[0].strip() in _KIND]
    return "\n".join([platform.machine(), *facts])


def check_flags(user: Sequence[str]) -> None:
    """Refuses flags that change what numbers are.

    Errors   CompileError
    """
    for flag in user:
        if flag in _RULED_OUT:
            raise CompileError(
                f"{flag} is ruled out: it changes what NaN and denormals are, here or in the whole "
                f"process"
            )


def _own_flags() -> list[str]:
    # Where the processor has no name, the key does not hold it.
    return [flag for flag in FLAGS if flag != _NATIVE or "\n" in processor()]


def _without_libraries(user: Sequence[str]) -> list[str]:
    # clang remarks on what it does not need.
    return [flag for flag in user if not flag.startswith(("-l", "-L", "-Wl,"))]


def headers(compiler: Compiler, source: Path, user: Sequence[str]) -> list[str]:
    """What a C file includes, the system's headers left out."""
    rule = _run(
        [*compiler.command, *_own_flags(), *_without_libraries(user), "-w", "-MM", "-MT", "x",
         str(source)],
        "the source does not compile",
        source.parent,
    )
    text = rule.replace("\\\n", " ").partition("x:")[2]
    names = [name.replace("\\ ", " ") for name in re.findall(r"(?:\\ |\S)+", text)]
    return sorted({os.path.abspath(name) for name in names} - {str(source)})


def compile_plain(compiler: Compiler, source: Path, target: Path, user: Sequence[str]) -> str:
    """A C file to a shared object that misses nothing; returns the compiler's remarks."""
    # Who writes a single file expects its functions to be found; and calls among them stay in it.
    return _run(
        [*compiler.command, *_own_flags(), "-fvisibility=default", "-shared", "-Wl,-z,defs",
         "-Wl,-Bsymbolic", str(source), "-o", str(target), *user, "-lm"],
        "the source does not compile",
        source.parent,
    )


def compile_object(compiler: Compiler, source: Path, target: Path, user: Sequence[str]) -> str:
    """A C file to an object file; returns the compiler's remarks."""
    return _run(
        [*compiler.command, *_own_flags(), *_without_libraries(user), "-c", str(source), "-o",
         str(target)],
        "the source does not compile",
        source.parent,
    )


def compile_calls(compiler: Compiler, source: Path, target: Path) -> None:
    """The calling half, against Python's headers."""
    include = sysconfig.get_path("include")
    if not os.path.exists(os.path.join(include, "Python.h")):
        raise NoCompilerError(
            f"Python's headers are not in {include}; on Debian: apt install python3-dev"
        )
    # cffi's own choice would be the limited interface of Python 3.2, which has no buffers.
    _run(
        [*compiler.command, "-O3", "-fPIC", "-fvisibility=hidden", "-w", "-D_CFFI_NO_LIMITED_API",
         f"-I{include}", f"-I{numpy.get_include()}", "-c", str(source), "-o", str(target)],
        "what makes it callable from Python does not compile",
        source.parent,
    )


def check_complete(compiler: Compiler, item: Path, user: Sequence[str]) -> None:
    """Nothing that the user's code calls is missing: said now, not by the loader."""
    tried = item.with_suffix(".complete.so")
    _run(
        [*compiler.command, "-shared", "-Wl,-z,defs", str(item), "-o", str(tried), *user, "-lm"],
        "something is declared or called that is nowhere defined",
        item.parent,
    )


def link(compiler: Compiler, objects: Sequence[Path], target: Path, user: Sequence[str]) -> None:
    """Objects to a Python module."""
    _run(
        [*compiler.command, "-shared", *map(str, objects), "-o", str(target), *user, "-lm"],
        "it does not link",
        target.parent,
    )


def digest(*parts: str | bytes) -> str:
    """A name for these parts: of other parts, or the same ones cut otherwise, it is another."""
    hashed = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        hashed.update(len(data).to_bytes(8, "little"))
        hashed.update(data)
    return hashed.hexdigest()


def _run(command: Sequence[str], sentence: str, private: Path | None) -> str:
    more = {"LC_ALL": "C"}
    if private is not None:  # the assembler's text lies there for a moment
        more["TMPDIR"] = str(private)
    try:
        ended = subprocess.run(
            command,
            env=os.environ | more,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_LONGEST,
        )
    except OSError as error:
        raise NoCompilerError(f"{command[0]} cannot be run: {error}") from error
    except subprocess.TimeoutExpired:
        raise CompileError(f"{command[0]} took longer than {_LONGEST} s") from None
    output = ended.stdout.decode(errors="replace")
    if ended.returncode != 0:
        how = f"ended with {ended.returncode}" if ended.returncode > 0 else "was killed"
        raise CompileError(sentence, output or f"{command[0]} {how} without a word")
    return output
