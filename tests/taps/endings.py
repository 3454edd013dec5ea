# SPDX-License-Identifier: MIT
"""However a take ends, its files can be played, and what is missing is known."""

import json
import os
import random
import shutil
import signal
import struct
import time
from pathlib import Path
from typing import Callable

from rig import processes
from rig.case import Rig, Skip, check
from rig.places import clean_environment
from taps import _takes
from taps._takes import RATE, channel_of, counter, record, wavs

BLOCK = 480


def a_killed_writer_leaves_all_but_the_last_second(rig: Rig) -> None:
    _takes.build()
    seed = random.SystemRandom().randrange(1 << 32)
    dice = random.Random(seed)
    for batch in range(5):
        options = [["--channels", 8], ["--channels", 8, "--poly"],
                   ["--channels", 4, "--rotation", RATE // 2 + 1],
                   ["--channels", 2, "--riff-limit", 100_000],
                   ["--channels", 32]]
        with _takes.folder() as where:
            started = []
            for number, words in enumerate(options):
                (where / str(number)).mkdir()
                steps = [f"live:{where / str(number) / 'frames'}"]
                line = _takes.command(where / str(number), words, steps, "take")
                started.append((processes.start(line, clean_environment()), number))
            moments = sorted((dice.uniform(0.05, 2.5), one) for one in started)
            begin = time.monotonic()
            for moment, (process, _) in moments:
                time.sleep(max(0, begin + moment - time.monotonic()))
                process.send_signal(signal.SIGKILL)
                process.wait()
            for _, (_, number) in moments:
                _check_killed(where / str(number), f"seed {seed}, batch {batch}, {options[number]}")


def a_kill_before_any_write_leaves_files_of_one_length_or_a_repair_does(rig: Rig) -> None:
    if shutil.which("strace") is None:
        raise Skip("strace is not installed")
    _takes.build()
    steps = ["write:60000", "silence:100", "write:1000"]
    unequal = 0
    for options in (["--channels", 4, "--rotation", 50_000], ["--channels", 3, "--poly"]):
        for number in range(1, 100):
            with _takes.folder() as where:
                line = _takes.command(where, [*options, "--block", 999], steps, "take")
                inject = f"inject=pwrite64:signal=SIGKILL:when={number}"
                words = ["strace", "-qq", "-o", "/dev/null", "-e", "trace=pwrite64", "-e", inject]
                ended = processes.run([*words, *line], clean_environment(), 60)
                if ended.code == 0:
                    break
                unequal += _check_repaired(where / "take", f"{options}, write {number}")
        check(number > 8, "{options}: only {n} writes", options=options, n=number)
    check(unequal > 0, "no kill fell between two headers: the repair was not tested")


def a_take_that_is_being_recorded_is_no_killed_one(rig: Rig) -> None:
    _takes.build()
    with _takes.folder() as where:
        line = _takes.command(where, [], ["write:1000", "refresh", "wait"], "take")
        process = processes.start(line, clean_environment(), stdin=-1, stdout=-1)
        assert process.stdin is not None and process.stdout is not None
        process.stdout.readline()
        code, told = _takes.verdict(where / "take")
        check(code == 0 and told["ending"] == "recording", "{told}", told=told)
        code, _, err = _takes.asiowire("repair", where / "take")
        check(code == 3 and "recording, not killed" in err, "{err}", err=err)
        process.stdin.close()
        check(process.wait() == 0, "the writer failed")
        code, told = _takes.verdict(where / "take")
        check(code == 0 and told["ending"] == "finished", "{told}", told=told)


def a_full_disk_ends_in_valid_files_of_one_length(rig: Rig) -> None:
    for options in (["--channels", 4], ["--channels", 4, "--poly"],
                    ["--channels", 3, "--rotation", 30_001]):
        for kib in range(300, 800, 61):
            with _takes.small_disk(f"size={kib}k") as where:
                told = record(where, [*options, "--block", 1234], ["write:1000", "mark:3:x",
                                                                   "write:100000000"])
                where_it_was = f"{options}, {kib} KiB: {told}"
                check("the disk is full" in told["error"], where_it_was)
                seconds = f"ended at {told['frames'] / RATE:.3f} s"
                check(seconds in told["error"], where_it_was)
                code, verdict = _takes.verdict(told["folder"])
                check(code == 1 and verdict["ending"] == "failed" and not verdict["problems"],
                      f"{where_it_was}: {verdict}")
                check(verdict["frames"] == told["frames"] > 1000, where_it_was)
                check(verdict["errors"][0]["text"] == told["error"], where_it_was)
                _check_counter(told["folder"], told["frames"], where_it_was)


def a_disk_without_room_for_a_header_is_refused(rig: Rig) -> None:
    for limit, word in (("size=8k", "the disk is full"), ("nr_inodes=4", "the disk is full")):
        with _takes.small_disk(limit) as where:
            told = record(where, ["--channels", 8], ["write:1000"])
            check(word in told["error"] and "cannot record into" in told["error"], "{t}", t=told)
            check(not any(where.iterdir()), "left: {l}", l=list(where.iterdir()))


def a_folder_that_cannot_be_written_to_is_refused_in_a_sentence(rig: Rig) -> None:
    with _takes.small_disk("ro") as where:
        told = record(where, [], ["write:1000"])
        check(told["error"] == f"cannot record into {where}: the file system is read-only",
              "{t}", t=told)
    with _takes.folder() as where:
        told = record(where / "nowhere", [], ["write:1000"])
        check("nowhere: the folder does not exist" in told["error"], "{t}", t=told)
        (where / "file").touch()
        told = record(where / "file", [], ["write:1000"])
        check("file: it is no folder" in told["error"], "{t}", t=told)
        if os.geteuid() == 0:
            return  # who may write everywhere is not refused
        where.chmod(0o500)
        told = record(where, [], ["write:1000"])
        where.chmod(0o700)
        check("not permitted" in told["error"], "{t}", t=told)


def a_folder_that_is_removed_ends_the_take(rig: Rig) -> None:
    ended = _meddle(lambda take: shutil.rmtree(take), [])
    check("its folder was removed" in ended and "ended at 1.021 s" in ended, "{e}", e=ended)
    ended = _meddle(lambda take: shutil.rmtree(take), ["--rotation", 48_500])
    check("ended at 1." in ended and ("folder was removed" in ended or "not exist" in ended),
          "{e}", e=ended)


def a_file_that_is_removed_is_named_and_the_others_go_on(rig: Rig) -> None:
    with _takes.folder() as kept:
        def meddle(take: Path) -> None:
            (take / "01 track 1.wav").unlink()

        ended = _meddle(meddle, [], kept / "take")
        check("01 track 1.wav was removed" in ended, "{e}", e=ended)
        code, told = _takes.verdict(kept / "take")
        check(code == 3 and "01 track 1.wav" in told["problems"][0], "{told}", told=told)
        with _takes.SndFile(kept / "take/02 track 2.wav") as file:
            check(file.read(0, 49_000) == counter(0, 49_000, 1), "the other file")


def a_folder_that_is_renamed_is_followed(rig: Rig) -> None:
    with _takes.folder() as where:
        ended = _meddle(lambda take: take.rename(where / "moved"), ["--rotation", 48_500])
        check(ended == "", "{e}", e=ended)
        check(_takes.verdict(where / "moved")[0] == 0, "the take is damaged")
        check(len(wavs(where / "moved")) == 4, "{files}", files=wavs(where / "moved"))


def _meddle(
    change: Callable[[Path], object], options: list[object], keep: Path | None = None
) -> str:
    """Writes 1 s, lets `change` at the take, writes another bit; returns the writer's sentence."""
    _takes.build()
    with _takes.folder() as where:
        steps = ["write:48000", "wait", "write:1000", "refresh"]
        line = _takes.command(where, [*options, "--block", 1000], steps, "take")
        process = processes.start(line, clean_environment(), stdin=-1, stdout=-1)
        assert process.stdin is not None and process.stdout is not None
        process.stdout.readline()
        change(where / "take")
        process.stdin.close()
        last = process.stdout.read().decode().splitlines()[-1]
        check(process.wait() == 0, "the writer ended with {code}", code=process.returncode)
        if keep is not None:
            shutil.copytree(where / "take", keep)
        error: str = json.loads(last)["error"]
        return error


def _check_killed(where: Path, which: str) -> None:
    """Every file opens, and of what the writer was given at most a second is missing."""
    take = where / "take"
    data = (where / "frames").read_bytes() if (where / "frames").exists() else b""
    given = struct.unpack("<Q", data)[0] if data else 0
    if not (take / "take.jsonl").exists():
        check(given == 0, "{which}: no log", which=which)
        return
    if not _takes.log(take):
        return  # killed while it began
    code, told = _takes.verdict(take)
    if code == 3 and told["problems"] and "equally long" in told["problems"][-1]:
        code, out, err = _takes.asiowire("repair", "--json", take)  # it hit the instant
        told = json.loads(out)
    check(code == 1 and told["ending"] == "killed", "{which}: {told}", which=which, told=told)
    check(told["missing_at_most"] < RATE, "{which}: {told}", which=which, told=told)
    least = given - told["missing_at_most"]
    check(least <= told["frames"] <= given + BLOCK, "{which}: {n} frames of {given}",
          which=which, n=told["frames"], given=given)
    _check_counter(take, told["frames"], which)


def _check_repaired(take: Path, which: str) -> bool:
    """Whether the lengths differed; afterwards they do not."""
    if not (take / "take.jsonl").exists() or not _takes.log(take):
        return False
    code, told = _takes.verdict(take)
    differed = not told["equally_long"]
    check(code == (3 if differed else 1), "{which}: {told}", which=which, told=told)
    shortest = told["frames"]
    code, out, err = _takes.asiowire("repair", "--json", take)
    if "two files meet" in err:
        return differed
    check(code == 1, "{which}: {out}{err}", which=which, out=out, err=err)
    told = json.loads(out)
    check(told["equally_long"] and told["frames"] >= shortest, "{which}: {t}", which=which, t=told)
    check(told["repaired"] == told["frames"], "{which}: {told}", which=which, told=told)
    _check_counter(take, min(told["frames"], 60_000), which)
    return differed


def _check_counter(take: Path, frames: int, which: str) -> None:
    """The first frames of the take are the counter, in every channel, over all files."""
    files = [file for line in _takes.log(take) if line["event"] == "part" for file in line["files"]]
    channels = len(_takes.log(take)[0]["tracks"])
    found = [b""] * channels
    for path in (take / file for file in files):
        with _takes.SndFile(path) as file:
            words = file.read(0, file.frames)
            if file.channels > 1:
                found = [old + channel_of(words, c, channels) for c, old in enumerate(found)]
            else:
                found[int(path.name[:2]) - 1] += words
    for channel, words in enumerate(found):
        check(len(words) >= 4 * frames, f"{which}: channel {channel} has {len(words) // 4} frames")
        check(words[: 4 * frames] == counter(0, frames, channel),
              f"{which}: channel {channel} is not what was written")
