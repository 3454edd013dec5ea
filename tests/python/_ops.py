# SPDX-License-Identifier: MIT
"""What tests of asiowire.ops share: a cache of their own, and children that compile."""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Callable

from rig.case import Failure, Rig, Skip, check

from python import _python

_SHARED = "OPS_TEST_CACHE"  # of the modules whose tests do not ask where something comes from

if _python.inside():
    os.environ["XDG_CACHE_HOME"] = os.environ[_SHARED]
elif _SHARED not in os.environ:
    os.environ[_SHARED] = tempfile.mkdtemp(prefix="asiowire-ops-")
    atexit.register(shutil.rmtree, os.environ[_SHARED], ignore_errors=True)


def ops() -> Any:
    """asiowire.ops, in the process that a test runs in."""
    if not _python.inside():
        return None
    for module, package in (("cffi", "python3-cffi"), ("numpy", "python3-numpy")):
        try:
            __import__(module)
        except ImportError:
            print(f"{package} is not installed")
            sys.exit(77)
    import asiowire.ops

    return asiowire.ops


def in_ops(test: Callable[[Rig], None]) -> Callable[[Rig], None]:
    """Marks a test that runs in Debian's Python, with the cache that all these share."""
    return _python.in_python(test)


def own_cache() -> Any:
    """A cache of this test's own, as a context: its folder."""
    class Cache(tempfile.TemporaryDirectory):
        def __enter__(self) -> Path:
            path = super().__enter__()
            self.before = os.environ["XDG_CACHE_HOME"]
            os.environ["XDG_CACHE_HOME"] = path
            return Path(path)

        def __exit__(self, *what: Any) -> None:
            os.environ["XDG_CACHE_HOME"] = self.before
            super().__exit__(*what)

    return Cache(prefix="asiowire-ops-own-")


def entries(cache: Path) -> list[Path]:
    """The cached modules."""
    return sorted((cache / "asiowire/ops").glob("*.so"))


def start(code: str, **environment: str) -> "subprocess.Popen[str]":
    """A Python of its own that runs some code."""
    return subprocess.Popen(
        [_python.PYTHON, "-c", code],
        env={key: value for key, value in (os.environ | environment).items() if value != "-"},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )


def run(code: str, **environment: str) -> str:
    """What such a Python prints; it must end well."""
    child = start(code, **environment)
    out, err = child.communicate(timeout=200)
    check(child.returncode == 0, "ended with {code}: {err}", code=child.returncode, err=err[-2000:])
    return out.strip()


def refusal(task: Callable[[], object], kind: type[Exception] = Exception) -> str:
    """The text of the exception that a task must raise."""
    try:
        task()
    except kind as error:
        return f"{type(error).__name__}: {error}"
    raise Failure("it was taken")


def counting_compiler(folder: Path, name: str = "counting-cc") -> tuple[str, Path]:
    """A compiler that notes its runs: its path, and the file of one line per run."""
    runs, program = folder / f"{name}.runs", folder / name
    program.write_text(f'#!/bin/sh\necho "$@" >>{runs}\nexec {compiler()} "$@"\n')
    program.chmod(0o755)
    runs.touch()
    return str(program), runs


def compiler(*names: str) -> str:
    """The first of these compilers that is there, or the system's."""
    for name in names or ("cc",):
        if found := shutil.which(name):
            return found
    raise Skip(f"there is no {' or '.join(names or ('cc',))} here")
