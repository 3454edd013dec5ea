# SPDX-License-Identifier: MIT
"""The extension itself: equal to the fallback, safe against misuse, free of leaks, off the lock."""

import gc
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import tracemalloc
from pathlib import Path

from rig import processes
from rig.case import Rig, Skip, check
from rig.places import ROOT, STAGE, clean_environment

from python import _python
from python._python import PYTHON, in_python

np = _python.numpy()
if _python.inside():
    import audio_writer
    from audio_writer import _native, _numpy

SCALES = (8388607.0, 8388608.0, 8388607.0 / 3, 1e-3, 1e300)


def _noise(frames, channels, seed=0):
    """Audio, halves of codes, and any bits at all."""
    random = np.random.default_rng(seed)
    audio = random.uniform(-1.1, 1.1, (frames, channels)).astype(np.float32)
    audio[::3] = (random.integers(-(1 << 23), 1 << 23, audio[::3].shape) + 0.5) / 8388607.0
    bits = random.integers(0, 1 << 32, audio[::4].shape, np.uint32)
    audio[::4] = bits.view(np.float32)
    return audio


def _differences(audio, channels, is_int, scales=SCALES):
    """How often an instruction set gives other bytes than NumPy."""
    wrong = 0
    for scale in scales:
        for truncate in (False, True):
            how = (False, is_int, scale, truncate)
            want = _numpy.pack(memoryview(audio), channels, *how)
            for simd in range(_native.best_simd + 1):
                wrong += _native.pack(memoryview(audio), channels, *how, simd) != want
    return wrong


@in_python
def every_instruction_set_gives_the_bytes_of_numpy(rig: Rig) -> None:
    audio = _noise(40_000, 9)
    channels = tuple(range(9))
    check(_differences(audio, channels, False) == 0, "float32 differs")
    check(_differences(audio.view(np.int32), channels, True, (1.0,)) == 0, "int32 differs")
    check(_native.best_simd > 0 or "avx2" not in Path("/proc/cpuinfo").read_text(), "no AVX2 used")


@in_python
def every_length_width_and_misalignment_gives_the_bytes_of_numpy(rig: Rig) -> None:
    source = _noise(140, 40)
    wrong = 0
    for frames in range(140):
        for start in (0, 1, 3):
            part = source[:frames, start : start + 33]
            for channels in ((0,), (2, 0), tuple(range(33)), tuple(range(7, 25, 2)), (32, 1, 32)):
                wrong += _differences(part, channels, False, (8388607.0,))
    for offset in range(1, 4):
        raw = np.zeros(4 * 99 * 11 + 4, np.uint8)
        odd = raw[offset : offset + 4 * 99 * 11].view(np.float32).reshape(99, 11)
        odd[:] = source[:99, :11]
        wrong += _differences(odd, tuple(range(11)), False, (8388607.0,))
        wrong += _differences(odd.T[::-1], tuple(range(99)), False, (8388607.0,))
    check(wrong == 0, "{wrong} differ", wrong=wrong)


@in_python
def a_difference_of_one_bit_is_noticed(rig: Rig) -> None:
    audio = _noise(64, 2)
    honest = _numpy.pack

    def planted(*arguments):
        first, second = honest(*arguments)
        return [first, second[:-1] + bytes([second[-1] ^ 1])]

    _numpy.pack = planted
    check(_differences(audio, (0, 1), False) > 0, "not noticed")


@in_python
def misuse_of_the_extension_reads_no_foreign_memory(rig: Rig) -> None:
    audio = _noise(10, 2)
    for arguments in (
        (audio, (2,), False, False, 1.0, False),
        (audio, (-1,), False, False, 1.0, False),
        (audio, (1 << 70,), False, False, 1.0, False),
        (audio, ("x",), False, False, 1.0, False),
        (audio, [0], False, False, 1.0, False),
        (audio[0], (0,), False, False, 1.0, False),
        (audio.astype(np.float64), (0,), False, False, 1.0, False),
        (None, (0,), False, False, 1.0, False),
        (np.broadcast_to(np.float32(0), (1 << 60, 1)), (0,), False, False, 1.0, False),
        (),
    ):
        try:
            _native.pack(*arguments)
            check(False, "{arguments} was taken", arguments=str(arguments)[:80])
        except (TypeError, ValueError, IndexError, OverflowError, MemoryError):
            pass


def _progress_during(work):
    """How often another thread gets the interpreter while `work` runs, with no switch forced."""
    state = {"count": 0, "end": False}

    def other():
        while not state["end"]:
            state["count"] += 1
            time.sleep(0)  # gives the lock back

    interval = sys.getswitchinterval()
    thread = threading.Thread(target=other)
    thread.start()
    while state["count"] < 10:
        time.sleep(0.001)
    sys.setswitchinterval(1000)
    before = state["count"]
    work()
    after = state["count"]
    state["end"] = True
    sys.setswitchinterval(interval)
    thread.join()
    return after - before


@in_python
def other_threads_run_while_the_extension_packs(rig: Rig) -> None:
    audio = np.zeros((3_000_000, 4), np.float32)
    ran = _progress_during(lambda: _native.pack(audio, (0, 1, 2, 3), False, False, 1.0, False, 0))
    check(ran >= 3, "another thread ran {ran} times", ran=ran)
    held = _progress_during(lambda: sum(range(3_000_000)))
    check(held <= 1, "the count proves nothing: {held} while the lock was held", held=held)


def _resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@in_python
def ten_thousand_calls_leave_nothing_behind(rig: Rig) -> None:
    audio, failing = _noise(256, 8), np.zeros((256, 8))
    files = [open("/dev/null", "wb") for _ in range(8)]
    channels = [3, 1, 1, 0, 7, 6, 5, 2]

    def call():
        audio_writer.write_multichannel_24bit(audio, channels, files)
        for wrong in ((audio, [9] * 8), (failing, channels)):
            try:
                audio_writer.write_multichannel_24bit(*wrong, files)
            except (IndexError, TypeError):
                pass
        try:
            _native.pack(audio, (0, 99), False, False, 1.0, False)
        except IndexError:
            pass

    watched = [audio, failing, files[0], channels, channels[0]]
    for _ in range(1000):
        call()
    gc.collect()
    counts, memory = [sys.getrefcount(thing) for thing in watched], _resident()
    tracemalloc.start()
    call()
    traced = tracemalloc.get_traced_memory()[0]
    for _ in range(10_000):
        call()
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0] - traced
    check([sys.getrefcount(thing) for thing in watched] == counts, "reference counts moved")
    check(grown < 10_000, "{grown} bytes of Python's memory are left", grown=grown)
    more = _resident() - memory
    check(more < 8 << 20, "{more} bytes more are resident", more=more)
    for file in files:
        file.close()


def _python_without_extension(code: str, folder: str) -> processes.Ended:
    copy = Path(folder, "audio_writer")
    shutil.copytree(_python.folder() / "audio_writer", copy, ignore=lambda _, names: [
        name for name in names if name.startswith("_native")])
    return processes.run([PYTHON, "-c", code], _python.environment(Path(folder)), 60)


def without_the_extension_numpy_takes_over_with_one_notice(rig: Rig) -> None:
    code = (
        "import io, numpy, audio_writer, importlib\n"
        "from audio_writer import *\n"
        "files = [io.BytesIO(), io.BytesIO()]\n"
        "audio = numpy.linspace(-1.5, 1.5, 14, dtype='f4').reshape(7, 2)\n"
        "for _ in range(3): write_multichannel_24bit(audio, [1, 0], files)\n"
        "print(audio_writer.implementation, *(file.getvalue().hex() for file in files))\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        slow = _python_without_extension(code, folder)
    fast = processes.run([PYTHON, "-c", code], _python.environment(), 60)
    check(slow.code == 0 and fast.code == 0, "{a}{b}", a=slow.err, b=fast.err)
    check(slow.out.split()[0] == "numpy" and fast.out.split()[0] == "extension", slow.out)
    check(slow.out.split()[1:] == fast.out.split()[1:], "other bytes")
    notices = slow.err.count("RuntimeWarning")
    check(notices == 1 and "NumPy packs instead" in slow.err, slow.err)
    check(fast.err == "", fast.err)


def the_extension_needs_no_numpy_and_runs_on_later_pythons(rig: Rig) -> None:
    code = (
        "import sys; sys.modules['numpy'] = None\n"
        "import array, io, audio_writer as a\n"
        "assert a.implementation == 'extension'\n"
        "file = io.BytesIO()\n"
        "audio = memoryview(array.array('f', [1, -1])).cast('B').cast('f', (2, 1))\n"
        "assert a.write_multichannel_24bit(audio, [0], [file]) == 2\n"
        "assert file.getvalue() == bytes([255, 255, 127, 1, 0, 128]), file.getvalue()\n"
    )
    ended = processes.run([PYTHON, "-W", "error", "-c", code], _python.environment(), 60)
    check(ended.code == 0, ended.err)
    others = {path for minor in range(12, 20) if (path := shutil.which(f"python3.{minor}"))}
    for python in sorted(others):
        found = subprocess.run([python, "-c", ""], capture_output=True, check=False)
        if found.returncode != 0:
            continue  # a name without a Python behind it
        ended = processes.run([python, "-c", code], _python.environment(), 60)
        check(ended.code == 0, "{python}: {err}", python=python, err=ended.err)
    if not others:
        raise Skip("no other Python from 3.12 on is installed; Debian's own was right")


def what_was_installed_is_gone_after_uninstalling(rig: Rig) -> None:
    install = str(ROOT / "build-aux/install.sh")
    with tempfile.TemporaryDirectory() as root:
        made = processes.run([install, "install", STAGE, root], clean_environment(), 60)
        check(made.code == 0, made.err)
        path = Path(root) / _python.folder().relative_to(STAGE)
        check(not list(Path(root).rglob("*.pyc")), "bytecode of the build tree was installed")
        env = clean_environment() | {"PYTHONPATH": str(path), "PYTHONDONTWRITEBYTECODE": ""}
        ended = processes.run([PYTHON, "-c", "import audio_writer as a; print(a)"], env, 60)
        check(ended.code == 0 and str(path) in ended.out, ended.out + ended.err)
        check(list(path.rglob("*.pyc")), "Python left no bytecode to be removed")
        gone = processes.run([install, "uninstall", root], clean_environment(), 60)
        left = [str(file) for file in Path(root).rglob("*")]
        check(gone.code == 0 and not left, "{err}{left}", err=gone.err, left=left)
