# SPDX-License-Identifier: MIT
"""Compiles units of the tree with clang 22, whose checks of the audio thread no other compiler has.

The flags come from the compile_commands.json of the three build folders, so that a unit is checked
as it is built; for the Windows half clang borrows mingw's headers.
"""

import functools
import json
import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from rig.case import Skip
from rig.places import NATIVE, ROOT

CLANG = "clang++-22"
ROOMS = ("core", "wine", "asio", "pipewire", "taps", "hooks", "tools")  # all that ships
_MARK = re.compile(r"\bASIOWIRE_RT\b")
_DEFINITION = re.compile(r"^[^\s#/}].*\) (?:const )?ASIOWIRE_RT(?: override)?\n\{\n", re.MULTILINE)


@dataclass(frozen=True)
class Half:
    """One of the three builds."""

    name: str
    mingw: str = ""  # prefix of the mingw compiler whose headers clang borrows

    @property
    def folder(self) -> Path:
        """Its build folder."""
        return NATIVE.parent / self.name if self.mingw else NATIVE


UNIX = Half("native")
WINDOWS_64 = Half("pe64", "x86_64-w64-mingw32")
WINDOWS_32 = Half("pe32", "i686-w64-mingw32")
HALVES = (UNIX, WINDOWS_64, WINDOWS_32)


@dataclass(frozen=True)
class Unit:
    """A source file as one half compiles it."""

    path: Path
    half: Half
    flags: tuple[str, ...]


def need_clang() -> None:
    """Skips the test on a machine without clang 22."""
    if shutil.which(CLANG) is None:
        raise Skip(f"{CLANG} is not installed")


def marked(path: Path) -> bool:
    """Whether a file speaks of the audio thread, by its name or by the annotation."""
    return path.stem.endswith("_rt") or bool(_MARK.search(path.read_text()))


def marked_files(root: Path = ROOT, suffixes: tuple[str, ...] = (".cpp", ".c")) -> set[Path]:
    """Every file that ships and speaks of the audio thread."""
    return {
        path
        for room in ROOMS
        for path in (root / room).rglob("*")
        if path.suffix in suffixes and marked(path)
    }


@functools.cache
def units(half: Half) -> tuple[Unit, ...]:
    """Every unit of a half that speaks of the audio thread, without tests and benchmarks."""
    commands = json.loads((half.folder / "compile_commands.json").read_text())
    found = {}
    for command in commands:
        folder = Path(command["directory"])
        path = (folder / command["file"]).resolve()
        if not path.is_relative_to(ROOT) or path.relative_to(ROOT).parts[0] not in ROOMS:
            continue
        if path.suffix == ".cpp" and marked(path):
            words = shlex.split(command["command"])
            found[path] = Unit(path, half, _kept_flags(words, folder))
    return tuple(found[path] for path in sorted(found))


def check_effects(unit: Unit, source: Path | None = None, dependencies: Path | None = None) -> str:
    """What clang says against a unit, or against `source` compiled in its place; "" is well.

    `dependencies`: a file for make's list of everything the unit includes.
    """
    args = [CLANG, *_target_flags(unit.half), *unit.flags]
    # libstdc++'s and PipeWire's headers are not ours to judge; -w would hide what we look for.
    args += ["-fsyntax-only", "-Wno-everything", "-Werror=function-effects"]
    args += ["-Wno-error=unknown-warning-option", "-fno-color-diagnostics"]
    if dependencies is not None:
        args += ["-MD", "-MF", str(dependencies)]
    args.append(str(source or unit.path))
    ended = subprocess.run(args, capture_output=True, text=True, check=False, timeout=120)
    if ended.returncode == 0:
        return ""
    return ended.stderr.strip() or f"clang ended with {ended.returncode}"


def plant(unit: Unit, fault: str, into: Path, includes: str = "") -> Path:
    """A copy of a unit whose first function of the audio thread begins with a fault."""
    text = unit.path.read_text()
    definition = _DEFINITION.search(text)
    assert definition is not None, f"{unit.path} defines no function of the audio thread"
    text = text[: definition.end()] + f"    {fault}\n" + text[definition.end() :]
    copy = into / unit.path.name
    copy.write_text(includes + text)
    return copy


def unmarked_functions(path: Path) -> list[str]:
    """Functions that a *_rt.cpp defines without the annotation; clang would not look into them."""
    definitions = re.findall(r"^([^\s#/}].*\).*)\n\{$", path.read_text(), re.MULTILINE)
    return [line for line in definitions if not _MARK.search(line)]


def _kept_flags(words: list[str], folder: Path) -> tuple[str, ...]:
    """Include folders, macros and the language of a command line, independent of its folder."""
    kept = []
    for word in words[1:]:
        if match := re.fullmatch(r"(-I|-isystem)(.+)", word):
            kept.append(match[1] + str((folder / match[2]).resolve()))
        elif word.startswith(("-D", "-U", "-std=", "-f", "-pthread")) and "diagnostics" not in word:
            kept.append(word)
    return tuple(kept)


@functools.cache
def _target_flags(half: Half) -> tuple[str, ...]:
    if not half.mingw:
        return ()
    asked = subprocess.run(
        [f"{half.mingw}-g++", "-std=c++23", "-E", "-v", "-x", "c++", "/dev/null"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    listed = re.search(r"^#include <\.\.\.>.*\n((?: .*\n)+)", asked.stderr, re.MULTILINE)
    assert listed is not None, "mingw's g++ lists no include folders"
    folders = [Path(line.strip()).resolve() for line in listed[1].splitlines()]
    # GCC's own headers (…/gcc/TARGET/VERSION/include) do not suit clang, which brings its own.
    folders = [f for f in folders if not (f.parent.parent.parent.name == "gcc")]
    system = [flag for folder in folders for flag in ("-isystem", str(folder))]
    return (f"--target={half.mingw}", "-nostdinc++", "-nostdlibinc", *system)
