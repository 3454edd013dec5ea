# SPDX-License-Identifier: MIT
"""`asiowire record --hooks`: what hooks publish lies in the take's folder, at the frames that it is of."""

import json
import os
import shutil
import signal
import sys
import time
from array import array
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import _takes  # noqa: E402
from _recording import beside_counter, finish, only_take, recorder  # noqa: E402
from hooks._runner import Runner, hook_source, wait_until  # noqa: E402
from rig.case import Rig, check  # noqa: E402

RATE = 48000
# What it says of a block can be read in the take's own samples.
FIRST_SAMPLES = hook_source(
    """
    float first[2] = {block->audio[0][0], block->audio[block->channels - 1][0]};
    runner->publish_array(runner, "first", first, 2);
    if (calls % 10 == 0) runner->publish_event(runner, ASIOWIRE_HOOK_INFO, "ten");
    """
)


@beside_counter(4, "sink-8")
def results_lie_beside_the_samples_that_they_are_of(rig: Rig, where: Path) -> None:
    with Runner(runtime=rig.daemon.folder) as runner:
        runner.told("add", runner.write("first.c", FIRST_SAMPLES), "channels=in_2,in_4")
        process = recorder(rig, where, "--node", "sink-8", "--hooks", "--channels", "1-4")
        wait_until(lambda: lines_of(where), "results")
        time.sleep(2)
        os.kill(process.pid, signal.SIGINT)
        ended = finish(process)
        check(ended.code in (0, 3) and "--hooks" not in ended.err, "{code}: {err}", **vars(ended))
        take = only_take(where)
        wait_until(lambda: lines_of(where)[-1]["kind"] == "end", "its end")
        lines = lines_of(where)
    begin, end = lines[0], lines[-1]
    check(begin["kind"] == "begin" and begin["hook"] == "first" and begin["rate"] == RATE, "{b}", b=begin)
    check([one["track"] for one in begin["channels"]] == [2, 4], "{b}", b=begin)
    frames = compare(take, lines)
    check(end["frames"] == frames and end["missed"] == 0 and "why" not in end, "{e}", e=end)
    last = [line["frame"] for line in lines if line["kind"] == "result"][-1]
    check(frames - last <= 8192, "the last result is of {l}, of {f} frames", l=last, f=frames)
    code, report = _takes.verdict(take)
    check(code in (0, 1) and not report["problems"], "{report}", report=report)
    told = report["hooks"][0]
    check(told["hook"] == "first" and told["ended"] and told["results"] + told["events"] == end["lines"],
          "{told}", told=told)
    info = _takes.asiowire("info", take)[1]
    check("hook        first: " in info and "(hooks/first.jsonl)" in info, "{info}", info=info)
    _spoil(take, lines)


@beside_counter(2, "sink-2")
def a_preroll_has_its_results_from_the_beginning(rig: Rig, where: Path) -> None:
    with Runner(runtime=rig.daemon.folder) as runner:
        runner.told("add", runner.write("first.c", FIRST_SAMPLES))
        words = ("--node", "sink-2", "--hooks", "--preroll", "4")
        process = recorder(rig, where, *words, stdin=True)
        wait_until(lambda: runner.results("first"), "results")
        time.sleep(5)
        os.kill(process.pid, signal.SIGUSR1)
        time.sleep(1)
        os.kill(process.pid, signal.SIGINT)
        check(finish(process).code in (0, 3), "it failed")
        wait_until(lambda: (lines_of(where) or [{}])[-1].get("kind") == "end", "its end")
        lines = lines_of(where)
    first = next(line for line in lines if line["kind"] == "result")
    check(first["frame"] == 0, "the first result is of frame {f}", f=first["frame"])
    frames = compare(only_take(where), lines)
    check(frames > 4 * RATE, "{n} frames", n=frames)


@beside_counter(2, "sink-2")
def without_being_asked_nothing_is_written_along(rig: Rig, where: Path) -> None:
    with Runner(runtime=rig.daemon.folder) as runner:
        runner.told("add", runner.write("first.c", FIRST_SAMPLES))
        ended = finish(recorder(rig, where, "--node", "sink-2", "--seconds", "2"))
        check(ended.code in (0, 3), "{code}: {err}", **vars(ended))
    check(not (only_take(where) / "hooks").exists(), "there are results")


@beside_counter(2, "sink-2")
def a_runner_that_is_not_there_is_said(rig: Rig, where: Path) -> None:
    ended = finish(recorder(rig, where, "--node", "sink-2", "--hooks", "--seconds", "0.5"))
    check("no runner is there" in ended.err and "asiowire hooks run" in ended.err, "{e}", e=ended.err)
    check(ended.code in (0, 3), "{code}", code=ended.code)
    check(not list((rig.daemon.folder / "asiowire").glob("*.ring")), "the ring's sign stays")


@beside_counter(2, "sink-2")
def a_killed_runner_and_a_killed_recorder_leave_whole_lines(rig: Rig, where: Path) -> None:
    with Runner(runtime=rig.daemon.folder) as runner:
        runner.told("add", runner.write("first.c", FIRST_SAMPLES))
        process = recorder(rig, where, "--node", "sink-2", "--hooks")
        wait_until(lambda: len(lines_of(where)) > 1, "results")
        os.kill(runner.process.pid, signal.SIGKILL)
        runner.process.wait()
    seen = lines_of(where)
    with Runner(runtime=rig.daemon.folder) as runner:
        runner.told("add", runner.write("first.c", FIRST_SAMPLES))
        wait_until(lambda: len(lines_of(where, "first-2")) > 1, "results of the second runner")
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        wait_until(lambda: lines_of(where, "first-2")[-1]["kind"] == "end", "its end")
    take = only_take(where)
    second = lines_of(where, "first-2")
    check("why" in second[-1] and "frames" not in second[-1], "{e}", e=second[-1])
    code, report = _takes.verdict(take)
    check(code == 1 and not report["problems"], "{report}", report=report)
    check([hook["ended"] for hook in report["hooks"]] == [True, False], "{r}", r=report["hooks"])
    compare(take, seen)
    compare(take, second)


def lines_of(where: Path, name: str = "first") -> list[dict[str, Any]]:
    """Whole lines of the only take's file; none when there is none yet."""
    paths = list(where.glob(f"*/hooks/{name}.jsonl"))
    return [json.loads(line) for line in paths[0].read_text().split("\n")[:-1]] if paths else []


def compare(take: Path, lines: list[dict[str, Any]]) -> int:
    """Each result against the samples at its frame; returns the frames of the take."""
    tracks = [one["track"] for one in lines[0]["channels"]]
    sounds = []
    for track in (tracks[0], tracks[-1]):
        with _takes.SndFile(_takes.wavs(take)[track - 1]) as file:
            sounds.append(array("i", file.read(0, file.frames)))
    compared = sounding = 0
    for line in lines:
        if line["kind"] != "result" or line["frame"] >= len(sounds[0]):
            continue  # a killed recorder's files may be shorter
        heard = [word[line["frame"]] >> 8 for word in sounds]
        said = [round(value * 2**23) for value in line["value"]]  # a float32 in its shortest words
        check(said == heard, "{line}, but the take has {heard}", line=line, heard=heard)
        compared += 1
        sounding += heard[0] != 0
    check(compared > 0 and sounding > compared // 2, "{n} results, {s} of sound", n=compared, s=sounding)
    return len(sounds[0])


def _spoil(take: Path, lines: list[dict[str, Any]]) -> None:
    """What verify says of a file that somebody has changed."""
    path = take / "hooks/first.jsonl"
    good = path.read_text().split("\n")
    late = json.dumps(lines[1] | {"frame": lines[-1]["frames"]})
    for changed, words in (
        ([good[0], "{", *good[1:]], "hooks/first.jsonl: line 2 is no line of ours"),
        ([good[0], late, *good[1:]], "which the take has not"),
        (good[1:], "does not say how it begins"),
        ([*good[:-2], good[-2].replace('"frames": ', '"frames": 1'), ""], "tells of a take of"),
        ([*good[:-1], good[1], ""], "comes after the end"),
        ([good[0].replace("48000", "44100"), *good[1:]], "another sample rate"),
    ):
        path.write_text("\n".join(changed))
        code, report = _takes.verdict(take)
        check(code == 3 and any(words in problem for problem in report["problems"]),
              "{words}: {code}, {problems}", words=words, code=code, problems=report["problems"])
    path.write_text("\n".join(good[:3]) + '\n{"kind": "res')  # as a kill leaves it
    code, report = _takes.verdict(take)
    check(code in (0, 1) and not report["problems"], "{report}", report=report)
    check(not report["hooks"][0]["ended"], "{report}", report=report["hooks"])
    shutil.rmtree(take / "hooks")
    check(_takes.verdict(take)[1]["hooks"] == [], "hooks out of nothing")
