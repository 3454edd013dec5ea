# SPDX-License-Identifier: MIT
"""Compiled files, kept in a private folder under the name of everything that they depend on.

An entry is `KEY-COMPILER.so`: a shared object, then a list of the headers it was made of and their
digests, then a digest of it all. With headers it is `KEY-COMPILER-HEADERS.so`: the C library loads
a path once per process, so other contents need another path. An entry appears by one rename, so
others see all of it or nothing; two processes that make the same one both succeed, and either's
stays. What fails its digest is made anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import pwd
import shutil
import tempfile
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterable

from . import _compiler, _private
from ._errors import CompileWarning, NoCompilerError, NotPrivateError, OpsError

_END = b"asiowire ops 1\n\0"
_TAIL = 32 + len(_END)
_STALE = 86_400  # seconds after which what a killed build has left behind is removed

# Makes the shared object in a folder of its own, and returns it. It tells its last argument the
# headers before it compiles them: one that changes meanwhile makes the entry out of date.
Build = Callable[[_compiler.Compiler, Path, "Callable[[Iterable[str]], None]"], Path]


@dataclass(frozen=True)
class Entry:
    """A file that may be loaded."""

    path: str
    was_there: bool


def folder() -> str:
    """The cache's folder, made if need be, and seen to be nobody else's.

    Errors   NotPrivateError; OpsError when it cannot be made
    """
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):  # so says the XDG specification
        home = os.environ.get("HOME") or pwd.getpwuid(os.geteuid()).pw_dir
        base = os.path.join(home, ".cache")
    path = os.path.join(base, "asiowire", "ops")
    try:
        if not os.path.isdir(path):
            for part in (base, os.path.dirname(path), path):
                os.makedirs(part, 0o700, exist_ok=True)
        _private.check_folder_is_ours_alone(path)
    except NotPrivateError:
        raise
    except OSError as error:
        raise OpsError(
            f"compiled operations have no place: {error}; XDG_CACHE_HOME can name another"
        ) from error
    return path


def obtain(key: str, what: str, build: Build, anew: bool = False) -> Entry:
    """The entry of this key, compiled unless it is there.

    Errors   NoCompilerError when it would have to be compiled and cannot be; CompileError;
             NotPrivateError
    """
    place = folder()
    compiler = _compiler.find()
    if compiler is None:
        return _without_compiler(place, key, what)
    stem = os.path.join(place, f"{key}-{_tag(place, compiler)}")
    path, state = f"{stem}.so", "unloadable"
    if not anew:
        path, state = _best([path])
        if state == "missing":
            path, state = _best(_beginning(place, f"{stem}-"))
    if state == "good":
        return Entry(path, True)
    path = _compile(place, stem, compiler, build)
    if state in ("damaged", "unloadable"):
        warnings.warn(
            f"the cached {what} was {state} and has been compiled anew", CompileWarning, 3
        )
    return Entry(path, False)


def _without_compiler(place: str, key: str, what: str) -> Entry:
    """Whatever some compiler made of it earlier."""
    path, state = _best(_beginning(place, os.path.join(place, f"{key}-")))
    if state == "good":
        return Entry(path, True)
    was = {
        "missing": "it is not in the cache",
        "stale": "a header has changed since it was",
        "damaged": "its cached copy is damaged",
    }
    raise NoCompilerError(
        f"{what} has to be compiled, because {was[state]}, and {_compiler.explain_none()}"
    )


def _beginning(place: str, stem: str) -> list[str]:
    """The entries whose paths begin so, the youngest first."""
    found = [each.path for each in os.scandir(place) if each.path.startswith(stem)]
    return sorted(found, key=lambda each: os.lstat(each).st_mtime_ns, reverse=True)


def _best(paths: Iterable[str]) -> tuple[str, str]:
    """The first good entry; else the first that is there, and what it is."""
    best = ("", "missing")
    for path in paths:
        state = _look(path)
        if state == "good":
            return path, state
        if best[1] == "missing":
            best = (path, state)
    return best


def _tag(place: str, compiler: _compiler.Compiler) -> str:
    """Names the compiler's version, which is asked once for every program file."""
    memo = os.path.join(place, f"version-{_compiler.digest(compiler.identity)[:20]}")
    try:
        with open(memo, encoding="utf-8") as file:
            version = file.read()
    except OSError:
        version = ""
    if not version:
        version = compiler.version()
        handle, name = tempfile.mkstemp(prefix=".version-", dir=place)
        with open(handle, "w", encoding="utf-8") as new:
            new.write(version)
        os.replace(name, memo)
    return _compiler.digest(version, *compiler.command[1:])[:12]


def _compile(place: str, stem: str, compiler: _compiler.Compiler, build: Build) -> str:
    _sweep(place)
    work = Path(tempfile.mkdtemp(prefix=".build-", dir=place))
    try:
        facts: dict[str, str] = {}
        made = build(
            compiler, work, lambda names: facts.update({each: _digest_of(each) for each in names})
        )
        data = made.read_bytes()
        note = json.dumps(facts).encode()
        body = data + note + len(note).to_bytes(8, "little")
        whole = work / "whole"
        with open(whole, "wb", opener=_private_opener) as file:
            file.write(body + hashlib.sha256(body).digest() + _END)
        path = f"{stem}-{_compiler.digest(note)[:8]}.so" if facts else f"{stem}.so"
        os.replace(whole, path)
        return path
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _private_opener(path: str, flags: int) -> int:
    return os.open(path, flags, 0o700)


def _digest_of(name: str) -> str:
    return hashlib.sha256(_private.read_private(name)).hexdigest()


def _look(path: str) -> str:
    """Whether an entry is good, missing, damaged, or older than a header."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return "missing"
    except OSError:
        return "damaged"
    with open(handle, "rb") as file:
        _private.check_status(path, os.fstat(handle))
        data = file.read()
    body, tail = data[:-_TAIL], data[-_TAIL:]
    if tail[32:] != _END or hashlib.sha256(body).digest() != tail[:32]:
        return "damaged"
    size = int.from_bytes(body[-8:], "little")
    facts = json.loads(body[-8 - size : -8])
    for name, known in facts.items():
        try:
            if _digest_of(name) != known:
                return "stale"
        except FileNotFoundError:
            return "stale"
    return "good"


def _sweep(place: str) -> None:
    """Removes what builds that were killed have left."""
    for each in os.scandir(place):
        if each.name.startswith((".build-", ".version-")):
            try:
                if time.time() - each.stat(follow_symlinks=False).st_mtime > _STALE:
                    if each.is_dir(follow_symlinks=False):
                        shutil.rmtree(each.path, ignore_errors=True)
                    else:
                        os.unlink(each.path)
            except OSError:
                continue  # another process was quicker
