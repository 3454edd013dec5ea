# SPDX-License-Identifier: MIT
"""Every 24-bit code, by judges not written here: libsndfile and Python's wave."""

import io
import tempfile
import wave
from pathlib import Path

from rig.case import Rig, check

from python import _judges, _python
from python._python import in_python

np = _python.numpy()
if _python.inside():
    from audio_writer import write_multichannel_24bit, write_multichannel_24bit_int32
    from audio_writer import implementation

LEAST, MOST = -(1 << 23), (1 << 23) - 1


def _codes():
    check(implementation == "extension", "the extension was not used")
    return np.arange(LEAST, MOST + 1, dtype=np.int32)


def _wave_file(path, audio, write, **more):
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 3, 48000, 0, "NONE", ""))
        check(write(audio.reshape(-1, 1), [0], [file], **more) == len(audio), "frames")


@in_python
def every_code_of_a_float_take_is_read_back_by_libsndfile_and_wave(rig: Rig) -> None:
    codes = _codes()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "codes.wav")
        audio = codes.astype(np.float32) / np.float32(1 << 23)
        _wave_file(path, audio, write_multichannel_24bit, scale=float(1 << 23))
        read = _judges.read_codes(str(path), len(codes))
        check(np.array_equal(read, codes), "libsndfile: {n} wrong", n=(read != codes).sum())
        with wave.open(str(path)) as file:
            read = _judges.codes_of(file.readframes(len(codes)))
        check(np.array_equal(read, codes), "wave: {n} wrong", n=(read != codes).sum())


@in_python
def every_code_of_an_int32_take_is_read_back_by_libsndfile(rig: Rig) -> None:
    codes = _codes()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "codes.wav")
        _wave_file(path, codes, write_multichannel_24bit_int32)
        read = _judges.read_codes(str(path), len(codes))
        check(np.array_equal(read, codes), "{n} wrong", n=(read != codes).sum())


@in_python
def libsndfile_with_clipping_packs_the_same_bytes(rig: Rig) -> None:
    audio = _codes().astype(np.float32) / np.float32(1 << 23)
    loud = np.linspace(-3, 3, 9973, dtype=np.float32)
    audio = np.concatenate([audio, loud[np.abs(loud) > 1], np.float32([np.inf, -np.inf])])
    with tempfile.TemporaryDirectory() as folder:
        theirs = _judges.written_by_libsndfile(str(Path(folder, "raw")), audio)
    ours = io.BytesIO()
    write_multichannel_24bit(audio.reshape(-1, 1), [0], [ours], scale=2.0**23)
    mine, other = _judges.codes_of(ours.getvalue()), _judges.codes_of(theirs)
    check(np.array_equal(mine, other), "{n} differ", n=(mine != other).sum())


@in_python
def the_default_scale_returns_every_code_that_was_divided_by_it(rig: Rig) -> None:
    codes = _codes()[1:]
    audio = (codes / 8388607.0).astype(np.float32)
    ours = io.BytesIO()
    write_multichannel_24bit(audio.reshape(-1, 1), [0], [ours])
    read = _judges.codes_of(ours.getvalue())
    check(np.array_equal(read, codes), "{n} wrong", n=(read != codes).sum())


@in_python
def truncation_at_the_wrong_scale_loses_as_many_codes_as_was_measured_elsewhere(rig: Rig) -> None:
    codes = _codes()
    audio = codes.astype(np.float32) / np.float32(1 << 23)
    ours = io.BytesIO()
    write_multichannel_24bit(audio.reshape(-1, 1), [0], [ours], rounding="truncate")
    wrong = int((_judges.codes_of(ours.getvalue()) != codes).sum())
    check(wrong == 16_777_215, "{n} codes wrong", n=wrong)


@in_python
def int32_is_clamped_and_not_shifted(rig: Rig) -> None:
    values = [LEAST, LEAST - 1, -(1 << 31), MOST, MOST + 1, (1 << 31) - 1, 0, -1, 256, 65536]
    ours = io.BytesIO()
    write_multichannel_24bit_int32(np.array([values], np.int32).T, [0], [ours])
    read = _judges.codes_of(ours.getvalue()).tolist()
    expected = [LEAST, LEAST, LEAST, MOST, MOST, MOST, 0, -1, 256, 65536]
    check(read == expected, "{read}", read=read)


@in_python
def nan_infinity_denormals_and_halves_are_defined(rig: Rig) -> None:
    half = np.float32(0.5 / 8388608)
    tiny = np.float32(1e-45)
    signalling = np.array([0x7FA00001, 0xFFA00001], np.uint32).view(np.float32)
    values = [np.nan, -np.nan, np.inf, -np.inf, tiny, -tiny, 0.0, -0.0, half, 3 * half, 5 * half]
    values += [-half, -3 * half, 3.4e38, -3.4e38, *signalling]
    audio = np.array([values], np.float32).T
    for rounding, halves in (("nearest", [0, 2, 2, 0, -2]), ("truncate", [0, 1, 2, 0, -1])):
        ours = io.BytesIO()
        write_multichannel_24bit(audio, [0], [ours], scale=2.0**23, rounding=rounding)
        read = _judges.codes_of(ours.getvalue()).tolist()
        expected = [0, 0, MOST, LEAST, 0, 0, 0, 0, *halves, MOST, LEAST, 0, 0]
        check(read == expected, "{rounding}: {read}", rounding=rounding, read=read)


@in_python
def a_wrong_code_is_noticed(rig: Rig) -> None:
    data = bytearray(_codes()[:4096].astype("<i4").view(np.uint8).reshape(-1, 4)[:, :3].tobytes())
    data[3 * 1000] ^= 1
    with tempfile.TemporaryDirectory() as folder:
        with wave.open(str(Path(folder, "w.wav")), "wb") as file:
            file.setparams((1, 3, 48000, 0, "NONE", ""))
            file.writeframes(bytes(data))
        read = _judges.read_codes(str(Path(folder, "w.wav")), 4096)
    check((read != _codes()[:4096]).sum() == 1, "the judge sees nothing")
