# SPDX-License-Identifier: MIT
"""Operations on audio in C, compiled when they are first imported and kept for the next time.

    from asiowire.ops import Pipeline, axpy, compiled, mul, relu

    axpy(y, 0.5, x)                      # y = 0.5 * x + y, in place, nothing is copied
    strip = Pipeline(mul, relu, axpy)    # one loop
    dsp = compiled("void gain(size_t n, float y[n], float by);", '''...C source...''')

What is checked, what is cached and where: docs/ops.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._errors import (
    CompileError, CompileWarning, NoCompilerError, NotPrivateError, OpsError, SignatureError,
)
from ._module import Module
from ._operations import Operation, Pipeline, compiled, elementwise, ready
from ._ready import READY

__all__ = [
    "CompileError", "CompileWarning", "Module", "NoCompilerError", "NotPrivateError", "Operation",
    "OpsError", "Pipeline", "SignatureError", "add", "axpy", "batch_norm", "compiled",
    "elementwise", "full", "mul", "relu",
]

if TYPE_CHECKING:
    add = axpy = batch_norm = full = mul = relu = ready("")


def __getattr__(name: str) -> Operation:
    # Not at import: whoever compiles only his own needs none of these.
    if name not in READY:
        raise AttributeError(f"asiowire.ops has no {name}")
    globals()[name] = made = ready(name)
    return made
