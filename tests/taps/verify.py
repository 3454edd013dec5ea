# SPDX-License-Identifier: MIT
"""What `asiowire take` says of takes, whole ones and ones that somebody has been at."""

import json
import shutil
import struct
from pathlib import Path
from typing import Any, Callable

from rig import processes
from rig.case import Rig, check
from rig.places import clean_environment
from taps import _takes
from taps._takes import asiowire, record, verdict, wavs

STEPS = ["write:3000", "silence:500", "write:2501", "xrun:100", "mark:50:Intro"]


def a_whole_take_is_called_whole(rig: Rig) -> None:
    with _takes.folder() as where:
        for number, options in enumerate(([], ["--poly"], ["--rotation", 1000],
                                          ["--riff-limit", 5000])):
            told = record(where, options, ["write:4321", "mark:9:x"], f"take {number}")
            code, found = verdict(told["folder"])
            check(code == 0 and found["whole"] and not found["problems"], "{f}", f=found)
            check(found["frames"] == 4321 and found["missing_at_most"] == 0, "{f}", f=found)
            check([track["frames"] for track in found["tracks"]] == [4321, 4321], "{f}", f=found)
            check(found["files"][0]["rf64"] == (options[:1] == ["--riff-limit"]), "{f}", f=found)
            check(asiowire("verify", told["folder"])[1].endswith("verdict     whole\n"), "the text")


def gaps_and_xruns_are_damage_and_told_apart(rig: Rig) -> None:
    with _takes.folder() as where:
        told = record(where, [], STEPS)
        code, found = verdict(told["folder"])
        check(code == 1 and not found["whole"] and not found["problems"], "{f}", f=found)
        check(found["gaps"] == [{"frame": 3000, "frames": 500}], "{f}", f=found)
        check(found["xruns"] == [100], "{f}", f=found)
        code, out, _ = asiowire("verify", told["folder"])
        for words in ("gap         0:00:00.062 (frame 3000), 500 frames of silence\n",
                      "graph xrun  0:00:00.002 (frame 100)\n",
                      "mark        0:00:00.001 (frame 50) Intro\n",
                      "verdict     damaged, as said above; the files agree with the log\n"):
            check(words in out, "{words}: {out}", words=words, out=out)
        code, out, _ = asiowire("info", told["folder"])
        check(code == 0 and "verdict" not in out and "track 1 (input 1, RD)" in out, out)
        told = record(where, [], ["write:1000", "xrun:100"], "xrun")
        check(verdict(told["folder"])[0] == 1, "an xrun alone is no damage")


def one_line_of_json_tells_everything(rig: Rig) -> None:
    with _takes.folder() as where:
        told = record(where, ["--track", 'a "b" \\', "--track", "ä\udcff"], STEPS, "t\tä")
        for verb in ("info", "verify"):
            code, out, _ = asiowire(verb, "--json", told["folder"])
            check(out.count("\n") == 1, "{out}", out=out)
            found = json.loads(out)
            names = [track["name"] for track in found["tracks"]]
            check(names == ['a "b" \\', "ä\ufffd"], "{n}", n=names)
            check(found["marks"] == [{"frame": 50, "text": "Intro"}], "{f}", f=found)
            check(found["disk"]["bytes"] > 6001 * 6 and found["disk"]["free_bytes"] > 0, "{f}",
                  f=found)
            check(("problems" in found) == (verb == "verify"), "{f}", f=found)


def whatever_was_changed_is_noticed(rig: Rig) -> None:
    def cut(take: Path) -> None:
        with open(take / "01 track 1.wav", "r+b") as file:
            file.truncate(9000)

    def shorter_header(take: Path) -> None:
        with open(take / "02 track 2.wav", "r+b") as file:
            file.seek(4092)
            file.write(struct.pack("<I", 3000))

    def noise_in_the_gap(take: Path) -> None:
        with open(take / "01 track 1.wav", "r+b") as file:
            file.seek(4096 + 3 * 3499)
            file.write(b"\1")

    def another_takes_file(take: Path) -> None:
        other = record(take.parent, [], STEPS, "other")
        shutil.copy(other["folder"] / "01 track 1.wav", take / "01 track 1.wav")

    def stranger(take: Path) -> None:
        shutil.copy(take / "01 track 1.wav", take / "99 more.wav")

    def no_wav(take: Path) -> None:
        (take / "02 track 2.wav").write_bytes(b"ID3")

    def another_rate(take: Path) -> None:
        with open(take / "02 track 2.wav", "r+b") as file:
            file.seek(60)
            file.write(struct.pack("<I", 44100))

    def other_gap(take: Path) -> None:
        _edit(take, '"frame": 3000, "frames": 500', '"frame": 2000, "frames": 500')

    def fewer_gaps(take: Path) -> None:
        _edit(take, '"gaps": 1', '"gaps": 0')

    def another_length(take: Path) -> None:
        _edit(take, '"frames": 6001', '"frames": 6002')

    def broken_line(take: Path) -> None:
        _edit(take, '{"event": "mark"', '{"event": mark')

    for change, words in (
        (cut, "01 track 1.wav: its header tells of 6001 frames, 1634 are there"),
        (shorter_header, "02 track 2.wav: 1000 frames, but by the log 6001"),
        (noise_in_the_gap, "01 track 1.wav: the gap at frame 3000 is not silent"),
        (another_takes_file, "01 track 1.wav: it belongs to another take"),
        (stranger, "99 more.wav: the log does not know it"),
        (no_wav, "02 track 2.wav: it is no WAV file"),
        (another_rate, "02 track 2.wav: its format is not the take's"),
        (other_gap, "the gap at frame 2000 is not silent"),
        (fewer_gaps, "the log's end tells of other gaps than its lines"),
        (another_length, "the tracks have 6001 frames, but by the log 6002"),
        (broken_line, "1 lines of the log cannot be read"),
    ):
        code, found = _changed(change)
        said = "; ".join(found["problems"])
        check(code == 3 and words in said, "{c}: {code} {s}", c=change.__name__, code=code, s=said)


def a_torn_last_line_is_a_kills_work(rig: Rig) -> None:
    with _takes.folder() as where:
        line = _takes.command(where, [], ["write:5000", "refresh", "exit"], "take")
        check(processes.run(line, clean_environment(), 60).code == 0, "the writer failed")
        log = told_log(where / "take")
        whole = log.read_text()
        for text in (whole, whole + '{"event": "ma', whole[:-1]):
            log.write_text(text)
            code, found = verdict(where / "take")
            check(code == 1 and found["ending"] == "killed", "{f}", f=found)
            check(found["frames"] == 5000, "{f}", f=found)
            code, out, err = asiowire("repair", where / "take")
            check(code == 1 and "; repaired\n" in out, "{o}{e}", o=out, e=err)
            check(log.read_text().endswith('"repaired", "frame": 5000}\n'), log.read_text())


def told_log(take: Path) -> Path:
    """Where a take's log is."""
    return take / "take.jsonl"


def what_is_no_take_is_refused(rig: Rig) -> None:
    with _takes.folder() as where:
        code, _, err = asiowire("info", where)
        check(code == 3 and "is no take: take.jsonl: No such file" in err, "{e}", e=err)
        for text in ("", "hello\n", '{"event": "begin"}\n', "[]\n", "\0" * 100):
            told_log(where).write_text(text)
            code, _, err = asiowire("verify", where)
            check(code == 3 and "does not say how the take begins" in err, "{e}", e=err)
    with _takes.folder() as where:
        told = record(where, [], ["write:10"])
        code, _, err = asiowire("repair", told["folder"])
        check(code == 3 and "the take is finished, not killed" in err, "{e}", e=err)
    for words in ([], ["info"], ["verify", "--json"], ["look", "x"], ["info", "a", "b"],
                  ["info", "--loud", "x"]):
        code, _, err = asiowire(*words)
        check(code == 2 and "asiowire take info" in err, "{w}: {c}", w=words, c=code)


def _edit(take: Path, old: str, new: str) -> None:
    text = told_log(take).read_text()
    check(old in text, "{old} is not in {text}", old=old, text=text)
    told_log(take).write_text(text.replace(old, new))


def _changed(change: Callable[[Path], None]) -> tuple[int, dict[str, Any]]:
    with _takes.folder() as where:
        told = record(where, [], STEPS)
        change(told["folder"])
        return verdict(told["folder"])
