# SPDX-License-Identifier: MIT
"""The log-mel library against a float64 reference in NumPy that shares no line with it."""

import json
import os
import subprocess

from rig.case import Rig, Skip, check
from rig.places import ROOT, STAGE, clean_environment

PYTHON = "/usr/bin/python3"  # the one for which the system's packages are
BUDGET = 5e-4  # in log10


def whispers_spectrogram_is_right_for_every_signal_and_level(rig: Rig) -> None:
    _check_within(BUDGET, "whisper")


def with_128_bands_it_is_right_too(rig: Rig) -> None:
    _check_within(BUDGET, "large")


def odd_prime_and_tiny_sizes_are_right(rig: Rig) -> None:
    _check_within(BUDGET, "sizes")


def signals_shorter_than_a_frame_are_mirrored_as_often_as_needed(rig: Rig) -> None:
    _check_within(BUDGET, "short")


def every_variant_is_right(rig: Rig) -> None:
    _check_within(BUDGET, "variants")


def a_stream_says_what_the_batch_says_bit_by_bit(rig: Rig) -> None:
    _check_within(0, "streams")


def a_symmetric_window_would_be_noticed(rig: Rig) -> None:
    _check_noticed("planted-window")


def a_kept_last_frame_would_be_noticed(rig: Rig) -> None:
    _check_noticed("planted-frame")


def another_mel_scale_would_be_noticed(rig: Rig) -> None:
    _check_noticed("planted-scale")


def _compare(group: str) -> dict[str, float]:
    """The error of every case of a group."""
    asked = subprocess.run([PYTHON, "-c", "import numpy"], capture_output=True, check=False)
    if asked.returncode != 0:
        raise Skip(f"{PYTHON} has no NumPy (package python3-numpy)")
    script = ROOT / "tests/hooks/_compare.py"
    ended = subprocess.run(
        [PYTHON, script, STAGE / "lib/libmojo_audio.so", group],
        env=clean_environment() | {"OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        preexec_fn=lambda: os.nice(5),
    )
    check(ended.returncode == 0, "the comparison ended with {why}", why=ended.stderr[-1500:])
    cases = [json.loads(line) for line in ended.stdout.splitlines()]
    check(len(cases) >= 20, f"only {len(cases)} cases")
    return {case["case"]: case["error"] for case in cases}


def _check_within(budget: float, group: str) -> None:
    errors = _compare(group)
    wrong = {name: error for name, error in errors.items() if not error <= budget}
    check(not wrong, "{n} of {all} wrong: {wrong}", n=len(wrong), all=len(errors), wrong=wrong)


def _check_noticed(group: str) -> None:
    errors = _compare(group)
    noticed = [name for name, error in errors.items() if not error <= BUDGET]
    check(len(noticed) > len(errors) / 2, f"noticed in {len(noticed)} of {len(errors)} cases only")
