# SPDX-License-Identifier: MIT
"""Calls of compiled functions: what is taken in place, what is refused, what is left behind."""

import array
import gc
import mmap
import sys
import threading
import time
from multiprocessing import shared_memory
from pathlib import Path

from rig.case import Rig, check

from python import _ops, _python
from python._ops import in_ops, refusal

np = _python.numpy()
ops = _ops.ops()

TYPES = {
    "float": "f4", "double": "f8", "int8_t": "i1", "int16_t": "i2", "int32_t": "i4",
    "int64_t": "i8", "uint8_t": "u1", "uint16_t": "u2", "uint32_t": "u4", "uint64_t": "u8",
    "bool": "?", "signed char": "i1", "unsigned char": "u1", "short": "i2", "unsigned": "u4",
    "int": "i4", "long long": "i8", "unsigned long": "u8", "size_t": "u8", "ptrdiff_t": "i8",
}


def _kinds():
    """A module with, for every type, a function that moves numbers through all ways there are."""
    signatures, source = "", ""
    for number, c_type in enumerate(TYPES):
        text = f"{c_type} move{number}(int32_t n, {c_type} *y, const {c_type} x[n], {c_type} last)"
        signatures += text + ";\n"
        source += (
            f"{text} {{ for (int i = 0; i < n; ++i) y[i] = i + 1 < n ? x[i + 1] : last;\n"
            f"  return n > 0 ? x[0] : last; }}\n"
        )
    return ops.compiled(signatures, source)


@in_ops
def every_type_goes_in_and_comes_back_unchanged(rig: Rig) -> None:
    module = _kinds()
    for number, (c_type, dtype) in enumerate(TYPES.items()):
        move = getattr(module, f"move{number}")
        if np.dtype(dtype).kind in "iu":
            ends = np.iinfo(dtype)
            values = [ends.min, ends.max, 0, 1, ends.max - 1]
        else:
            values = [False, True, True] if dtype == "?" else [0.5, -2.25, np.inf, 1e-40, -0.0]
        x = np.array(values, dtype)
        y = np.zeros_like(x)
        first = move(y, x, values[1])
        wanted = np.array([*values[1:], values[1]], dtype)
        check(y.tobytes() == wanted.tobytes(), "{t}: {y}", t=c_type, y=y)
        check(first == x[0] and type(first) in (int, float, bool), "{t}: {f!r}", t=c_type, f=first)
        raw = getattr(module.lib, f"move{number}")
        pointer = module.ffi.from_buffer(f"{c_type}[]", x)
        check(raw(1, module.ffi.from_buffer(f"{c_type}[]", y), pointer, values[1]) == x[0], c_type)
        if np.dtype(dtype).kind in "iu":
            for wrong in (ends.min - 1, ends.max + 1, 1 << 70, -(1 << 70)):
                said = refusal(lambda: move(y, x, wrong), OverflowError)
                check("last does not fit" in said, said)
            check("whole number" in refusal(lambda: move(y, x, 0.5), TypeError), "0.5 was taken")


@in_ops
def whatever_has_a_buffer_is_taken_in_place(rig: Rig) -> None:
    want = np.arange(16, dtype=np.float32) * 2
    memory = shared_memory.SharedMemory(create=True, size=64)
    try:
        for holder in (
            memory.buf.cast("f"),
            array.array("f", bytes(64)),
            memoryview(mmap.mmap(-1, 64)).cast("f"),
            np.zeros(16, np.float32).view(np.recarray).view(np.ndarray),
            np.zeros(17, np.float32)[1:],
            np.zeros(16, "<f4").view(type("Own", (np.ndarray,), {})),
        ):
            view = np.asarray(holder)
            view[:] = np.arange(16)
            ops.add(holder, view.copy())
            check(np.array_equal(view, want), "{kind}", kind=type(holder))
            del view
            if isinstance(holder, memoryview):
                holder.release()
    finally:
        memory.close()
        memory.unlink()


def _wrong_arrays():
    """What is no good for add(y, x) with 12 elements of float32, and a word of the refusal."""
    good = np.ones(12, np.float32)
    swapped, odd = good.astype(">f4"), np.zeros(49, np.uint8)[1:].view(np.float32)
    frozen = good.copy()
    frozen.flags.writeable = False
    return [
        ("x", good.astype(np.float64), "holds float64"),
        ("x", good.astype(np.int32), "holds int32"),
        ("x", good.astype(np.float16), "holds float16"),
        ("x", good.astype(bool), "holds bool"),
        ("x", good.astype(np.complex64), "is needed"),
        ("x", good.astype("U3"), "is needed"),
        ("x", np.ones(12, [("a", "f4")]), "is needed"),
        ("x", np.array([None] * 12), "is needed"),
        ("x", swapped, "swapped bytes"),
        ("x", memoryview(good).cast("B"), "holds uint8"),
        ("x", swapped.view(type("Own", (np.ndarray,), {})), "swapped bytes"),
        ("x", np.ones(24, np.float32)[::2], "not C-contiguous"),
        ("x", good[::-1], "not C-contiguous"),
        ("x", memoryview(good)[::-1], "not C-contiguous"),
        ("x", odd, "does not begin at a multiple"),
        ("x", np.ones(11, np.float32), "n is 12 in y, but 11 in x"),
        ("x", np.ones(0, np.float32), "n is 12 in y, but 0 in x"),
        ("x", np.ones((3, 4), np.float32), "different shapes"),
        ("x", np.float32(1), "n is 12 in y, but 1 in x"),
        ("x", np.ma.masked_array(good), "masked array"),
        ("x", [1.0] * 12, "must be an array, not list"),
        ("x", 1.0, "must be an array, not float"),
        ("x", None, "must be an array, not NoneType"),
        ("y", frozen, "read-only"),
        ("y", bytes(48), "holds uint8"),
        ("y", memoryview(bytes(48)).cast("f"), "read-only"),
        ("y", np.broadcast_to(np.float32(0), (12,)), "read-only"),
        ("y", np.asfortranarray(np.ones((3, 4), np.float32)), "not C-contiguous"),
    ]


@in_ops
def a_wrong_array_is_refused_by_name_and_nothing_is_written(rig: Rig) -> None:
    for name, wrong, word in _wrong_arrays():
        y, x = np.ones(12, np.float32), np.ones(12, np.float32)
        given = (wrong, x) if name == "y" else (y, wrong)
        said = refusal(lambda: ops.add(*given), (TypeError, ValueError))
        good = f"add: {name} " in said or word in said and ("n is" in word or "shapes" in word)
        check(good and word in said, "{word}: {said}", word=word, said=said)
        check((y == 1).all(), "{word}: y was written", word=word)
    y = np.ones((3, 4), np.float32)
    row, short = np.ones(3, np.float32), np.ones(2, np.float32)
    for given, word in (
        ((y[0], row, row, row, row, 0), "y has 1 dimension; 2 are needed"),
        ((y, row, short, row, row, 0), "channels is 3 in y, but 2 in variance"),
        ((y, row, row, row, y, 0), "channels is 3 in y, but 12 in beta"),
        ((y, row, row, row, row, "0"), "epsilon must be a number, not str"),
        ((y, row, row, row, row, 1j), "epsilon must be a number, not complex"),
        ((y, row, row, row, row), "epsilon is missing"),
        ((y, row, row, row, row, 0, 0), "7 arguments are too many"),
    ):
        said = refusal(lambda: ops.batch_norm(*given), (TypeError, ValueError))
        check(word in said and (y == 1).all(), "{word}: {said}", word=word, said=said)
    for named, word in (
        ({"x": row, "z": 1}, "3 arguments are too many"),
        ({"z": row}, "there is no argument z; they are (y, x)"),
        ({"y": row}, "y is given twice"),
    ):
        said = refusal(lambda: ops.add(row, **named), TypeError)
        check(word in said, "{word}: {said}", word=word, said=said)


@in_ops
def overlaps_are_refused_exactly_when_memory_is_shared_in_part(rig: Rig) -> None:
    strict = ops.compiled(
        "void copy(size_t n, float *restrict y, const float x[n]);"
        "float two(size_t n, size_t m, const float *x, const float y[m]);",
        "void copy(size_t n, float *restrict y, const float *x)"
        " { for (size_t i = 0; i < n; ++i) y[i] = x[i]; }\n"
        "float two(size_t n, size_t m, const float *x, const float *y)"
        " { return n && m ? x[0] + y[0] : 0; }",
    )
    random = np.random.default_rng(3)
    memory = np.zeros(64, np.float32)
    seen = set()
    for _ in range(3000):
        a, b, length, other = random.integers(0, 24, 4)
        y, x, z = memory[a : a + length], memory[b : b + length], memory[b : b + other]
        shared, same = np.shares_memory(y, x), bool(length) and a == b
        for call, refused in (
            (lambda: ops.add(y, x), shared and not same),
            (lambda: strict.copy(y, x), shared),
            (lambda: strict.two(y, z), False),
        ):
            try:
                call()
                taken = True
            except ValueError as error:
                taken = False
                check("the same memory" in str(error) or "overlap" in str(error), str(error))
            seen.add((bool(refused), bool(same)))
            check(taken != refused, "{a} {b} {n}: {taken}", a=a, b=b, n=length, taken=taken)
    check(len(seen) == 4, "not every case was met: {seen}", seen=seen)


@in_ops
def sizes_fixed_lengths_and_dimensions_are_held(rig: Rig) -> None:
    module = ops.compiled(
        "int small(int8_t count, const float x[count]);\n"
        "double pair(const double x[2]);\n"
        "long grid(int rows, int columns, const int32_t x[rows][columns][3],\n"
        "          const int32_t y[columns]);\n"
        "int nothing(void);",
        "int small(int8_t count, const float *x) { (void)x; return count; }\n"
        "double pair(const double *x) { return x[0] * x[1]; }\n"
        "long grid(int rows, int columns, const int32_t x[rows][columns][3], const int32_t *y)\n"
        "{ long sum = 0; for (int r = 0; r < rows; ++r) for (int c = 0; c < columns; ++c)\n"
        "  sum += (x[r][c][0] + 10 * x[r][c][1] + 100 * x[r][c][2]) * y[c]; return sum; }\n"
        "int nothing(void) { return 7; }",
    )
    check(module.small(np.zeros(127, np.float32)) == 127 and module.nothing() == 7, "values")
    said = refusal(lambda: module.small(np.zeros(128, np.float32)), ValueError)
    check("128 elements for count, whose C type ends at 127" in said, said)
    check(module.pair(np.array([2.0, 3.0])) == 6, "pair")
    said = refusal(lambda: module.pair(np.zeros(3)), ValueError)
    check("x has length 3 in dimension 1; 2 is needed" in said, said)
    x = np.random.default_rng(1).integers(0, 9, (4, 5, 3)).astype(np.int32)
    y = np.arange(5, dtype=np.int32)
    wanted = int(((x @ [1, 10, 100]) * y).sum())
    check(module.grid(x, y) == wanted, "grid")
    for bad in (x[:, :, :2].copy(), x[:, :4].copy(), x[0], x.ravel()):
        check("x" in refusal(lambda: module.grid(bad, y), ValueError), "{s} was taken", s=bad.shape)


@in_ops
def other_threads_run_while_a_function_does(rig: Rig) -> None:
    module = ops.compiled(
        "void spin(int64_t rounds, const float x[1]);",
        "#include <time.h>\nvoid spin(int64_t rounds, const float *x) { (void)x;\n"
        "struct timespec t = {0, 1000000};\n"
        "for (int64_t i = 0; i < rounds; ++i) nanosleep(&t, 0); }",
    )
    counted, end = [0], []

    def count():
        while not end:
            counted[0] += 1
            time.sleep(0.001)

    thread = threading.Thread(target=count)
    interval = sys.getswitchinterval()
    thread.start()
    sys.setswitchinterval(1000)
    before = counted[0]
    module.spin(200, np.zeros(1, np.float32))
    after = counted[0]
    sys.setswitchinterval(interval)
    end.append(True)
    thread.join()
    check(after - before >= 3, "another thread ran {n} times", n=after - before)


def _resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@in_ops
def a_hundred_thousand_calls_leave_nothing_behind(rig: Rig) -> None:
    y, x = np.zeros(64, np.float32), np.ones(64, np.float32)
    view, scale = memoryview(np.zeros(64, np.float32)), 0.123456
    refused = [(y, x, 1.0), (y, scale, x[:3]), (view, scale, None), (y, "x", x)]
    refused += [(y[1:], scale, view), (view, scale, y[1:])]

    def call():
        ops.axpy(y, scale, x)
        ops.axpy(view, scale, x=x)
        for given in refused:
            try:
                ops.axpy(*given)
            except (TypeError, ValueError):
                pass

    watched = [y, x, view, scale, ops.axpy]
    for _ in range(1000):
        call()
    gc.collect()
    counts, memory = [sys.getrefcount(each) for each in watched], _resident()
    for _ in range(15_000):
        call()
    gc.collect()
    check([sys.getrefcount(each) for each in watched] == counts, "reference counts moved")
    more = _resident() - memory
    check(more < 2 << 20, "{more} bytes more are resident", more=more)
    view.release()  # raises BufferError when a buffer is still held
