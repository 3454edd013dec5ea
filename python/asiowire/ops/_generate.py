# SPDX-License-Identifier: MIT
"""Writes the two C files of a module: the user's code, and what makes it callable from Python.

They are two, so that the user's file sees neither Python's headers nor our names, except for one
table at its end, and the file that calls needs no optimiser.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Sequence

from ._signatures import Parameter, Signature

Function = tuple[Signature, list[str]]  # the C functions: one, or those for float and double

INCLUDES = "#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n"
# The signatures stand behind the source once more, so that the compiler compares them. That one
# says x[n] and the other *x is no difference.
AGAIN = """\
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Wvla-parameter"
#pragma GCC diagnostic ignored "-Warray-parameter"
#endif
"""
_HERE = Path(__file__).parent


def line_directive(line: int, name: str) -> str:
    """Tells the compiler where the next line comes from."""
    return f"#line {line} {json.dumps(name, ensure_ascii=False)}\n"


def user_file(code: str, functions: Sequence[Function]) -> str:
    """The code, and a table of the functions at its end: they may be static."""
    names = [name for _, variants in functions for name in variants]
    table = ", ".join(f"(void (*)(void)){name}" for name in names)
    return (
        f"{INCLUDES}{code}\n{line_directive(1, '<table of functions>')}"
        f"typedef void (*AwEntry)(void);\n"
        f'extern __attribute__((visibility("hidden"))) const AwEntry aw_entries[];\n'
        f"const AwEntry aw_entries[] = {{{table}}};\n"
    )


def calling_file(name: str, functions: Sequence[Function], target: Path) -> None:
    """Writes the C file of two Python modules: cffi's, raw_NAME, and ours, call_NAME."""
    import cffi
    from cffi import recompiler

    raw, calls, entry = [], [], 0
    declarations, rename = [], []
    for signature, variants in functions:
        invokes = []
        for variant, c_name in enumerate(variants):
            c_type = ("float", "double")[variant] if len(variants) > 1 else None
            declarations.append(_declaration(signature, c_name, c_type))
            raw.append(_raw(signature, c_name, c_type, entry))
            rename.append(f"#define {c_name} aw_raw_{c_name}\n")
            calls.append(_invoke(signature, c_name, c_type))
            invokes.append(f"aw_invoke_{c_name}")
            entry += 1
        calls.append(_tables(signature))
    table = ",\n".join(_row(signature, variants) for signature, variants in functions)
    preamble = (
        f"{INCLUDES}"
        f"typedef void (*AwEntry)(void);\n"
        f'extern __attribute__((visibility("hidden"))) const AwEntry aw_entries[];\n'
        f'#include "{_HERE / "call.h"}"\n'
        f"{''.join(raw)}{''.join(calls)}"
        f"static AwFunction aw_functions[] = {{\n{table}\n}};\n"
        f"static PyModuleDef aw_definition = {{PyModuleDef_HEAD_INIT, \"call_{name}\", NULL, -1,\n"
        f"    NULL, NULL, NULL, NULL, NULL}};\n"
        f"PyMODINIT_FUNC PyInit_call_{name}(void) {{\n"
        f"    return aw_module(&aw_definition, aw_functions, {len(functions)});\n}}\n"
        f"{''.join(rename)}"
    )
    ffi = cffi.FFI()
    ffi.cdef("\n".join(declarations))
    recompiler.make_c_source(ffi, f"raw_{name}", preamble, str(target))


def _concrete(each: Parameter, c_type: str | None) -> str:
    return c_type if each.is_generic and c_type else each.c_type


def _declaration(signature: Signature, name: str, c_type: str | None) -> str:
    # The user's names of parameters may be macros in Python's headers.
    flat = [
        replace(each, name=f"aw_{index}").flat(_concrete(each, c_type))
        for index, each in enumerate(signature.parameters)
    ]
    return f"{signature.result} {name}({', '.join(flat) or 'void'});"


def _raw(signature: Signature, name: str, c_type: str | None, entry: int) -> str:
    declared = _declaration(signature, f"aw_raw_{name}", c_type)[:-1]
    kind = _declaration(signature, "(*)", c_type)[:-1]
    names = ", ".join(f"aw_{index}" for index in range(len(signature.parameters)))
    back = "" if signature.result == "void" else "return "
    return f"static {declared} {{\n    {back}(({kind})aw_entries[{entry}])({names});\n}}\n"


def _invoke(signature: Signature, name: str, c_type: str | None) -> str:
    arrays = {each.name: index for index, each in enumerate(signature.arrays)}
    numbers = [each.name for each in signature.given if not each.dims]
    fields = {"f": "real", "i": "whole", "u": "natural", "b": "truth"}
    values = []
    for each in signature.parameters:
        if each.dims:
            values.append(f"arrays[{arrays[each.name]}]")
        elif each.name in signature.sizes:
            values.append(f"({each.c_type})sizes[{signature.sizes.index(each.name)}]")
        else:
            number = f"numbers[{numbers.index(each.name)}].{fields[each.kind]}"
            values.append(f"({_concrete(each, c_type)}){number}")
    back = "" if signature.result == "void" else f"result->{fields[signature.result_kind]} = "
    return (
        f"static void aw_invoke_{name}(void *const *arrays, const size_t *sizes,\n"
        f"    const AwNumber *numbers, AwNumber *result) {{\n"
        f"    (void)arrays; (void)sizes; (void)numbers; (void)result;\n"
        f"    {back}aw_raw_{name}({', '.join(values)});\n}}\n"
    )


def _tables(signature: Signature) -> str:
    """The parameters and sizes as call.h wants them."""
    parameters = []
    for each in signature.given:
        item = "0" if each.is_generic else f"sizeof({each.c_type})"
        size = [str(signature.sizes.index(dim) if not dim.isdigit() else -1) for dim in each.dims]
        fixed = [dim if dim.isdigit() else "0" for dim in each.dims]
        parameters.append(
            f'    {{"{each.name}", {int(bool(each.dims))}, {int(each.is_generic)}, '
            f"'{each.kind}', {item}, {int(each.written)}, {int(each.restricted)}, "
            f"{len(each.dims)}, {{{', '.join(size) or '0'}}}, {{{', '.join(fixed) or '0'}}}}},\n"
        )
    types = {each.name: each.c_type for each in signature.parameters}
    sizes = [f'    {{"{size}", AW_MOST({types[size]})}},\n' for size in signature.sizes]
    empty_parameter, empty_size = "    {0},\n", "    {0},\n"
    return (
        f"static const AwParameter aw_parameters_{signature.name}[] = {{\n"
        f"{''.join(parameters) or empty_parameter}}};\n"
        f"static const AwSize aw_sizes_{signature.name}[] = {{\n"
        f"{''.join(sizes) or empty_size}}};\n"
    )


def _row(signature: Signature, variants: list[str]) -> str:
    invokes = ", ".join(f"aw_invoke_{name}" for name in (variants * 2)[:2])
    doc = f"{signature.name}{signature.usage}\n--\n\n{declared(signature)}"
    return (
        f'{{{{"{signature.name}", (PyCFunction)(void (*)(void))aw_call,\n'
        f"    METH_FASTCALL | METH_KEYWORDS, {json.dumps(doc)}}},\n"
        f'    "{signature.usage}", {len(signature.given)}, aw_parameters_{signature.name}, '
        f"{len(signature.sizes)}, aw_sizes_{signature.name}, '{signature.result_kind}', "
        f"{{{invokes}}}}}"
    )


def declared(signature: Signature) -> str:
    """The C declaration, brackets and all."""
    words = []
    for each in signature.parameters:
        const = "const " if each.dims and not each.written else ""
        words.append(f"{const}{each.c_type} {each.name}{''.join(f'[{dim}]' for dim in each.dims)}")
    return f"{signature.result} {signature.name}({', '.join(words) or 'void'})"
