# SPDX-License-Identifier: MIT
"""Compiles a C file to a shared object, unless that is in the cache, and prints the object's path.

    python3 -m asiowire.ops.compile FILE.c [FLAG...]

The flags go to the compiler, after the house's own. Messages name FILE.c and its lines. It ends
with 0; with 1 when the file does not compile, cannot be read, or others can write it; with 2 for a
wrong call. The file, what it includes and all folders above must be writable for you and root only.
"""

from __future__ import annotations

import sys
import warnings
from typing import Sequence

from . import _private
from ._build import build_file
from ._errors import CompileError, CompileWarning, OpsError


def shared_object(file: str, flags: Sequence[str] = ()) -> str:
    """The path of the shared object that a C file compiles to; compiled unless it is cached.

    Errors   CompileError, NoCompilerError, NotPrivateError; OSError when it cannot be read
    """
    data = _private.read_private(file)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise CompileError(f"{file}:{line}: this is no UTF-8") from None
    return build_file(file, text, tuple(flags)).path


def main(arguments: Sequence[str]) -> int:
    """The command line."""
    if not arguments or arguments[0].startswith("-"):
        asked = arguments[:1] in (["-h"], ["--help"])
        usage = "usage: python3 -m asiowire.ops.compile FILE.c [FLAG...]"
        print(__doc__.strip() if asked else usage, file=sys.stdout if asked else sys.stderr)
        return 0 if asked else 2
    with warnings.catch_warnings(record=True) as remarks:
        warnings.simplefilter("always", CompileWarning)
        try:
            path = shared_object(arguments[0], arguments[1:])
        except (OpsError, OSError) as error:
            print(f"{arguments[0]}: {error}", file=sys.stderr)
            return 1
    for remark in remarks:
        print(remark.message, file=sys.stderr)
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
