# SPDX-License-Identifier: MIT
"""What audio_writer accepts, refuses and writes, file by file."""

import array
import io
import os
import tempfile
import wave
from pathlib import Path

from rig.case import Rig, check

from python import _python
from python._python import in_python

np = _python.numpy()
if _python.inside():
    from audio_writer import write_multichannel_24bit as write
    from audio_writer import write_multichannel_24bit_int32 as write_int32


class Log(io.RawIOBase):
    """A file that notes its writes in a list that it shares, and may take less than all."""

    def __init__(self, calls, name, takes=None):
        self.calls, self.name, self.takes = calls, name, takes

    def writable(self):
        return True

    def write(self, data):
        self.calls.append((self.name, bytes(data)))
        return len(data) if self.takes is None else self.takes(len(data))


def _audio(frames=100, channels=8, seed=1):
    return np.random.default_rng(seed).uniform(-1.2, 1.2, (frames, channels)).astype(np.float32)


def _expected(column, scale=8388607.0):
    codes = np.clip(np.rint(column.astype(np.float64) * scale), -(1 << 23), (1 << 23) - 1)
    return b"".join(int(code).to_bytes(3, "little", signed=True) for code in codes)


def _wave(file=None, channels=1, width=3):
    writer = wave.open(file or io.BytesIO(), "wb")
    writer.setparams((channels, width, 48000, 0, "NONE", ""))
    return writer


def _refusal(call):
    try:
        call()
    except (TypeError, ValueError, IndexError) as error:
        return f"{type(error).__name__}: {error}"
    return "nothing was refused"


@in_python
def each_channel_is_written_once_in_the_order_of_the_list(rig: Rig) -> None:
    audio, calls = _audio(), []
    order = [5, 0, 7, 0, 3]
    files = [Log(calls, number) for number in range(len(order))]
    check(write(audio, order, files) == 100, "frames")
    expected = [(number, _expected(audio[:, c])) for number, c in enumerate(order)]
    check(calls == expected, "{calls}", calls=[(name, len(data)) for name, data in calls])


@in_python
def plain_files_and_wave_files_get_the_same_samples(rig: Rig) -> None:
    audio = _audio(777, 3)
    with tempfile.TemporaryDirectory() as folder:
        plain, packed = Path(folder, "plain"), Path(folder, "packed.wav")
        with open(plain, "wb") as a, wave.open(str(packed), "wb") as b, open(os.devnull, "wb") as c:
            b.setparams((1, 3, 48000, 0, "NONE", ""))
            for start in range(0, 777, 100):
                block = audio[start : start + 100]
                check(write(block, [2, 2, 0], [a, b, c]) == len(block), "frames")
        with wave.open(str(packed)) as file:
            check(file.getnframes() == 777, "{n} frames in the header", n=file.getnframes())
            check(file.readframes(777) == plain.read_bytes() == _expected(audio[:, 2]), "samples")


@in_python
def any_strides_and_byte_orders_are_right(rig: Rig) -> None:
    base = _audio(64, 24)
    records = np.zeros((31, 9), dtype=[("pad", "u1"), ("x", "<f4")])
    records["x"] = _audio(31, 9)
    views = {
        "negative frames": base[::-1],
        "negative channels": base[:, ::-1],
        "both": base[::-3, ::-2],
        "every other": base[1::2, 3::4],
        "transposed": base.T,
        "Fortran order": np.asfortranarray(base),
        "one channel": base[:, 4:5],
        "one frame": base[5:6],
        "broadcast": np.broadcast_to(base[:1], (50, 24)),
        "broadcast channels": np.broadcast_to(base[:, :1], (64, 9)),
        "big-endian": base.astype(">f4"),
        "big-endian, transposed": base.astype(">f4").T,
        "little-endian": base.astype("<f4"),
        "unaligned": records["x"],
        "read-only": np.frombuffer(base.tobytes(), np.float32).reshape(base.shape),
        "no frames": base[:0],
        "memoryview": memoryview(base),
    }
    check(views["unaligned"].flags.aligned is False, "the unaligned view is aligned")
    for name, view in views.items():
        array_ = np.asarray(view)
        files = [io.BytesIO() for _ in range(array_.shape[1])]
        frames = write(view, range(len(files)), files)
        check(frames == array_.shape[0], "{name}: {n} frames", name=name, n=frames)
        for c, file in enumerate(files):
            check(file.getvalue() == _expected(array_[:, c]), f"{name}: channel {c} is wrong")
    whole = (base * 9e6).astype(np.int32)
    for name, view in {"int32": whole, "swapped": whole.astype(">i4").T[::-1]}.items():
        files = [io.BytesIO() for _ in range(view.shape[1])]
        write_int32(view, range(len(files)), files)
        for c, file in enumerate(files):
            check(file.getvalue() == _expected(view[:, c], 1), f"{name}: channel {c} is wrong")


@in_python
def channel_numbers_may_come_from_anywhere(rig: Rig) -> None:
    audio = _audio()
    for indices in (range(2), (0, 1), np.array([0, 1]), array.array("b", [0, 1]), iter([0, 1])):
        check(write(audio, indices, [io.BytesIO(), io.BytesIO()]) == 100, f"{indices}")
    check(write(audio, [], []) == 100, "no channel")


@in_python
def wrong_audio_is_refused_in_a_sentence(rig: Rig) -> None:
    good = _audio(10, 2)
    masked = np.ma.masked_array(good, good > 0)
    for audio, word in (
        (good.astype(np.float64), "float64"),
        (good.astype(np.float16), "float16"),
        (good.astype(np.int32), "write_multichannel_24bit_int32"),
        (good.astype(np.uint32), "uint32"),
        (good.astype("M8[s]"), "ndarray"),
        (good[0], "1 dimensions"),
        (good[None], "3 dimensions"),
        (np.float32(1), "0 dimensions"),
        (good.tolist(), "list"),
        (None, "NoneType"),
        (b"12345678", "float32"),
        (masked, "masked"),
    ):
        files = [io.BytesIO()]
        said = _refusal(lambda: write(audio, [0], files))
        check(word in said, "{word}: {said}", word=word, said=said)
        check(files[0].getvalue() == b"", "{word}: something was written", word=word)
    said = _refusal(lambda: write_int32(good, [0], [io.BytesIO()]))
    check("write_multichannel_24bit" in said, said)
    for wrong in (good.astype(np.int64), good.astype(np.uint32), good.astype(np.int16)):
        said = _refusal(lambda: write_int32(wrong, [0], [io.BytesIO()]))
        check("TypeError" in said and str(wrong.dtype) in said, said)


@in_python
def wrong_channels_scales_and_roundings_are_refused(rig: Rig) -> None:
    audio = _audio(10, 2)
    for indices, word in (
        ([2], "IndexError: channel_indices[0] is 2; audio has 2"),
        ([0, -1], "IndexError: channel_indices[1] is -1"),
        ([1 << 80], "IndexError"),
        ([True], "TypeError: channel_indices[0] is True"),
        ([np.bool_(True)], "TypeError"),
        ([0.0], "TypeError"),
        (["0"], "TypeError"),
        ("01", "TypeError"),
        (0, "TypeError"),
        (None, "TypeError"),
        ([0, 1, 1], "ValueError: 3 channel_indices, but 2 files"),
        ([0], "ValueError: 1 channel_indices, but 2 files"),
    ):
        files = [io.BytesIO(), io.BytesIO()]
        said = _refusal(lambda: write(audio, indices, files))
        check(said.startswith(word), "{indices}: {said}", indices=indices, said=said)
        check(not any(file.getvalue() for file in files), f"{indices}: something was written")
    for more in ({"scale": 0}, {"scale": -1.0}, {"scale": float("nan")}, {"scale": float("inf")},
                 {"scale": "1"}, {"scale": None}, {"scale": True}, {"scale": 10**400},
                 {"rounding": "up"}, {"rounding": None}):
        file = io.BytesIO()
        said = _refusal(lambda: write(audio, [0], [file], **more))
        check(next(iter(more)) in said and not file.getvalue(), f"{more}: {said}")


@in_python
def wrong_files_are_refused_before_the_first_byte(rig: Rig) -> None:
    audio = _audio(10, 2)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file")
        path.write_bytes(b"")
        closed, closed_wave, unset = open(path, "wb"), _wave(), wave.open(io.BytesIO(), "wb")
        closed.close()
        closed_wave.close()
        full = _wave()
        full._nframeswritten = 0xFFFFFFFF // 3 - 15  # what 4 GiB of writing would leave
        with open(path, "w") as text, open(path, "rb") as reading, \
                open(path, "wb", buffering=0) as raw:
            for file, word in (
                (closed, "is closed"),
                (closed_wave, "is closed"),
                (text, "text file"),
                (io.StringIO(), "text file"),
                (reading, "not open for writing"),
                (unset, "must be set first"),
                (_wave(width=2), "2 bytes per sample"),
                (_wave(channels=2), "2 channels"),
                (_wave(raw), "unbuffered"),
                (full, "4 GiB"),
                (str(path), "no file but str"),
                (None, "no file but NoneType"),
            ):
                first = io.BytesIO()
                said = _refusal(lambda: write(audio, [0, 1], [first, file]))
                check("files[1]" in said and word in said, f"{word}: {said}")
                check(first.getvalue() == b"", f"{word}: something was written")
            unset.setparams((1, 3, 48000, 0, "NONE", ""))
            full._nframeswritten = 0
        twice = io.BytesIO()
        said = _refusal(lambda: write(audio, [0, 1], [twice, twice]))
        check("files[1] is in the list twice" in said and not twice.getvalue(), said)
        with open(path, "wb") as file:
            said = _refusal(lambda: write(audio, [0], file))
            check("list of files" in said, said)


@in_python
def a_short_write_is_raised_with_what_was_taken(rig: Rig) -> None:
    audio = _audio(10, 3)
    for takes, kind, word in (
        (lambda size: size - 1, OSError, "files[1] took 29 of 30 bytes"),
        (lambda size: 0, OSError, "files[1] took 0 of 30 bytes"),
        (lambda size: None, BlockingIOError, "files[1] took None of 30 bytes"),
    ):
        calls = []
        files = [Log(calls, 0), Log(calls, 1, takes), Log(calls, 2)]
        try:
            write(audio, [0, 1, 2], files)
            said = "nothing was raised"
        except OSError as error:
            said = f"{error}" if type(error) is kind else repr(error)
        check(word in said, "{said}", said=said)
        check([name for name, _ in calls] == [0, 1], "went on after it: {calls}", calls=calls)


@in_python
def a_full_pipe_and_a_full_disk_are_raised(rig: Rig) -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    seen = []
    with open(reading, "rb", buffering=0), open(writing, "wb", buffering=0) as pipe:
        for _ in range(3):  # part of the first block fits, nothing of the third
            try:
                write(np.zeros((30000, 1), np.float32), [0], [pipe])
                seen.append("taken")
            except OSError as error:
                seen.append(type(error).__name__)
    check(seen == ["OSError", "BlockingIOError", "BlockingIOError"], "{seen}", seen=seen)
    with open("/dev/full", "wb", buffering=0) as full:
        try:
            write(_audio(), [0], [full])
            check(False, "a full disk was not noticed")
        except OSError as error:
            check("No space" in str(error), "{error}", error=error)
