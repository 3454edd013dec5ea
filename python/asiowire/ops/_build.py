# SPDX-License-Identifier: MIT
"""From texts to a loadable file: keys, the compiler's runs, and whose lines errors name."""

from __future__ import annotations

import os
import sys
import warnings
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Callable, Iterable, Sequence

import numpy

from . import _cache, _compiler, _generate
from ._errors import CompileError, CompileWarning

_HERE = os.path.dirname(__file__)
_GENERATORS = (
    "_build.py", "_elements.py", "_generate.py", "_signatures.py", "call.h", "checks.h", "views.h",
)

Note = Callable[[Iterable[str]], None]  # takes the headers, before they are compiled
# Writes the user's C file and says which functions it has; only called where one is compiled.
Write = Callable[[], "tuple[str, Sequence[_generate.Function]]"]


@dataclass(frozen=True)
class Place:
    """Where a text begins: a file of the user's and a line in it."""

    file: str
    line: int

    def directive(self) -> str:
        """For the compiler."""
        return _generate.line_directive(self.line, self.file)


def place_of(text: str, file: str, otherwise: str) -> Place:
    """Finds a text in the Python file that holds it; `otherwise` and line 1 when it is not there
    as it stands, or more than once."""
    try:
        whole = Path(file).read_text(encoding="utf-8") if text.strip() else ""
    except (OSError, UnicodeDecodeError):
        whole = ""
    if whole.count(text) != 1:
        return Place(otherwise, 1)
    return Place(file, whole.count("\n", 0, whole.index(text)) + 1)


@lru_cache(maxsize=None)
def _surroundings() -> str:
    """What every key holds besides the user's texts."""
    # Ours are told apart as make does: to read them takes as long as the rest of a cached load.
    found = [os.stat(f"{_HERE}/{name}") for name in _GENERATORS]
    generators = [(each.st_size, each.st_mtime_ns) for each in found]
    python = repr((sys.implementation.cache_tag, sys.hexversion, sys.maxsize, numpy.__version__))
    return _compiler.digest(python, _compiler.processor(), repr((_compiler.FLAGS, generators)))


def key_of(kind: str, texts: Iterable[str], flags: Sequence[str]) -> str:
    """The name of what comes out of these texts on this processor with this Python."""
    return _compiler.digest(kind, _surroundings(), repr(tuple(flags)), *texts)[:40]


def build_module(key: str, what: str, write: Write, flags: Sequence[str],
                 anew: bool = False) -> _cache.Entry:
    """The Python module of a key, compiled unless it is cached."""
    _compiler.check_flags(flags)

    def build(compiler: _compiler.Compiler, work: Path, note: Note) -> Path:
        code, functions = write()
        user, calls = work / "user.c", work / "calls.c"
        user.write_text(_generate.user_file(code, functions), encoding="utf-8")
        note(_compiler.headers(compiler, user, flags))
        _remark(what, _compiler.compile_object(compiler, user, work / "user.o", flags))
        _compiler.check_complete(compiler, work / "user.o", flags)
        try:
            _generate.calling_file(key[:12], functions, calls)
        except ImportError as error:
            raise CompileError(
                f"compiling needs cffi ({error}); on Debian: apt install python3-cffi"
            ) from error
        _compiler.compile_calls(compiler, calls, work / "calls.o")
        _compiler.link(compiler, [work / "user.o", work / "calls.o"], work / "module.so", flags)
        return work / "module.so"

    return _cache.obtain(key, what, build, anew)


def build_file(file: str, text: str, flags: Sequence[str]) -> _cache.Entry:
    """The shared object of a C file's text; `file` is what errors call it."""
    _compiler.check_flags(flags)
    folder = os.path.dirname(os.path.abspath(file))
    more = [f"-iquote{folder}", *flags]

    def build(compiler: _compiler.Compiler, work: Path, note: Note) -> Path:
        source = work / "user.c"
        source.write_text(_generate.line_directive(1, file) + text, encoding="utf-8")
        note(_compiler.headers(compiler, source, more))
        _remark(file, _compiler.compile_plain(compiler, source, work / "user.so", more))
        return work / "user.so"

    return _cache.obtain(key_of("file", [file, text], more), file, build)


def _remark(what: str, output: str) -> None:
    if output.strip():
        warnings.warn(f"{what}: the compiler remarks:\n{output}", CompileWarning, stacklevel=2)

