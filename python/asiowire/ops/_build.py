# SPDX-License-Identifier: MIT
"""From texts to a loadable file: keys, the compiler's runs, and whose lines errors name."""

from __future__ import annotations

import os
import re
import sys
import warnings
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Callable, Iterable, Sequence

import numpy

from . import _cache, _compiler, _generate
from ._errors import CompileError, CompileWarning

_HERE = Path(__file__).parent
_GENERATORS = (
    "_build.py", "_elements.py", "_generate.py", "_signatures.py", "call.h", "checks.h", "views.h",
)

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
    generators = [(_HERE / name).read_bytes() for name in _GENERATORS]
    python = repr((sys.implementation.cache_tag, sys.hexversion, sys.maxsize, numpy.__version__))
    return _compiler.digest(
        python, _compiler.processor(), repr(_compiler.FLAGS), *generators
    )


def key_of(kind: str, texts: Iterable[str], flags: Sequence[str]) -> str:
    """The name of what comes out of these texts on this processor with this Python."""
    return _compiler.digest(kind, _surroundings(), repr(tuple(flags)), *texts)[:40]


def build_module(key: str, what: str, write: Write, flags: Sequence[str],
                 anew: bool = False) -> _cache.Entry:
    """The Python module of a key, compiled unless it is cached."""
    _compiler.check_flags(flags)

    def build(compiler: _compiler.Compiler, work: Path) -> tuple[Path, Iterable[str]]:
        code, functions = write()
        user, calls = work / "user.c", work / "calls.c"
        user.write_text(_generate.user_file(code, functions), encoding="utf-8")
        _remark(what, _compiler.compile_object(
            compiler, user, work / "user.o", flags, work / "user.d"))
        _compiler.check_complete(compiler, work / "user.o", flags)
        headers = _headers(work / "user.d", user)
        try:
            _generate.calling_file(key[:12], functions, calls)
        except ImportError as error:
            raise CompileError(
                f"compiling needs cffi ({error}); on Debian: apt install python3-cffi"
            ) from error
        _compiler.compile_calls(compiler, calls, work / "calls.o")
        _compiler.link(compiler, [work / "user.o", work / "calls.o"], work / "module.so", flags)
        return work / "module.so", headers

    return _cache.obtain(key, what, build, anew)


def build_file(file: str, text: str, flags: Sequence[str]) -> _cache.Entry:
    """The shared object of a C file's text; `file` is what errors call it."""
    _compiler.check_flags(flags)
    folder = os.path.dirname(os.path.abspath(file))
    more = [f"-iquote{folder}", *flags]

    def build(compiler: _compiler.Compiler, work: Path) -> tuple[Path, Iterable[str]]:
        source = work / "user.c"
        source.write_text(_generate.line_directive(1, file) + text, encoding="utf-8")
        _remark(file, _compiler.compile_plain(
            compiler, source, work / "user.so", more, work / "user.d"))
        return work / "user.so", _headers(work / "user.d", source)

    return _cache.obtain(key_of("file", [file, text], more), file, build)


def _remark(what: str, output: str) -> None:
    if output.strip():
        warnings.warn(f"{what}: the compiler remarks:\n{output}", CompileWarning, stacklevel=2)


def _headers(rule: Path, source: Path) -> list[str]:
    """The files besides the source that a make rule of the compiler's names, the system's left out."""
    text = rule.read_text(encoding="utf-8").replace("\\\n", " ").partition(":")[2]
    names = [name.replace("\\ ", " ") for name in re.findall(r"(?:\\ |\S)+", text)]
    return sorted({os.path.abspath(name) for name in names} - {str(source)})
