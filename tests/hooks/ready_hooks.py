# SPDX-License-Identifier: MIT
"""The ready-made hooks, each against something that shares no line with it: ffmpeg, SciPy, or a
signal whose answer is arithmetic."""

import array
import json
import math
import random
import re
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Callable, Sequence

from rig.case import Rig, Skip, check
from rig.places import ROOT, STAGE, clean_environment

PYTHON = "/usr/bin/python3"
RATE = 48000
Channel = Callable[[int], float]


def loudness_and_true_peak_are_those_of_ffmpeg(rig: Rig) -> None:
    if shutil.which("ffmpeg") is None:
        raise Skip("ffmpeg is not installed")
    noise = random.Random(3)
    smooth = [0.0]

    def music(i: int) -> float:  # loud and quiet by turns, with more low than high frequencies
        smooth[0] = 0.9 * smooth[0] + 0.1 * noise.uniform(-1, 1)
        return smooth[0] * (1.5 if i // RATE % 3 else 0.2)

    def tone(i: int) -> float:
        return 0.5 * math.sin(2 * math.pi * 11999 * i / RATE + 0.7)

    with tempfile.TemporaryDirectory() as folder:
        file = _wav(folder, [music, tone], 12)
        ours = _last(_try("levels", file))
        words = ["ffmpeg", "-nostats", "-i", file, "-af",
                 "ebur128=peak=true:metadata=1,ametadata=print:file=-", "-f", "null", "-"]
        said = _run(words)
    theirs = dict(re.findall(r"lavfi\.r128\.(\w+)=(\S+)", said))  # the last of each
    for name, key in (("integrated", "I"), ("range", "LRA")):
        _near(ours[f"loudness/{name}"], float(theirs[key]), 0.1, name)
    peaks = [float(theirs[f"true_peaks_ch{c}"]) for c in range(2)]
    _near(ours["max_true_peak_db"], 20 * math.log10(max(peaks)), 0.2, "true peak")


def levels_of_sines_are_arithmetic(rig: Rig) -> None:
    with tempfile.TemporaryDirectory() as folder:
        left, right = _sine(997, -23), _sine(997, -23)
        ours = _last(_try("levels", _wav(folder, [left, right], 5), "interval_ms=1000"))
    for channel in range(2):
        _near(ours["peak_db"][channel], -23, 0.001, "peak")
        _near(ours["rms_db"][channel], -23 - 10 * math.log10(2), 0.001, "RMS")
    # EBU Tech 3341, case 1: such a sine in both channels has as many LUFS.
    for name in ("momentary", "short_term", "integrated"):
        _near(ours[f"loudness/{name}"], -23, 0.1, name)
    _near(ours["loudness/range"], 0, 0.1 + 1e-9, "range")  # it is counted in steps of 0.1 LU


def a_peak_between_two_samples_is_found(rig: Rig) -> None:
    with tempfile.TemporaryDirectory() as folder:
        # A quarter of the rate, sampled at 45 degrees: the samples see 3 dB less than there is.
        ours = _last(_try("levels", _wav(folder, [_sine(RATE / 4, -6, math.pi / 4)], 2)))
    _near(ours["peak_db"][0], -6 - 10 * math.log10(2), 0.001, "sample peak")
    _near(ours["max_true_peak_db"], -6, 0.3, "true peak")


def the_spectrum_is_that_of_scipy(rig: Rig) -> None:
    _need_scipy()
    noise = random.Random(5)
    with tempfile.TemporaryDirectory() as folder:
        tone = _sine(1234.5, -20)
        file = _wav(folder, [lambda i: tone(i) + 0.01 * noise.gauss(0, 1) + 0.05], 1)
        ours = _last(_try("spectrum", file, "interval_ms=1000"))["spectrum_db/in_1"]
        theirs = _oracle("spectrum", file)
    # SciPy has no half-window at either end that we do not have: the same ten windows.
    worst = max(abs(a - b) for a, b in zip(ours, theirs, strict=True))
    check(worst < 0.01, "{worst} dB from SciPy's", worst=worst)


def a_full_scale_sine_reads_0_db(rig: Rig) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = _last(_try("spectrum", _wav(folder, [_sine(48000 / 8192 * 200, 0)], 1)))
    spectrum = found["spectrum_db/in_1"]
    check(spectrum.index(max(spectrum)) == 200, f"at bin {spectrum.index(max(spectrum))}")
    _near(max(spectrum), 0, 0.001, "its level")
    _near(found["bin_hz"], 48000 / 8192, 1e-9, "the width of a bin")


def log_mel_frames_are_those_of_the_float64_reference(rig: Rig) -> None:
    _need_scipy()
    noise = random.Random(9)
    with tempfile.TemporaryDirectory() as folder:
        # Both channels heard, their mean taken: the other one is silent.
        file = _wav(folder, [lambda i: noise.uniform(-0.5, 0.5), lambda i: 0.0], 2)
        lines = _try("log_mel", file)
        theirs = _oracle("mel", file)
    frames = [line["value"] for line in lines if line.get("name") == "mel"]
    check(len(frames) == len(theirs) == 200, f"{len(frames)} frames, {len(theirs)} expected")
    half = 2 * math.log10(2)
    # Two resamplers differ near 8 kHz and at the signal's ends; what lies between must not.
    worst = max(
        abs(a - (b - half))
        for ours, reference in zip(frames[3:-3], theirs[3:-3])
        for a, b in zip(ours[:72], reference[:72])
    )
    check(worst < 0.01, "{worst} from the reference", worst=worst)


def distortion_is_what_was_put_in(rig: Rig) -> None:
    level, second, third = 0.5, 0.004, 0.003

    def bent(i: int) -> float:
        phase = 2 * math.pi * 997.3 * i / RATE
        return (level * math.sin(phase) + level * second * math.sin(2 * phase + 1)
                + level * third * math.sin(3 * phase + 2))

    with tempfile.TemporaryDirectory() as folder:
        ours = _last(_try("distortion", _wav(folder, [bent, _sine(440, -3)], 2)))
    _near(ours["fundamental_hz/in_1"], 997.3, 0.001, "fundamental")
    _near(ours["level_db/in_1"], 20 * math.log10(level), 0.001, "level")
    _near(ours["thd_percent/in_1"], 0.5, 0.0005, "THD")  # 0.4 and 0.3 at right angles
    _near(ours["thd_n_percent/in_1"], 0.5, 0.0005, "THD+N")
    _near(ours["harmonics_db/in_1"][0], 20 * math.log10(second), 0.01, "second harmonic")
    _near(ours["harmonics_db/in_1"][1], 20 * math.log10(third), 0.01, "third harmonic")
    check(max(ours["harmonics_db/in_1"][2:]) < -120, f"{ours['harmonics_db/in_1']}")
    check(ours["thd_percent/in_2"] < 0.0001, f"a pure sine: {ours['thd_percent/in_2']} %")


def noise_counts_in_thd_n_alone(rig: Rig) -> None:
    noise = random.Random(11)
    tone = _sine(1000, -6.0206)
    with tempfile.TemporaryDirectory() as folder:
        file = _wav(folder, [lambda i: tone(i) + noise.gauss(0, 0.5 / math.sqrt(2) * 0.01)], 3)
        ours = _last(_try("distortion", file, "size=65536"))
    _near(ours["thd_n_percent/in_1"], 1, 0.03, "THD+N of noise 40 dB down")
    check(ours["thd_percent/in_1"] < 0.1, f"THD {ours['thd_percent/in_1']} %")


def what_is_wrong_with_a_signal_is_told_once(rig: Rig) -> None:
    flat = _sine(100, 3)
    tone = _sine(440, -12)

    def late(of: Channel, begin: float, end: float, otherwise: Channel) -> Channel:
        return lambda i: (of if begin <= i / RATE < end else otherwise)(i)

    channels: Sequence[Channel] = [
        late(lambda i: max(-1.0, min(1.0, flat(i))), 2, 3, tone),
        lambda i: tone(i) + 0.01,
        late(lambda i: 0.0, 1, 4, tone),
        late(lambda i: -tone(i), 0, 4, tone),
        tone,
        late(lambda i: -tone(i), 2, 4, tone),
        late(lambda i: math.nan, 3, 3.001, tone),
    ]
    with tempfile.TemporaryDirectory() as folder:
        lines = _try("watch", _wav(folder, channels, 6), "silence_s=2")
    events = [(line["text"], line["position"] // RATE) for line in lines
              if line["kind"] == "event"]
    print("    ", events)
    for text, second in (
        ("in_1: clipped 200 times within a second", 2),
        ("in_2: DC of more than -50 dB", 0),
        ("in_3: silence (below -80 dB for 2 s)", 2),
        ("in_3: no longer: silence (below -80 dB for 2 s)", 4),
        ("in_5: out of phase with in_6 (correlation below -0.5)", 2),
        ("in_5: no longer: out of phase with in_6 (correlation below -0.5)", 4),
        ("in_7: samples that are no numbers", 3),
        ("in_7: no longer: samples that are no numbers", 4),
        ("in_3: out of phase with in_4 (correlation below -0.5)", 0),
        ("in_3: no longer: out of phase with in_4 (correlation below -0.5)", 1),
    ):
        found = [at for said, at in events if said == text]
        # The end of a second lies in the block that completes it.
        check(found in ([second], [second + 1]), "{text}: {found}", text=text, found=found)
    check(len(events) == 10, f"{len(events)} events")


def settings_out_of_range_are_refused_by_name(rig: Rig) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = _wav(folder, [_sine(440, -6)], 0.1)
        for hook, setting, words in (
            ("levels", "interval_ms=0", "interval_ms=0: a number from 10 to 10000 is needed"),
            ("spectrum", "size=odd", "size=odd: a number from 16 to 32766 is needed"),
            ("spectrum", "size=4095", "an even number"),
            ("watch", "phase=2", "phase=2"),
            ("log_mel", "bands=-1", "bands=-1"),
            ("distortion", "speed=1", "no setting 'speed'; there are size"),
        ):
            ended = subprocess.run(
                [STAGE / "bin/asiowire", "hooks", "try", hook, file, setting],
                env=clean_environment(), capture_output=True, text=True, timeout=60, check=False,
            )
            check(ended.returncode == 1 and words in ended.stderr, f"{hook}: {ended.stderr}")


def _sine(hz: float, db: float, phase: float = 0) -> Channel:
    amplitude = 10 ** (db / 20)
    return lambda i: amplitude * math.sin(2 * math.pi * hz * i / RATE + phase)


def _wav(folder: str, channels: Sequence[Channel], seconds: float) -> Path:
    """A float32 WAV file."""
    samples = array.array(
        "f", (channel(i) for i in range(int(seconds * RATE)) for channel in channels)
    )
    data = samples.tobytes()
    n = len(channels)
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 3, n,
                       RATE, RATE * n * 4, n * 4, 32, b"data", len(data))
    path = Path(folder, "signal.wav")
    path.write_bytes(head + data)
    return path


def _try(hook: str, file: Path, *settings: str) -> list[dict[str, Any]]:
    if not (STAGE / f"lib/asiowire/hooks/{hook}.so").exists():
        raise Skip(f"the hook {hook} was not built: its library is missing")
    words = [STAGE / "bin/asiowire", "hooks", "try", hook, file, *settings, "--json"]
    return [json.loads(line) for line in _run(words).splitlines()]


def _last(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """The last value of every result."""
    return {line["name"]: line["value"] for line in lines if line["kind"] == "result"}


def _run(words: Sequence[str | Path]) -> str:
    ended = subprocess.run(words, env=clean_environment(), capture_output=True, text=True,
                           timeout=120, check=False)
    check(ended.returncode == 0, "{first}: {err}", first=words[0], err=ended.stderr[-1000:])
    return ended.stdout


def _need_scipy() -> None:
    asked = subprocess.run([PYTHON, "-c", "import scipy"], capture_output=True, check=False)
    if asked.returncode != 0:
        raise Skip(f"{PYTHON} has no SciPy (package python3-scipy)")


def _oracle(what: str, file: Path) -> Any:
    script = ROOT / "tests/hooks/_oracles.py"
    return json.loads(_run([PYTHON, "-B", script, what, file]))


def _near(found: float, expected: float, budget: float, what: str) -> None:
    check(abs(found - expected) <= budget, "{what}: {found}, {expected} expected", what=what,
          found=found, expected=expected)
