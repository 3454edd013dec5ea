# SPDX-License-Identifier: MIT
"""The sweep as a file, and what the hook `volterra` makes of what a loop returns of it; the judges
are the formula, and sines through the same loop."""

import json
import subprocess
import tempfile
import wave
from pathlib import Path
from typing import Any, Sequence

from python import _python
from python._python import in_python
from rig.case import Rig, Skip, check
from rig.places import STAGE, clean_environment

np = _python.numpy()
RATE = 48000
TOOL = STAGE / "bin/asiowire"


@in_python
def the_file_holds_the_synchronized_sweep_of_the_literature(rig: Rig) -> None:
    with tempfile.TemporaryDirectory() as folder:
        samples, rate = _sweep(folder, "rate=44100", "f1=30", "f2=15000", "seconds=5", "level=-12")
    check(rate == 44100, "{r} Hz", r=rate)
    length = np.round(30 * 5 / np.log(15000 / 30)) / 30  # Novak: whole periods
    frames = int(length * np.log(15000 / 30) * 44100)
    t = np.arange(frames) / 44100
    right = 10 ** (-12 / 20) * np.sin(2 * np.pi * 30 * length * np.exp(t / length))
    found = samples[44100 : 44100 + frames]
    body = slice(500, frames - 500)  # it is faded in and out over 10 ms
    worst = float(np.abs(found - right)[body].max())
    # Rounded to 24 bits, and before that to float32.
    check(worst < 1.001 * (2**-24 + 2**-26), "{w} from the formula", w=worst)
    quiet = np.abs(np.append(samples[:44100], samples[44100 + frames + 2 :])).max()
    check(quiet == 0 and len(samples) > 44100 * 3 + frames, "silence around it: {q}", q=quiet)


@in_python
def the_sweep_and_sines_agree_about_a_loop_at_default_settings(rig: Rig) -> None:
    signal = _scipy()
    low, high = signal.butter(2, 30, "high", fs=RATE), signal.butter(2, 15000, fs=RATE)

    def loop(x: Any) -> Any:  # converters, a bent amplifier between them at four times the rate
        x = signal.resample_poly(signal.lfilter(*low, x), 4, 1)
        bent = signal.resample_poly(x + 0.04 * x**2 - 0.06 * x**3, 1, 4)
        return signal.lfilter(*high, np.append(np.zeros(321), bent))

    with tempfile.TemporaryDirectory() as folder:
        played, _ = _sweep(folder)
        lines = _try(folder, [played, loop(played)], "pairs=in_1:in_2")
    found = _last(lines)
    grid = np.array(found["grid_hz"])
    level = 10 ** (found["sweep_db/in_2"] / 20)
    check(abs(level - 10 ** (-6 / 20)) < 1e-5, "the level is {l}", l=level)
    worst = []
    for near in (100, 1000, 3000, 8000):
        i = int(np.argmin(np.abs(grid - near)))
        hz = float(grid[i])  # a sine of that frequency, and its spectrum by projection
        t = np.arange(2 * RATE) / RATE
        y = loop(level * np.sin(2 * np.pi * hz * t))[RATE // 2 : RATE // 2 + RATE]
        window = np.blackman(RATE)
        for m in (1, 2, 3):
            if m * hz > 0.45 * RATE:
                continue
            turn = np.exp(-2j * np.pi * m * hz * np.arange(RATE) / RATE)
            right = 20 * np.log10(2 * abs(np.sum(y * window * turn)) / window.sum() / level)
            worst.append((round(abs(found[f"h{m}_db/in_2"][i] - right), 4), m, round(hz)))
    print("    ", worst, found["harmonics_db/in_2"])
    check(max(worst)[0] < 0.1, "dB from the sines', order, Hz: {w}", w=max(worst))
    check(max(found["harmonics_db/in_2"][2:]) < -90, "orders 4 and 5: {it}",
          it=found["harmonics_db/in_2"])
    check(found["h3_db/in_2"][-1] is None, "three times 17 kHz is told")


@in_python
def what_the_hook_says_of_a_file_that_ends_early_and_of_a_wrong_rate(rig: Rig) -> None:
    with tempfile.TemporaryDirectory() as folder:
        played, _ = _sweep(folder)
        early = _try(folder, [played[: 5 * RATE]] * 2, "pairs=in_1:in_2")
        other, _ = _sweep(folder, "rate=44100")
        wrong = _try(folder, [other, other], "pairs=in_1:in_2")
    _says(early, "in_1: the stream ended before the sweep and its response were over")
    _says(wrong, "in_1: this sweep was made for 44100 Hz and is played at 48000 Hz; nothing is "
                 "measured. Make it anew with rate=48000, or have it converted")


@in_python
def a_sweep_that_needs_more_memory_than_there_is_says_so(rig: Rig) -> None:
    words = ("f1=20", "f2=20000", "seconds=10")
    with tempfile.TemporaryDirectory() as folder:
        played, _ = _sweep(folder, *words)
        lines = _try(folder, [played, played], "pairs=in_1:in_2", "limit.mb=30", *words)
    _says(lines, "Add the hook with a larger limit.mb=")


def what_makes_no_sense_in_a_sweep_is_refused_and_no_file_is_left(rig: Rig) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "sweep.wav")
        for words, said in (
            (["f1=1"], "f1=1: a number from 10 to 1000 is needed"),
            (["f2=30000"], "f2=30000: below half the rate=48000 is needed"),
            (["f1=900", "f2=1000"], "f2=1000: at least 4 times f1=900 is needed"),
            (["rate=44100.5"], "rate=44100.5: a whole number is needed"),
            (["speed=1"], "'speed=1' is no setting of a sweep; there are f1=, f2=, seconds=, "),
        ):
            ended = _run([TOOL, "hooks", "sweep", path, *words])
            check(ended.returncode == 1 and said in ended.stderr, f"{words}: {ended.stderr}")
        nowhere = _run([TOOL, "hooks", "sweep", Path(folder, "none", "s.wav")])
        check(nowhere.returncode == 1 and "cannot be written" in nowhere.stderr, nowhere.stderr)
        check(not list(Path(folder).iterdir()), "a file was left")


def _sweep(folder: str, *words: str) -> tuple[Any, int]:
    path = Path(folder, "sweep.wav")
    ended = _run([TOOL, "hooks", "sweep", path, *words])
    check(ended.returncode == 0, "{err}", err=ended.stderr)
    with wave.open(str(path)) as file:
        check((file.getnchannels(), file.getsampwidth()) == (1, 3), "its format")
        raw = np.frombuffer(file.readframes(file.getnframes()), np.uint8).reshape(-1, 3)
        rate = file.getframerate()
    codes = raw[:, 0] + raw[:, 1] * 256 + raw[:, 2].astype(np.int8) * 65536.0
    return codes / 2**23, rate


def _try(folder: str, channels: Sequence[Any], *settings: str) -> list[dict[str, Any]]:
    if not (STAGE / "lib/asiowire/hooks/volterra.so").exists():
        raise Skip("the hook volterra was not built: FFTW is missing")
    from scipy.io import wavfile

    path = Path(folder, "loop.wav")
    frames = max(len(channel) for channel in channels)
    rows = [np.append(channel, np.zeros(frames - len(channel))) for channel in channels]
    wavfile.write(path, RATE, np.stack(rows, axis=1).astype(np.float32))
    ended = _run([TOOL, "hooks", "try", "volterra", path, *settings, "--json"])
    check(ended.returncode == 0, "{err}", err=ended.stderr)
    return [json.loads(line) for line in ended.stdout.splitlines()]


def _last(lines: list[dict[str, Any]]) -> dict[str, Any]:
    return {line["name"]: line["value"] for line in lines if line["kind"] == "result"}


def _says(lines: list[dict[str, Any]], words: str) -> None:
    events = [line["text"] for line in lines if line["kind"] == "event"]
    check(any(words in event for event in events), "{words}: {it}", words=words, it=events)


def _run(words: Sequence[str | Path]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(words, env=clean_environment(), capture_output=True, text=True,
                          timeout=120, check=False)


def _scipy() -> Any:
    try:
        from scipy import signal
    except ImportError:
        raise Skip("python3-scipy is not installed") from None
    return signal
