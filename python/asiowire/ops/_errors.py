# SPDX-License-Identifier: MIT
"""What can go wrong before a compiled function is there; each with a sentence for its reader."""

from __future__ import annotations


class OpsError(Exception):
    """Everything that asiowire.ops raises of its own."""


class SignatureError(OpsError, ValueError):
    """A declaration that cannot be served: the sentence names the parameter."""


class CompileError(OpsError):
    """The compiler refused; `output` is all that it said."""

    def __init__(self, sentence: str, output: str = "") -> None:
        super().__init__(f"{sentence}\n{output}".rstrip())
        self.output = output


class NoCompilerError(CompileError):
    """Something has to be compiled, and there is nothing to compile it with."""


class NotPrivateError(OpsError, PermissionError):
    """Others could write what would be compiled or loaded."""


class CompileWarning(UserWarning):
    """What the compiler remarked about a source that it took."""
