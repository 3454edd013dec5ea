# SPDX-License-Identifier: MIT
"""What users compile: C functions, operations on one element, and pipelines of those."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any, Callable, Sequence

from . import _build, _elements, _generate, _signatures
from ._elements import Element
from ._errors import SignatureError
from ._module import Module, module_of
from ._ready import READY

Operation = Callable[..., None]

# What operations were made of; functions of compiled modules live as long as the process.
_made_of: dict[Any, tuple[Element, ...]] = {}


def compiled(signatures: str, source: str, *, flags: Sequence[str] = ()) -> Module:
    """Compiles C functions, or loads them when they have been compiled before.

        dsp = compiled("void gain(size_t n, float y[n], float by);",
                       "void gain(size_t n, float y[n], float by) {...}")
        dsp.gain(block, 0.5)

    Arguments   all but the sizes, in their order or by name: arrays as they are, written in
                place unless const; numbers
    Errors      SignatureError, CompileError, NoCompilerError, NotPrivateError
    """
    if isinstance(flags, str):
        raise TypeError("flags must be a list of flags, not one text")
    file = sys._getframe(1).f_code.co_filename

    def write() -> tuple[str, list[_generate.Function]]:
        code, declared = (
            _build.place_of(text, file, name)
            for text, name in ((source, "<source>"), (signatures, "<signatures>"))
        )
        found = _parsed(signatures, declared)
        text = (
            f"{code.directive()}{source}\n{_generate.AGAIN}"
            f"{declared.directive()}{signatures}\n;\n"
        )
        return text, [(each, [each.name]) for each in found]

    return module_of("functions", (signatures, source), tuple(flags), "source", write)


def _parsed(text: str, place: _build.Place) -> list[_signatures.Signature]:
    try:
        found = _signatures.parse(text, place.line)
        for each in found:
            if each.is_generic:
                raise SignatureError(f"{each.name}: {_signatures.GENERIC} is for elementwise alone")
            if each.name in ("lib", "ffi") or each.name.startswith(("aw_", "__")):
                raise SignatureError(f"{each.name}: this name is taken")
    except SignatureError as error:
        raise SignatureError(f"{place.file}, {error}") from None
    return found


def elementwise(signature: str, each: str, *, flags: Sequence[str] = ()) -> Operation:
    """Compiles an operation on arrays from what it does to one element.

        clip = elementwise("void clip(size_t n, real y[n], real limit)",
                           "y = y > limit ? limit : y < -limit ? -limit : y;")
        clip(block, 0.9)

    The first argument is changed in place; in `each`, C statements, every array's name stands for
    its element. `real` makes it one for float32 and one for float64. It can go into a Pipeline.

    Errors   as of compiled
    """
    if isinstance(flags, str):
        raise TypeError("flags must be a list of flags, not one text")
    file = sys._getframe(1).f_code.co_filename
    element = Element(signature, each)

    def write() -> tuple[str, list[_generate.Function]]:
        loop = _elements.single(element)
        place = _build.place_of(each, file, f"<{loop.signature.name}>")
        located = replace(element, label=place.file, line=place.line)
        return _elements.c_functions([located], [loop])

    module = module_of("elements", (signature, each), tuple(flags), "operation", write)
    made: Operation = getattr(module, module.__all__[0])
    _made_of[made] = (element,)
    return made


def ready(name: str) -> Operation:
    """One of the ready-made operations; all are compiled together at the first use of any."""

    def write() -> tuple[str, list[_generate.Function]]:
        elements = list(READY.values())
        loops = [_elements.single(element, number) for number, element in enumerate(elements)]
        return _elements.c_functions(elements, loops)

    texts = [text for each in READY.values() for text in (each.declaration, each.each)]
    module = module_of("ready", texts, (), "ready-made operations", write)
    for each, element in READY.items():
        _made_of[getattr(module, each)] = (element,)
    made: Operation = getattr(module, name)
    return made


def Pipeline(*operations: Operation) -> Operation:  # noqa: N802  (what it makes is a thing)
    """Makes one operation of several: one loop, in which each element is read and written once.

        strip = Pipeline(mul, add, relu, axpy)
        strip(y, gains, offsets, 0.5, dry)  # y, then every operation's further arguments

    The values are those of the operations called one after the other. What comes out is an
    operation like any other, and can go into further pipelines. Arguments by name: mul_x, add_x,
    axpy_a, axpy_x; of a second mul, mul2_x.

    Errors   TypeError for what is no operation; else as of compiled
    """
    elements: list[Element] = []
    for number, each in enumerate(operations, 1):
        if not _known(each):
            raise TypeError(
                f"operation {number} of the pipeline is {each!r}; it takes what elementwise and "
                f"Pipeline made, and the ready-made operations"
            )
        elements += _made_of[each]
    if not elements:
        raise TypeError("a pipeline needs at least one operation")

    def write() -> tuple[str, list[_generate.Function]]:
        return _elements.c_functions(elements, [_elements.fused(elements)])

    texts = [text for each in elements for text in (each.declaration, each.each)]
    module = module_of("pipeline", texts, (), "pipeline", write)
    made: Operation = getattr(module, module.__all__[0])
    _made_of[made] = tuple(elements)
    return made


def _known(operation: object) -> bool:
    try:
        return operation in _made_of
    except TypeError:  # no hash
        return False

