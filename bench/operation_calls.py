# SPDX-License-Identifier: MIT
"""hooks/ops-*: one run in a fresh process. Prints one line of JSON; ends with 77 when a package is
missing.

Usage: operation_calls.py, with asiowire on PYTHONPATH.
"""

import importlib.util
import json
import sys
import time
from importlib.machinery import ExtensionFileLoader
from typing import Any, Callable

try:
    import cffi  # noqa: F401  (what compiles needs it)
    import numpy as np
    from asiowire import ops
    from asiowire.ops import _build
except ImportError as missing:
    print(missing)
    sys.exit(77)

COUNT = 1024
SIGNATURE = "void scale(size_t n, float y[n], float by, const float x[n]);"
SOURCE = """\
void scale(size_t n, float *y, float by, const float *x) {
    for (size_t i = 0; i < n; ++i)
        y[i] = by * x[i];
}
"""


def statement(text: str, **names: Any) -> float:
    """A statement's time, without a function around it."""
    scope: dict[str, Any] = {}
    code = (
        "def run(numbers, clock, " + ", ".join(names) + "):\n  best = 1e9\n"
        "  for _ in range(60):\n    begin = clock()\n    for _ in numbers:\n      " + text
        + "\n    best = min(best, clock() - begin)\n  return best\n"
    )
    exec(code, scope)
    return float(scope["run"](range(100), time.perf_counter, *names.values()) / 100 * 1e6)


def load() -> tuple[float, float]:
    """A cached module through the cache, and the bare import of its other half, in ms: the best of
    some modules, each as if it were the process's first."""
    ours, bare = [], []
    for number in range(6):
        _build._surroundings.cache_clear()
        begin = time.perf_counter()
        made = ops.compiled(SIGNATURE, f"{SOURCE}// {number}\n")
        ours.append(time.perf_counter() - begin)
        name = f"raw_{made.__name__}"
        begin = time.perf_counter()
        loader = ExtensionFileLoader(name, made.__file__)
        spec = importlib.util.spec_from_file_location(name, made.__file__, loader=loader)
        assert spec is not None
        loader.exec_module(importlib.util.module_from_spec(spec))
        bare.append(time.perf_counter() - begin)
    return min(ours) * 1e3, min(bare) * 1e3


def checked_by_python(raw: Any, ffi: Any) -> Callable[..., None]:
    """The call as it would be without our C: cffi's, and the checks in Python."""
    kind, view = ffi.typeof("float[]"), ffi.from_buffer

    def call(y: Any, by: float, x: Any) -> None:
        if x.dtype != np.float32 or y.dtype != np.float32 or x.shape != y.shape:
            raise TypeError
        if not (x.flags.c_contiguous and y.flags.c_contiguous and y.flags.writeable):
            raise ValueError
        raw(x.size, view(kind, y), by, view(kind, x))

    return call


def main() -> None:
    """Measures, in turn."""
    load_ms, dlopen_ms = load()
    made = ops.compiled(SIGNATURE, SOURCE)
    empty = np.zeros(0, np.float32)
    random = np.random.default_rng(1)
    # On cache lines, as PipeWire's buffers are.
    memory = np.zeros((5 * COUNT + 16) * 4, np.uint8)
    memory = memory[-memory.ctypes.data % 64 :][: 5 * COUNT * 4].view(np.float32)
    memory[:] = random.uniform(0.5, 1, 5 * COUNT)
    y, a, b, c, scratch = memory.reshape(5, COUNT)
    pipeline = ops.Pipeline(ops.mul, ops.add, ops.relu, ops.axpy)
    arrays = {"y": y, "a": a, "b": b, "c": c}
    add, mul, relu, axpy = ops.add, ops.mul, ops.relu, ops.axpy
    tasks = {
        "call_us": ("scale(e, 0.5, e)", {"scale": made.scale, "e": empty}),
        "cffi_us": (
            "scale(e, 0.5, e)",
            {"scale": checked_by_python(made.lib.scale, made.ffi), "e": empty},
        ),
        "fused_us": ("run(y, a, b, -0.5, c)", arrays | {"run": pipeline}),
        "steps_us": (
            "mul(y, a); add(y, b); relu(y); axpy(y, -0.5, c)",
            arrays | {"add": add, "mul": mul, "relu": relu, "axpy": axpy},
        ),
        "numpy_us": (
            "mul(y, a, out=y); add(y, b, out=y); top(y, 0, out=y); "
            "mul(c, -0.5, out=d); add(y, d, out=y)",
            arrays | {"mul": np.multiply, "add": np.add, "top": np.maximum, "d": scratch},
        ),
    }
    best: dict[str, float] = {}
    for _ in range(8):  # in turn: the processor's clock is not the same for long
        for name, (text, names) in tasks.items():
            best[name] = min(best.get(name, 1e9), statement(text, **names))
    print(json.dumps({"load_ms": load_ms, "dlopen_ms": dlopen_ms} | best))


if __name__ == "__main__":
    main()
