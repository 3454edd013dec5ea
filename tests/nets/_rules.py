# SPDX-License-Identifier: MIT
"""The house's rules that a program can hold: who may include whom, and what no file may carry.

Every rule takes the root of a tree and returns its findings, one sentence each.
"""

import os
import re
from pathlib import Path
from typing import Iterator

MOST_LINES = 400
SOURCES = {".c", ".cpp", ".h", ".hpp", ".py"}
TEXTS = SOURCES | {".sh", ".build", ".def", ".txt", ".conf", ".in", ".yml", ".toml"}
NAMED_TEXTS = {"Makefile", "run", "meson.build", "meson_options.txt"}
NO_LICENCE_LINE = {"compile_flags.txt", "meson_options.txt"}  # formats without comments

# From which rooms a room may include. Deeper folders come before the rooms they lie in.
MAY_INCLUDE = {
    "core": ("core",),
    "wine/pe": ("wine/pe", "wine/abi.h", "core"),
    "wine/unix": ("wine/unix", "wine/abi.h", "core"),
    "wine/abi.h": ("core",),
    "asio": ("asio", "wine/pe", "wine/abi.h", "core"),
    "pipewire": ("pipewire", "wine/unix", "wine/abi.h", "taps", "core"),
    "taps": ("taps", "core"),
    "hooks": ("hooks", "core"),
    "python": ("python", "taps", "hooks", "core"),
    # The test host speaks to any ASIO driver: of ours it knows the published interface alone.
    "tools/asiohost": ("tools/asiohost", "asio/asio_abi.hpp", "core"),
    "tools": ("tools", "taps", "hooks", "pipewire", "core"),
}
# Headers of others that a room must not know.
FOREIGN = {
    "core": r"pipewire/|spa/|((windows|unistd|pthread)\.h|iostream|cstdio|memory|vector|string)$",
    "wine/abi.h": r"(?!(cstddef|cstdint)$)",
    "wine/pe": r"pipewire/|spa/|pthread\.h|unistd\.h",
    "wine/unix": r"pipewire/|spa/|windows\.h|unknwn\.h",
    "asio": r"pipewire/|spa/|pthread\.h|unistd\.h",
    "pipewire": r"windows\.h|unknwn\.h",
    "tools/asiohost": r"pipewire/|spa/",
}
_INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.MULTILINE)
# Written so that this file does not find itself.
_UNDONE = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
_SPEED = re.compile(r"-ffast-" r"math|-march=" r"native|-mtune=" r"native|-Of" r"ast")
# Compiles on the machine that runs it, and its cache tells processors apart: bound on purpose.
_BOUND = "python/asiowire/ops/_compiler.py"
_PLACE = re.compile(r"(?<![\w.$}])/(?:ho" r"me|ro" r"ot|wo" r"rk|Us" r"ers)/\w")


def texts(root: Path) -> Iterator[Path]:
    """Every text file of ours in a tree: what is built, generated or foreign is left out."""
    for folder, folders, names in os.walk(root):
        left_out = {".git", "build"} if Path(folder) == root else {"__pycache__"}
        folders[:] = sorted(set(folders) - left_out)
        for name in sorted(names):
            if Path(name).suffix in TEXTS or name in NAMED_TEXTS:
                yield Path(folder, name)


def includes(root: Path) -> list[str]:
    """Includes that go up or across."""
    found = []
    for path in texts(root):
        room = _room(path.relative_to(root).as_posix())
        if path.suffix not in SOURCES - {".py"} or room is None:
            continue
        for bracket, named in _INCLUDE.findall(path.read_text()):
            ours = _resolve(root, path, named) if bracket == '"' else None
            if ours is not None and not ours.startswith(MAY_INCLUDE[room]):
                found.append(f"{path.relative_to(root)} includes {named}: not for {room}")
            if ours is None and re.match(FOREIGN.get(room, r"(?!)"), named):
                found.append(f"{path.relative_to(root)} includes <{named}>: foreign to {room}")
            if bracket == '"' and ours is None:
                found.append(f"{path.relative_to(root)} includes {named}: no such file here")
    return found


def licence_lines(root: Path) -> list[str]:
    """Files that do not begin with their licence, after a script's first line."""
    found = []
    for path in texts(root):
        lines = path.read_text().splitlines()[:2]
        first = lines[1:] if lines and lines[0].startswith("#!") else lines
        if path.name in NO_LICENCE_LINE:
            continue
        if not first or not re.fullmatch(r"(//|#|;) SPDX-License-Identifier: MIT", first[0]):
            found.append(f"{path.relative_to(root)} does not begin with its SPDX line")
    return found


def long_files(root: Path) -> list[str]:
    """Sources too long to be read at a sitting."""
    return [
        f"{path.relative_to(root)} has {lines} lines, more than {MOST_LINES}"
        for path in texts(root)
        if path.suffix in SOURCES
        if (lines := len(path.read_text().splitlines())) > MOST_LINES
    ]


def undone(root: Path) -> list[str]:
    """Marks of work that was left for later."""
    return _matches(root, _UNDONE, "leaves work for later")


def speed_flags(root: Path) -> list[str]:
    """Flags that change what numbers mean, or bind a binary to one machine."""
    return [
        finding
        for finding in _matches(root, _SPEED, "uses a flag that is ruled out")
        if not re.search(r": (//|#)", finding)  # a comment may say why not
        if not re.match(_BOUND + r":\d+ .*_NATIVE = ", finding)
    ]


def places(root: Path) -> list[str]:
    """Absolute paths that exist on one machine only."""
    return _matches(root, _PLACE, "names a place of one machine")


def _matches(root: Path, pattern: re.Pattern[str], what: str) -> list[str]:
    return [
        f"{path.relative_to(root)}:{number} {what}: {line.strip()[:80]}"
        for path in texts(root)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if pattern.search(line)
    ]


def _room(path: str) -> str | None:
    """The room a file belongs to; None where anything may be included."""
    rooms = [room for room in MAY_INCLUDE if path == room or path.startswith(room + "/")]
    return max(rooms, key=len, default=None)


def _resolve(root: Path, path: Path, named: str) -> str | None:
    """An include's file within the tree, as the compiler finds it; None when it is not ours."""
    for folder in (path.parent, root):
        if (folder / named).is_file():
            return (folder / named).resolve().relative_to(root.resolve()).as_posix()
    return None
