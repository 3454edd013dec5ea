# SPDX-License-Identifier: MIT
"""A loop measured through the driver's own ports: a Windows host plays the sweep, a native device
bends it and gives it back, and the hook `volterra` listens to both."""

import math
import subprocess
import tempfile
import wave
from pathlib import Path

from hooks._runner import Runner, wait_until
from rig import processes
from rig.case import Rig, Skip, check
from rig.places import NATIVE, STAGE

BLOCK = 256
DELAY, SECOND, THIRD = 333, 0.1, 0.2
LEVEL = 10 ** (-6 / 20)
SWEEP = ("f1=40", "f2=4800", "seconds=4")
DEVICE = "bent-loop"


def a_loop_is_measured_through_the_drivers_ports(rig: Rig) -> None:
    if not (STAGE / "lib/asiowire/hooks/volterra.so").exists():
        raise Skip("the hook volterra was not built: FFTW is missing")
    words = [str(NATIVE / "hooks-bent_loop"), DEVICE, str(DELAY), str(SECOND), str(THIRD)]
    device = processes.start(words, rig.daemon.env(), stdout=subprocess.PIPE)
    try:
        assert device.stdout is not None
        check(device.stdout.readline() == b"ready\n", "the device did not begin")
        _measure(rig)
    finally:
        processes.end(device)


def what_cannot_be_played_is_refused_with_the_reason(rig: Rig) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, channels, bits, rate, said in (
            ("stereo", 2, 24, 48000, "has 2 channels of 24 bits; one channel of 24-bit PCM"),
            ("short", 1, 16, 48000, "has 1 channels of 16 bits; one channel of 24-bit PCM"),
            ("slow", 1, 24, 44100, "is made for 44100 Hz, and the driver runs at 48000 Hz"),
        ):
            path = Path(folder, name + ".wav")
            with wave.open(str(path), "wb") as file:
                file.setnchannels(channels)
                file.setsampwidth(bits // 8)
                file.setframerate(rate)
                file.writeframes(bytes(6000))
            _refused(rig, f"Z:{path}", said)
        text = Path(folder, "text.wav")
        text.write_text("no sound at all")
        _refused(rig, f"Z:{text}", "is no WAV file")
        _refused(rig, f"Z:{folder}/none.wav", "cannot be opened")


def _refused(rig: Rig, path: str, said: str) -> None:
    ended = rig.host(64, ["--driver", "AsioWire", "--seconds", "1", "--play", path])
    check(ended.code == 2 and said in ended.err, "{code}: {err}", **vars(ended))


def _measure(rig: Rig) -> None:
    with tempfile.TemporaryDirectory() as folder, Runner(runtime=rig.daemon.folder) as runner:
        sweep = Path(folder, "sweep.wav")
        runner.told("sweep", sweep, *SWEEP, "level=-6")
        runner.told("add", "volterra", "pairs=out_1:in_1,out_1:in_2", *SWEEP)
        args = ["--json", "--driver", "AsioWire", "--block", str(BLOCK), "--seconds", "90",
                "--play", f"Z:{sweep}"]
        env = {"ASIOWIRE_PLAYBACK": DEVICE, "ASIOWIRE_CAPTURE": DEVICE}
        host = rig.prefix.start(rig.prefix.host_command(64, args), env)
        try:
            # It plays again and again: a machine that loses a cycle abandons a measurement.
            wait_until(lambda: "thd_percent/in_2" in runner.results("volterra"), "figures", 85)
            found = runner.results("volterra")
            story = [event["text"] for event in runner.log("volterra", "event")]
        finally:
            processes.end(host)
    print("    ", [line for line in story if "ended" in line])
    first = LEVEL + THIRD * LEVEL**3 * 3 / 4  # of a sine, by its powers
    second = SECOND * LEVEL**2 / 2
    third = THIRD * LEVEL**3 / 4
    harmonics = found["harmonics_db/in_1"]
    for ours, right, what in (
        (found["sweep_db/in_1"], _db(LEVEL), "the level played"),
        (found["gain_db/in_1"], _db(first / LEVEL), "the bent path's gain"),
        (found["gain_db/in_2"], 0, "the straight path's gain"),
        (harmonics[0], _db(second / first), "the second harmonic"),
        (harmonics[1], _db(third / first), "the third harmonic"),
    ):
        check(abs(ours - right) < 0.02, "{what}: {ours}, {right} expected", what=what, ours=ours,
              right=right)
    check(max(harmonics[2:]) < -90, "orders 4 and 5: {it}", it=harmonics)
    straight = found["harmonics_db/in_2"]
    check(max(straight) < -100, "the straight path bends: {it}", it=straight)
    for path in ("in_1", "in_2"):  # a loop in the graph is a cycle late
        delay = found[f"delay_frames/{path}"]
        check(delay == DELAY + BLOCK, "{path}: {d} frames", path=path, d=delay)


def _db(amplitude: float) -> float:
    return 20 * math.log10(amplitude)
