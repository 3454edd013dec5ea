# SPDX-License-Identifier: MIT
"""What is refused at compile time, in whose words and with whose line numbers."""

import ctypes
import os
import subprocess
import tempfile
from pathlib import Path

from rig.case import Rig, check

from python import _ops, _python
from python._ops import in_ops, refusal

np = _python.numpy()
ops = _ops.ops()

# A module of a user's: what is wrong in it stands in line 5, or is put there.
MODULE = """\
import asiowire.ops
made = asiowire.ops.{call}(
    "void gain(size_t n, float y[n], float by);",
    {quote}void gain(size_t n, float y[n], float by) {{
        {wrong}
    }}{quote})
"""
ELEMENT = """\
from asiowire.ops import elementwise

made = elementwise("void gain(size_t n, real y[n], real by)",
    '''y = y * by;
       {wrong}
    ''')
"""


def _said_of(text: str) -> str:
    """What a user sees who runs this module: its name is mine.py."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "mine.py").write_text(text)
        child = subprocess.run([_python.PYTHON, "mine.py"], cwd=folder, env=os.environ, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=200)
    check(child.returncode == 1, "it ended with {code}", code=child.returncode)
    return child.stdout


@in_ops
def compiler_errors_name_the_line_in_the_users_python_file(rig: Rig) -> None:
    for wrong, word in (("y[0] = undeclared;", "'undeclared'"), ("by by;", "expected"),
                        ("nowhere(y);", "implicit declaration"),
                        ("#include <no/such.h>", "no/such.h")):
        text = MODULE.format(call="compiled", quote="'''", wrong=wrong)
        said = _said_of(text)
        check("mine.py:5:" in said and word in said, "{wrong}: {said}", wrong=wrong, said=said)
        check("mine.py:4:" not in said.replace('File "', ""), said)
    said = _said_of(ELEMENT.format(wrong="y = undeclared;"))
    check("mine.py:5:" in said and "'undeclared'" in said, said)


@in_ops
def a_text_that_is_not_in_the_file_as_it_stands_has_lines_of_its_own(rig: Rig) -> None:
    source = "\n".join(["void f(size_t n, float y[n]) {", "  oh;", "}"])
    said = refusal(lambda: ops.compiled("void f(size_t n, float y[n]);", source), ops.CompileError)
    check("<source>:2:" in said and "'oh'" in said, said)
    said = refusal(lambda: ops.elementwise("void f(size_t n, real y[n])", "\n\n" + "oh" + ";"),
                   ops.CompileError)
    check("<f>:3:" in said and "'oh'" in said, said)


@in_ops
def a_signature_that_is_not_the_sources_is_refused(rig: Rig) -> None:
    source = "void f(int n, float *y) { y[0] = n; }" + ""
    for signature in ("void f(int n, double y[n]);", "void f(long n, float y[n]);",
                      "float f(int n, float y[n]);", "void f(int n, const float y[n]);"):
        said = refusal(lambda: ops.compiled(signature, source), ops.CompileError)
        check("conflicting types for 'f'" in said and f"{__file__}:" in said, said)
    said = refusal(lambda: ops.compiled("void g(int n, float y[n]);", source), ops.CompileError)
    check("nowhere defined" in said and "`g'" in said or "undefined reference to g" in said, said)
    wrong = "extern int other(int); void f(int n, float *y) { y[0] = other(n); }"
    said = refusal(lambda: ops.compiled("void f(int n, float y[n]);", wrong), ops.CompileError)
    check("nowhere defined" in said and "other" in said, said)


@in_ops
def declarations_that_cannot_be_served_are_refused_by_parameter(rig: Rig) -> None:
    for text, word in (
        ("", "no function is declared"),
        ("int x;", "only functions"),
        ("typedef int t; void f(t n);", "only functions"),
        ("void f(size_t n, float y[n]", "no C declaration"),
        ("void f(size_t n, float y[n]);\nvoid g(float 3x);", "line 2: no C declaration"),
        ("void f(size_t n, float y[n]);\n\nvoid f(size_t n, float y[n]);", "f is declared twice"),
        ("void f(float *y);", "nothing says how many elements y has"),
        ("void f(float y[]);", "nothing says how many elements y has"),
        ("void f(float n, float y[n]);", "y has n elements, but no integer parameter is n"),
        ("void f(size_t n, float y[m]);", "y has m elements"),
        ("void f(size_t n, float y[n * 2]);", "a dimension of y is neither a name nor a number"),
        ("void f(size_t n, float y[0]);", "dimension of 0"),
        ("void f(size_t n, float **y);", "y must say all its dimensions"),
        ("void f(int n, float y[n][n][n][n][n]);", "more than 4 dimensions"),
        ("void f(size_t, float *);", "every parameter needs a name"),
        ("void f(size_t n, void *y);", "y is of type void"),
        ("void f(char c);", "c is of type char"),
        ("void f(long double c);", "c is of type long double"),
        ("void f(float _Complex c);", "c is of type float _Complex"),
        ("void f(struct s *y, size_t n);", "y is of type"),
        ("void f(int n, ...);", "... is not served"),
        ("float *f(int n);", "it returns a pointer"),
        ("void f(size_t n, real y[n]);", "real is for elementwise"),
        ("void lib(int n);", "this name is taken"),
        (f"void f({', '.join(f'int a{i}' for i in range(33))});", "more than 32 parameters"),
    ):
        said = refusal(lambda: ops.compiled(text, "void f(void) {}"), ops.SignatureError)
        check(word in said, "{text}: {said}", text=text, said=said)
    for text, word in (
        ("void f(size_t n, real y[n]); void g(size_t n, real y[n]);", "2 functions"),
        ("float f(size_t n, real y[n])", "void is needed"),
        ("void f(size_t n, const real y[n])", "the first argument, and no other"),
        ("void f(real a, size_t n, real y[n])", "the first argument, and no other"),
        ("void f(size_t n, real y[n], real x[n])", "the first argument, and no other"),
        ("void f(real y[3])", "by names"),
        ("void f(int a, int b, int c, real y[a][b][c])", "[count] or [rows][columns]"),
        ("void f(size_t n, size_t m, real y[n], const real x[m])", "x has neither the shape of y"),
    ):
        said = refusal(lambda: ops.elementwise(text, "y = 0;"), ops.SignatureError)
        check(word in said, "{text}: {said}", text=text, said=said)


@in_ops
def pipelines_of_what_does_not_fit_are_refused(rig: Rig) -> None:
    whole = ops.elementwise("void whole(size_t n, int32_t y[n])", "y += 1;")
    y = np.zeros(5, np.int32)
    ops.Pipeline(whole, whole)(y)
    check((y == 2).all(), "{y}", y=y)
    for operations, word in (
        ((), "at least one"),
        ((ops.add, np.add), "operation 2 of the pipeline"),
        ((ops.add, []), "operation 2 of the pipeline is []"),
        ((ops.add, whole), "do not go with int32_t"),
        ((ops.batch_norm,) * 7, "36 arguments"),
    ):
        said = refusal(lambda: ops.Pipeline(*operations), (TypeError, ops.SignatureError))
        check(word in said, "{said}", said=said)


@in_ops
def remarks_of_the_compiler_are_warnings_and_flags_reach_it(rig: Rig) -> None:
    signature = "int f(void);"
    source = "int f(void) { int unused; return VALUE; }"
    said = refusal(lambda: ops.compiled(signature, source, flags=["-DVALUE=5"]), ops.CompileWarning)
    check("unused variable 'unused'" in said, said)
    source = "int f(void) { return VALUE; }"
    values = [ops.compiled(signature, source, flags=[f"-DVALUE={n}"]).f() for n in (5, 6, 5)]
    check(values == [5, 6, 5], "{values}", values=values)
    for flag in ("-ffast-" + "math", "-Of" + "ast", "-funsafe-math-optimizations"):
        said = refusal(lambda: ops.compiled(signature, source, flags=[flag]), ops.CompileError)
        check("is ruled out" in said, said)
    said = refusal(lambda: ops.compiled(signature, source, flags="-O1"), TypeError)
    check("must be a list" in said, said)


@in_ops
def clang_compiles_the_same_values(rig: Rig) -> None:
    code = (
        "import numpy as np\nfrom asiowire.ops import *\n"
        "y = np.linspace(-1, 1, 1003, dtype='f4'); x = y[::-1].copy()\n"
        "Pipeline(mul, add, relu, axpy)(y, x, x, 0.3, x)\n"
        "print(y.tobytes().hex())"
    )
    clang = _ops.compiler("clang", "clang-22")
    check(_ops.run(code) == _ops.run(code, CC=clang), "clang's values differ")


def _command_line(*words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([_python.PYTHON, "-m", "asiowire.ops.compile", *words], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=200,
                          env=os.environ | environment)


@in_ops
def the_command_line_prints_the_path_of_a_shared_object(rig: Rig) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file, header = Path(folder, "my hook.c"), Path(folder, "my own.h")
        file.write_text('#include "my own.h"\n'
                        'int answer(void) { return VALUE; }\n')
        paths = []
        for value in (41, 42, 41):
            header.write_text(f"#define VALUE {value}\n")
            ended = _command_line(str(file))
            check(ended.returncode == 0 and not ended.stderr, ended.stderr)
            paths.append(ended.stdout.strip())
            check(ctypes.CDLL(paths[-1]).answer() == value, "not {value}", value=value)
        counting, runs = _ops.counting_compiler(Path(folder))
        first, before = _command_line(str(file), CC=counting), runs.read_text()
        again = _command_line(str(file), CC=counting)
        check(again.stdout == first.stdout and runs.read_text() == before, "compiled twice")
        check(first.stdout.strip() == paths[-1], "the same compiler by another name: another path")
        file.write_text("int answer(void) {\n  return oh;\n}\n")
        ended = _command_line(str(file))
        check(ended.returncode == 1 and f"{file}:2:" in ended.stderr and "'oh'" in ended.stderr
              and not ended.stdout, ended.stderr)
        file.write_bytes(b"int a;\n// \xff\n")
        check(f"{file}:2: this is no UTF-8" in _command_line(str(file)).stderr, "no UTF-8")
        check(_command_line(str(file.with_name("none.c"))).returncode == 1, "a missing file")
        check(_command_line().returncode == 2 and _command_line("--help").returncode == 0, "usage")
