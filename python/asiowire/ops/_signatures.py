# SPDX-License-Identifier: MIT
"""Reads C declarations: which parameters are arrays, numbers and sizes, and how they hang together.

    void axpy(size_t n, float y[n], float a, const float x[n]);

`n` is a size, because arrays are said to have that many elements: callers do not give it, it is
taken from the arrays. What is not const is written. The parser is cffi's own, pycparser.
"""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from typing import Any

from ._errors import SignatureError

MOST_PARAMETERS, MOST_DIMS, MOST_SIZES = 32, 4, 8  # as in call.h
GENERIC = "real"

_FLOATS = {"float", "double"}
_SIGNED = {f"int{bits}_t" for bits in (8, 16, 32, 64)} | {"ssize_t", "ptrdiff_t", "intptr_t"}
_UNSIGNED = {f"uint{bits}_t" for bits in (8, 16, 32, 64)} | {"size_t", "uintptr_t"}
_WORDS = {"signed", "unsigned", "short", "int", "long"}
_KNOWN = sorted(_SIGNED | _UNSIGNED | {"bool", GENERIC})
_PRELUDE = "".join(f"typedef int {name};" for name in _KNOWN)


@dataclass(frozen=True)
class Parameter:
    """One parameter of a C function."""

    name: str
    c_type: str  # of an element, when it is an array
    kind: str  # f, i, u, b
    dims: tuple[str, ...] = ()  # names and numbers; none: no array
    written: bool = False
    restricted: bool = False

    @property
    def is_generic(self) -> bool:
        """Whether it is float or double, as the caller's arrays say."""
        return self.c_type == GENERIC

    def flat(self, c_type: str | None = None) -> str:
        """Its declaration as C passes it."""
        const = "const " if self.dims and not self.written else ""
        return f"{const}{c_type or self.c_type} {'*' if self.dims else ''}{self.name}"


@dataclass(frozen=True)
class Signature:
    """A C function as declared."""

    name: str
    result: str  # C type
    result_kind: str  # as of parameters, or v
    parameters: tuple[Parameter, ...]
    sizes: tuple[str, ...]  # names of those parameters that arrays have as dimensions

    @property
    def given(self) -> tuple[Parameter, ...]:
        """What callers give: all but the sizes."""
        return tuple(each for each in self.parameters if each.name not in self.sizes)

    @property
    def arrays(self) -> tuple[Parameter, ...]:
        """Those that are arrays."""
        return tuple(each for each in self.parameters if each.dims)

    @property
    def is_generic(self) -> bool:
        """Whether there is one for float and one for double."""
        return any(each.is_generic for each in self.parameters)

    @property
    def usage(self) -> str:
        """Its arguments in Python."""
        return f"({', '.join(each.name for each in self.given)})"


def parse(text: str, line: int = 1) -> list[Signature]:
    """Every function that a text declares, in its order; the text begins in `line`.

    Errors   SignatureError, with the line
    """
    # Here, where something is compiled: to read it costs more than a cached load.
    pycparser: Any = importlib.import_module("pycparser")

    try:
        clean = _without_comments(text).rstrip()
        clean += "" if clean.endswith(";") else ";"
        tree = pycparser.CParser().parse(f'{_PRELUDE}\n#line {line} ""\n{clean}\n')
    except pycparser.c_parser.ParseError as error:
        raise SignatureError(_place(str(error))) from None
    found = []
    for node in tree.ext[len(_KNOWN) :]:
        if not isinstance(node, pycparser.c_ast.Decl) or not isinstance(
            node.type, pycparser.c_ast.FuncDecl
        ):
            raise SignatureError(f"line {node.coord.line}: only functions are declared here")
        found.append(_signature(node))
    names = [each.name for each in found]
    if not found:
        raise SignatureError("no function is declared")
    for name in names:
        if names.count(name) > 1:
            raise SignatureError(f"{name} is declared twice")
    return found


def _without_comments(text: str) -> str:
    def blank(found: re.Match[str]) -> str:
        return " " + "\n" * found[0].count("\n")

    return re.sub(r"/\*.*?\*/|//[^\n]*", blank, text, flags=re.DOTALL)


def _place(said: str) -> str:
    found = re.match(r":?(\d+):(?:\d+:)? (.*)", said)
    return f"line {found[1]}: no C declaration {found[2]}" if found else f"no C declaration: {said}"


def _signature(node: Any) -> Signature:
    c_ast: Any = importlib.import_module("pycparser.c_ast")

    name, line = node.name, node.coord.line

    def refuse(sentence: str) -> SignatureError:
        return SignatureError(f"line {line}, {name}: {sentence}")

    if not isinstance(node.type.type, c_ast.TypeDecl):
        raise refuse("it returns a pointer; a number or void is served")
    result = " ".join(getattr(node.type.type.type, "names", ["?"]))
    result_kind = "v" if result == "void" else _kind(result)
    if result_kind is None or result == GENERIC:
        raise refuse(f"it returns {result}; a number or void is served")
    nodes = node.type.args.params if node.type.args else []
    if len(nodes) == 1 and _is_void(nodes[0]):
        nodes = []
    parameters = []
    for each in nodes:
        if isinstance(each, c_ast.EllipsisParam):
            raise refuse("... is not served")
        if each.name is None:
            raise refuse("every parameter needs a name")
        parameters.append(_parameter(each, refuse))
    return Signature(name, result, result_kind, *_with_sizes(parameters, refuse))


def _is_void(node: Any) -> bool:
    return getattr(getattr(node.type, "type", None), "names", None) == ["void"]


def _parameter(node: Any, refuse: Any) -> Parameter:
    c_ast: Any = importlib.import_module("pycparser.c_ast")

    at, dims, restricted = node.type, [], False
    while isinstance(at, (c_ast.ArrayDecl, c_ast.PtrDecl)):
        if isinstance(at, c_ast.PtrDecl):
            restricted |= "restrict" in at.quals
            dims.append("*")
        else:
            restricted |= "restrict" in at.dim_quals
            if at.dim is None:
                dims.append("*")
            elif isinstance(at.dim, (c_ast.ID, c_ast.Constant)):
                dims.append(at.dim.name if isinstance(at.dim, c_ast.ID) else at.dim.value)
            else:
                raise refuse(f"a dimension of {node.name} is neither a name nor a number")
        at = at.type
    if dims.count("*") > 1 or (len(dims) > 1 and "*" in dims):
        raise refuse(f"{node.name} must say all its dimensions: {node.name}[rows][columns]")
    if len(dims) > MOST_DIMS:
        raise refuse(f"{node.name} has more than {MOST_DIMS} dimensions")
    words = getattr(getattr(at, "type", None), "names", None)
    c_type = "?" if words is None else " ".join(words)
    kind = _kind(c_type)
    if kind is None:
        raise refuse(
            f"{node.name} is of type {c_type}; numbers and arrays of numbers are served: float, "
            f"double, {GENERIC}, bool and the integers"
        )
    written = bool(dims) and "const" not in at.quals
    return Parameter(node.name, c_type, kind, tuple(dims), written, restricted)


def _kind(c_type: str) -> str | None:
    words = c_type.split()
    if c_type in _FLOATS or c_type == GENERIC:
        return "f"
    if c_type in ("bool", "_Bool"):
        return "b"
    if c_type in _SIGNED or c_type == "signed char":
        return "i"
    if c_type in _UNSIGNED or sorted(words) == ["char", "unsigned"]:
        return "u"
    if words and set(words) <= _WORDS:
        return "u" if "unsigned" in words else "i"
    return None


def _with_sizes(
    parameters: list[Parameter], refuse: Any
) -> tuple[tuple[Parameter, ...], tuple[str, ...]]:
    numbers = {each.name for each in parameters if not each.dims and each.kind in "iu"}
    filled = []
    for each in parameters:
        if each.dims == ("*",):
            if "n" not in numbers:
                raise refuse(
                    f"nothing says how many elements {each.name} has; write {each.name}[count] "
                    f"with a parameter `count`, or name the count n"
                )
            each = Parameter(
                each.name, each.c_type, each.kind, ("n",), each.written, each.restricted
            )
        filled.append(each)
        for dim in each.dims:
            if not dim.isdigit() and dim not in numbers:
                raise refuse(f"{each.name} has {dim} elements, but no integer parameter is {dim}")
            if dim.isdigit() and int(dim) == 0:
                raise refuse(f"{each.name} has a dimension of 0")
    used = {dim for each in filled for dim in each.dims}
    sizes = tuple(each.name for each in parameters if each.name in used)
    if len(sizes) > MOST_SIZES or len(parameters) - len(sizes) > MOST_PARAMETERS:
        raise refuse(f"more than {MOST_PARAMETERS} parameters or {MOST_SIZES} sizes")
    return tuple(filled), sizes
