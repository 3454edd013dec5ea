# SPDX-License-Identifier: MIT
"""asiowire.volterra's kernels and processors; the judge is the definition, summed up here."""

import os
import subprocess
import tempfile
from pathlib import Path

from rig.case import Rig, check

from python import _python
from python._python import PYTHON, in_python

np = _python.numpy()
if _python.inside():
    from asiowire.volterra import NumpyEngine, VolterraKernelFull, VolterraProcessorFull

ENGINES = ("auto", "direct", "partitioned", "fft", "numpy")


def _definition(kernel, x):
    """Σ over taps, one output at a time."""
    past = np.concatenate([np.zeros(kernel.N - 1), x])
    y = np.zeros(len(x))
    for n in range(len(x)):
        window = past[n : n + kernel.N][::-1]
        y[n] = window @ kernel.h1
        if kernel.h2 is not None:
            full = np.diag(kernel.h2) if kernel.h2.ndim == 1 else kernel.h2
            y[n] += window @ full @ window
        for order, h in ((3, kernel.h3_diagonal), (4, kernel.h4_diagonal), (5, kernel.h5_diagonal)):
            if h is not None:
                y[n] += (window**order) @ h
    return y


def _kernel(n, full=False, seed=0):
    random = np.random.default_rng(seed + n)
    h2 = random.standard_normal((n, n) if full else n)
    return VolterraKernelFull(random.standard_normal(n), h2, *random.standard_normal((3, n)))


def _apart(ours, right):
    check(ours.shape == right.shape, "{a} beside {b}", a=ours.shape, b=right.shape)
    return float(np.abs(ours - right).max() / np.abs(right).max())


def _raises(error, words, call):
    try:
        call()
    except error as raised:
        text = str(raised)
        check(words in text, "{text!r} says nothing of {words!r}", text=text, words=words)
        return
    check(False, "no {error} for {words}", error=error.__name__, words=words)


@in_python
def every_engine_is_right_in_any_block(rig: Rig) -> None:
    x = np.random.default_rng(1).uniform(-1, 1, 900)
    for n in (1, 2, 5, 64, 300):
        for full in (False, True):
            kernel = _kernel(n, full)
            right = _definition(kernel, x)
            for engine in ENGINES:
                for dtype, budget in ((np.float64, 1e-12), (np.float32, 1e-5)):
                    processor = VolterraProcessorFull(kernel, engine=engine, dtype=dtype)
                    samples = x.astype(dtype)
                    exact = right if dtype == np.float64 else _definition(kernel, samples * 1.0)
                    for block in (1, 7, 512, 5000):
                        ours = processor.process(samples, block)
                        check(ours.dtype == dtype, "the type changed")
                        error = _apart(ours.astype(np.float64), exact)
                        facts = {"n": n, "engine": engine, "block": block, "error": error}
                        check(error <= budget, "{n} taps, {engine}, {block}: {error}", **facts)


@in_python
def a_full_h2_is_not_dropped(rig: Rig) -> None:
    # Seen elsewhere: engines for diagonals took a full h2 for none at all.
    h2 = np.zeros((3, 3))
    h2[0, 2] = 1
    kernel = VolterraKernelFull(np.zeros(3), h2)
    x = np.array([1.0, 2, 3, 4, 5])
    for engine in ENGINES:
        y = VolterraProcessorFull(kernel, engine=engine).process(x)
        check(np.allclose(y, [0, 0, 3, 8, 15], atol=1e-13), "{engine}: {y}", engine=engine, y=y)


@in_python
def one_tap_and_blocks_beyond_4096_work(rig: Rig) -> None:
    x = np.random.default_rng(2).uniform(-1, 1, 10000)
    kernel = VolterraKernelFull.from_polynomial_coeffs(1, a1=0.9, a2=0.1, a5=0.01)
    right = 0.9 * x + 0.1 * x**2 + 0.01 * x**5
    for engine in ENGINES:
        processor = VolterraProcessorFull(kernel, engine=engine)
        check(_apart(processor.process_block(x), right) < 1e-14, "{engine}", engine=engine)


@in_python
def channels_outputs_in_place_and_odd_arrays_are_right(rig: Rig) -> None:
    random = np.random.default_rng(3)
    kernel = _kernel(100)
    x = random.uniform(-1, 1, (3, 700))
    right = np.stack([_definition(kernel, row) for row in x])
    for engine in ("direct", "partitioned", "numpy"):

        def fresh(engine=engine):
            return VolterraProcessorFull(kernel, engine=engine, channels=3)

        check(_apart(fresh().process(x), right) < 1e-12, "batch")
        place = x.copy()
        check(fresh().process_block(place, out=place) is place, "out is what is returned")
        check(_apart(place, right) < 1e-12, "in place")
        place = x.copy()
        fresh().process_block(place, out=place[::-1])  # outputs on other channels' inputs
        check(_apart(place[::-1], right) < 1e-12, "turned around in place")
        wide = np.zeros((3, 1400))
        wide[:, ::2] = x
        check(_apart(fresh().process_block(wide[:, ::2]), right) < 1e-12, "with steps")
        swapped = x.astype(x.dtype.newbyteorder())
        check(_apart(fresh().process_block(swapped), right) < 1e-12, "other byte order")
    check(VolterraProcessorFull(kernel).process_block(np.zeros(0)).shape == (0,), "no frames")


@in_python
def an_exchange_ends_in_the_new_kernel_without_a_jump(rig: Rig) -> None:
    t = np.arange(6000)
    x = np.sin(0.005 * t)
    quiet = VolterraKernelFull(np.full(20, 0.05))
    loud = VolterraKernelFull(np.full(600, -2.0 / 600))
    processor = VolterraProcessorFull(quiet, block_size=64)
    pieces = []
    for at in range(0, len(x), 100):
        if at == 2000:
            processor.set_kernel(loud)
            check(processor.get_info()["exchanging"], "an exchange is under way")
        pieces.append(processor.process_block(x[at : at + 100]))
    y = np.concatenate(pieces)
    check(not processor.get_info()["exchanging"], "the exchange is over")
    check(np.abs(y[:2000] - _definition(quiet, x)[:2000]).max() < 1e-13, "the old one until then")
    check(np.abs(y[3200:] - _definition(loud, x)[3200:]).max() < 1e-12, "the new one afterwards")
    check(np.abs(np.diff(y[1000:], 2)).max() < 2e-4, "no click")


@in_python
def the_facts_are_told(rig: Rig) -> None:
    info = VolterraProcessorFull(_kernel(5000), dtype=np.float32, channels=2).get_info()
    expected = {"engine": "partitioned", "N": 5000, "orders": [1, 2, 3, 4, 5], "latency": 0}
    expected |= {"channels": 2, "dtype": "float32", "oversampling": 1, "exchanging": False}
    check(expected.items() <= info.items(), "{info}", info=info)
    check(VolterraProcessorFull(_kernel(8)).get_info()["engine"] == "direct", "short: direct")
    info = VolterraProcessorFull(_kernel(8), oversampling=4).get_info()
    check(info["latency"] == 55, "{info}", info=info)
    numpy_info = VolterraProcessorFull(_kernel(8), engine="numpy").get_info()
    check(set(numpy_info) == set(info), "every engine tells the same facts")


@in_python
def kernels_come_back_from_files_as_they_were(rig: Rig) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for full in (False, True):
            kernel = _kernel(9, full)
            kernel.to_npz(Path(folder, "kernel"))  # .npz is added, as NumPy does
            back = VolterraKernelFull.from_npz(Path(folder, "kernel.npz"))
            check(back.h2_is_diagonal != full, "h2's kind")
            for (order, ours), (_, theirs) in zip(back.orders(), kernel.orders()):
                check(np.array_equal(ours, theirs), "order {order}", order=order)
        VolterraKernelFull([1.0, 2.0]).to_npz(Path(folder, "linear.npz"))
        linear = VolterraKernelFull.from_npz(Path(folder, "linear.npz"))
        check(linear.h2 is None and linear.max_order == 1, "missing orders stay missing")
        np.savez(Path(folder, "other.npz"), a=1)
        _raises(ValueError, "no h1", lambda: VolterraKernelFull.from_npz(Path(folder, "other.npz")))
        left = sorted(os.listdir(folder))
        check(left == ["kernel.npz", "linear.npz", "other.npz"], "nothing else: {left}", left=left)


@in_python
def what_makes_no_sense_is_named(rig: Rig) -> None:
    one, kernel = np.ones(3), VolterraKernelFull(np.ones(3))
    for words, call in (
        ("h1 has the shape (0,)", lambda: VolterraKernelFull([])),
        ("h2 has the shape (2, 2)", lambda: VolterraKernelFull(one, np.ones((2, 2)))),
        (
            "h2_is_diagonal=True",
            lambda: VolterraKernelFull(one, np.ones((3, 3)), h2_is_diagonal=True),
        ),
        ("h5_diagonal has the shape", lambda: VolterraKernelFull(one, h5_diagonal=[1])),
        ("h3_diagonal holds a value", lambda: VolterraKernelFull(one, h3_diagonal=[1, 2, np.nan])),
        ("N is 0", lambda: VolterraKernelFull.from_polynomial_coeffs(0)),
        ("engine is 'gpu'", lambda: VolterraProcessorFull(kernel, engine="gpu")),
        ("dtype is int32", lambda: VolterraProcessorFull(kernel, dtype=np.int32)),
        ("oversampling is 3", lambda: VolterraProcessorFull(kernel, oversampling=3)),
        ("channels is 0", lambda: VolterraProcessorFull(kernel, channels=0)),
        ("it must be [1, frames] or [frames]", lambda: VolterraProcessorFull(kernel).process_block(np.ones((2, 5)))),
        ("must be [2, frames]", lambda: VolterraProcessorFull(kernel, channels=2).process(one)),
        ("out must be", lambda: VolterraProcessorFull(kernel).process_block(one, out=np.ones(4))),
        ("block_size is 0", lambda: VolterraProcessorFull(kernel).process(one, 0)),
    ):
        _raises(ValueError, words, call)
    _raises(TypeError, "complex128", lambda: VolterraProcessorFull(kernel).process_block(one * 1j))
    _raises(ValueError, "read-only", lambda: kernel.h1.__setitem__(0, 5))
    check(NumpyEngine(kernel).process_block(one)[2] == 3, "the kernel is as it was")


@in_python
def without_the_library_its_name_is_told(rig: Rig) -> None:
    script = "from asiowire.volterra import _library as l; l.NAME = 'libmissing.so.9'; l.library()"
    ended = subprocess.run([PYTHON, "-c", script], capture_output=True, text=True, check=False)
    words = "asiowire.volterra needs libmissing.so.9"
    check(words in ended.stderr, "{text}", text=ended.stderr)
