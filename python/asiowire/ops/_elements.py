# SPDX-License-Identifier: MIT
"""Operations on one element, and the C loops that apply one or several of them to whole arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Sequence

from ._errors import SignatureError
from ._signatures import GENERIC, Parameter, Signature, parse

# Why not plain C: the loop's arrays may be one and the same, so they cannot be restrict; but they
# never overlap otherwise (call.h sees to it), so no element depends on another.
LOOPS = """\
#include <tgmath.h>
#if defined(__clang__)
#define AW_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define AW_INDEPENDENT _Pragma("GCC ivdep")
#endif
"""


@dataclass(frozen=True)
class Element:
    """An operation as declared: a signature, and C statements in which every array's name stands
    for its element; `label` and `line` are where the compiler's errors point."""

    declaration: str
    each: str
    label: str = ""
    line: int = 1


@dataclass(frozen=True)
class Stage:
    """An operation within a loop, its parameters under the loop's names."""

    number: int
    arguments: tuple[Parameter, ...]  # the changed one first


@dataclass(frozen=True)
class Loop:
    """A function to be compiled: its stages, one after the other on each element."""

    signature: Signature
    stages: tuple[Stage, ...]


def signature_of(element: Element) -> Signature:
    """The signature, proved to be one that a loop can have."""
    found = parse(element.declaration)
    if len(found) != 1:
        raise SignatureError(f"{len(found)} functions are declared; an operation is one")
    signature = found[0]
    written = [each for each in signature.arrays if each.written]
    if signature.result != "void":
        raise SignatureError(f"{signature.name}: it returns {signature.result}; void is needed")
    if len(written) != 1 or signature.given[0] is not written[0]:
        raise SignatureError(
            f"{signature.name}: the first argument, and no other, is the array that is changed: "
            f"not const"
        )
    shape = written[0].dims
    if len(shape) > 2 or any(dim.isdigit() for dim in shape):
        raise SignatureError(
            f"{signature.name}: {written[0].name} must be [count] or [rows][columns], by names"
        )
    for each in signature.arrays:
        if each.dims not in (shape, shape[:1]):
            raise SignatureError(
                f"{signature.name}: {each.name} has neither the shape of {written[0].name} nor one "
                f"element per row of it"
            )
    return signature


def single(element: Element, number: int = 0) -> Loop:
    """The loop of one operation."""
    signature = signature_of(element)
    return Loop(signature, (Stage(number, signature.given),))


def fused(elements: Sequence[Element]) -> Loop:
    """The loop of several: the changed array first, then each operation's other arguments."""
    signatures = [signature_of(element) for element in elements]
    types = {each.given[0].c_type for each in signatures}
    fixed = types - {GENERIC}
    if len(fixed) > 1:
        raise SignatureError(f"a pipeline has one type, not {' and '.join(sorted(fixed))}")
    c_type = fixed.pop() if fixed else GENERIC
    if c_type not in (GENERIC, "float", "double") and GENERIC in types:
        raise SignatureError(f"operations on float and double do not go with {c_type}")
    rows = any(len(each.given[0].dims) == 2 for each in signatures)
    shape = ("channels", "frames") if rows else ("n",)
    changed = replace(signatures[0].given[0], name="y", c_type=c_type, dims=shape)
    parameters: list[Parameter] = [
        *(Parameter(size, "size_t", "u") for size in shape), changed
    ]
    stages = []
    for number, signature in enumerate(signatures):
        before = [each.name for each in signatures[:number]].count(signature.name)
        prefix = f"{signature.name}{before + 1 if before else ''}_"
        arguments = [changed]
        for each in signature.given[1:]:
            per_row = each.dims and each.dims != signature.given[0].dims
            arguments.append(
                replace(
                    each,
                    name=prefix + each.name,
                    c_type=c_type if each.is_generic else each.c_type,
                    dims=() if not each.dims else shape[:1] if per_row else shape,
                )
            )
        parameters += arguments[1:]
        stages.append(Stage(number, tuple(arguments)))
    name = "_".join(each.name for each in signatures)
    whole = Signature(name, "void", "v", tuple(parameters), shape)
    if len(whole.given) > 32:
        raise SignatureError(f"the pipeline has {len(whole.given)} arguments; it may have 32")
    return Loop(whole, tuple(stages))


def c_functions(
    elements: Sequence[Element], loops: Sequence[Loop]
) -> tuple[str, list[tuple[Signature, list[str]]]]:
    """The C text of all loops, and of each the signature with its functions' names."""
    text, functions = [LOOPS], []
    needed = sorted({c_type for loop in loops for c_type in _types(loop)})
    for c_type in needed:
        text.append(f"#define {GENERIC} {c_type}")
        text += [_inline(element, number, c_type) for number, element in enumerate(elements)]
        text.append(f"#undef {GENERIC}")
    for loop in loops:
        names = []
        for c_type in _types(loop):
            names.append(f"{loop.signature.name}_{c_type.replace(' ', '_')}")
            text.append(_kernel(loop, names[-1], c_type))
        functions.append((loop.signature, names))
    return "\n".join(text), functions


def _types(loop: Loop) -> tuple[str, ...]:
    return ("float", "double") if loop.signature.is_generic else (loop.signature.given[0].c_type,)


def _inline(element: Element, number: int, c_type: str) -> str:
    signature = signature_of(element)
    arguments = ", ".join(f"{each.c_type} {each.name}" for each in signature.given)
    changed = signature.given[0]
    own = changed.c_type
    if own not in (GENERIC, c_type):
        return ""  # not of this loop's type
    return (
        f"static inline {own} aw_each_{number}_{c_type.replace(' ', '_')}({arguments}) {{\n"
        f'#line {element.line} "{element.label or "<" + signature.name + ">"}"\n'
        f"{element.each}\n;\n"
        f'#line 1 "<loop of {signature.name}>"\n'
        f"return {changed.name};\n}}\n"
    )


def _kernel(loop: Loop, name: str, c_type: str) -> str:
    def concrete(each: Parameter) -> str:
        return c_type if each.is_generic else each.c_type

    signature, word = loop.signature, c_type.replace(" ", "_")
    shape = signature.given[0].dims
    columns = f"(size_t){shape[-1]}"
    parameters = ", ".join(each.flat(concrete(each)) for each in signature.parameters)
    lines = [f"void {name}({parameters}) {{"]
    if len(shape) == 2:
        lines.append(f"for (size_t aw_row = 0; aw_row < (size_t){shape[0]}; ++aw_row) {{")
    for each in signature.arrays:
        const = "" if each.written else "const "
        if each.dims == shape:
            start = f" + aw_row * {columns}" if len(shape) == 2 else ""
            lines.append(f"{const}{concrete(each)} *aw_{each.name} = {each.name}{start};")
        else:
            lines.append(f"const {concrete(each)} aw_{each.name} = {each.name}[aw_row];")
    changed = signature.given[0]
    lines.append("AW_INDEPENDENT")
    lines.append(f"for (size_t aw_i = 0; aw_i < {columns}; ++aw_i) {{")
    lines.append(f"{concrete(changed)} aw_value = aw_{changed.name}[aw_i];")
    for stage in loop.stages:
        values = ["aw_value"]
        for each in stage.arguments[1:]:
            element = f"aw_{each.name}[aw_i]" if each.dims == shape else f"aw_{each.name}"
            values.append(element if each.dims else each.name)
        lines.append(f"aw_value = aw_each_{stage.number}_{word}({', '.join(values)});")
    lines.append(f"aw_{changed.name}[aw_i] = aw_value;")
    return "\n".join(lines) + "\n}" + ("\n}" if len(shape) == 2 else "") + "\n}\n"
