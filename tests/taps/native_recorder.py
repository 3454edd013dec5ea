# SPDX-License-Identifier: MIT
"""`asiowire record` without a driver: what a node plays is on the disk, sample for sample."""

import os
import signal
import sys
import time
from pathlib import Path
from typing import Callable

sys.path.insert(0, str(Path(__file__).resolve().parent))

import _counter  # noqa: E402
import _takes  # noqa: E402
from _recording import beside_counter, finish, only_take, playing, recorder  # noqa: E402
from rig import processes  # noqa: E402
from rig.case import Rig, check  # noqa: E402

RATE = 48000


@beside_counter(32)
def thirty_two_channels_are_recorded_bit_exact(rig: Rig, where: Path) -> None:
    ended = finish(recorder(rig, where, "--node", "sink-32", "--seconds", "2"))
    take = only_take(where)
    check(ended.code in (0, 3), "{code}: {out}{err}", **vars(ended))
    check("dropped 0 frames" in ended.out.splitlines()[-2], "{out}", out=ended.out)
    heard = _counter.check_take(take, 32)
    check(heard[0].frames >= 2 * RATE, "only {n} frames", n=heard[0].frames)
    check(heard[0].first == 0, "it begins with {n} frames of silence", n=heard[0].first)
    check(f"take: {take}" in ended.out, "{out}", out=ended.out)
    for path in _takes.wavs(take)[::8]:
        with _takes.SndFile(path) as file:
            words = file.read(0, file.frames)
        _takes.check_everywhere(path, words)


@beside_counter(32)
def chosen_channels_alone_are_recorded(rig: Rig, where: Path) -> None:
    words = ("--node", "sink-32", "--channels", "3,30-31", "--seconds", "0.5")
    ended = finish(recorder(rig, where, *words))
    check(ended.code in (0, 3), "{code}: {out}{err}", **vars(ended))
    files = _takes.wavs(only_take(where))
    check(len(files) == 3, "{files}", files=files)
    for path, channel in zip(files, (2, 29, 30)):
        heard = _counter.heard(path, channel)
        check(heard.count >= 0 and not heard.slips and not heard.holes, "{h}", h=heard)


@beside_counter(8, "sink-8")
def a_polyphonic_take_has_the_same_samples(rig: Rig, where: Path) -> None:
    ended = finish(recorder(rig, where, "--node", "sink-8", "--poly", "--seconds", "0.5"))
    check(ended.code in (0, 3), "{code}: {out}{err}", **vars(ended))
    files = _takes.wavs(only_take(where))
    check(len(files) == 1, "{files}", files=files)
    with _takes.SndFile(files[0]) as file:
        check(file.channels == 8, "{n} channels", n=file.channels)
        words = file.read(0, file.frames)
        frames = file.frames
    first = [int.from_bytes(words[4 * c : 4 * c + 4], "little", signed=True) for c in range(8)]
    counts = {(word >> 8) + _counter.HALF >> 1 & (_counter.FRAMES - 1) for word in first}
    check(len(counts) == 1 and frames >= RATE // 2, "{c} in {n}", c=counts, n=frames)


def a_signal_finishes_the_take(rig: Rig) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        _end_by(number)(rig)


def _end_by(number: signal.Signals) -> Callable[[Rig], None]:
    @beside_counter(2, "sink-2")
    def trial(rig: Rig, where: Path) -> None:
        process = recorder(rig, where, "--node", "sink-2")
        time.sleep(1.5)
        os.kill(process.pid, number)
        ended = finish(process)
        check(ended.code in (0, 3), "{code}: {out}{err}", **vars(ended))
        _counter.check_take(only_take(where), 2)
        code, report = _takes.verdict(only_take(where))
        check(code in (0, 1), "{report}", report=report)

    return trial


@beside_counter(2, "sink-2")
def the_preroll_is_in_the_take(rig: Rig, where: Path) -> None:
    process = recorder(rig, where, "--node", "sink-2", "--preroll", "1", stdin=True)
    time.sleep(2.5)
    check(not list(where.iterdir()), "a take began by itself")
    assert process.stdin is not None
    process.stdin.write(b"\n")
    process.stdin.flush()
    time.sleep(0.7)
    process.stdin.write(b"a mark\n")
    process.stdin.flush()
    time.sleep(0.5)
    os.kill(process.pid, signal.SIGINT)
    ended = finish(process)
    check(ended.code in (0, 3), "{code}: {out}{err}", **vars(ended))
    heard = _counter.check_take(only_take(where), 2)
    frames = heard[0].frames
    check(1.9 * RATE < frames < 3.5 * RATE, "{s:.2f} s", s=frames / RATE)
    marks = [line for line in _takes.log(only_take(where)) if "a mark" in str(line)]
    check(marks, "the mark is not in the log")


@beside_counter(2, "sink-2")
def files_rotate_without_a_gap(rig: Rig, where: Path) -> None:
    words = ("--node", "sink-2", "--rotate", "0.5", "--seconds", "1.6")
    ended = finish(recorder(rig, where, *words))
    check(ended.code in (0, 3), "{code}: {out}{err}", **vars(ended))
    files = _takes.wavs(only_take(where))
    check(len(files) >= 8, "{files}", files=files)
    for channel in (0, 1):
        of_channel = [path for path in files if path.name.startswith(f"{channel + 1:02} ")]
        counts = [_counter.heard(path, channel) for path in of_channel]
        due = counts[0].count
        for part in counts:
            check(part.count == due and not part.slips, "{p}, due {due}", p=counts, due=due)
            due = (due + part.frames) % _counter.FRAMES


@beside_counter(2, "sink-2")
def the_default_source_is_recorded_when_none_is_named(rig: Rig, where: Path) -> None:
    ended = finish(recorder(rig, where, "--seconds", "0.3"))
    check(ended.code in (0, 3), "{code}: {out}{err}", **vars(ended))
    _counter.check_take(only_take(where), 2)


def what_does_not_exist_is_named(rig: Rig) -> None:
    with _takes.folder() as where:
        for words, sentence in (
            (["--node", "nobody"], '"nobody" is no node with channels to record'),
            (["--node", "sink-2", "--channels", "3-4"], '"sink-2" has 2 channels, none of 3-4'),
            (["--node", "sink-2", "--dir", f"{where}/no"], "is no folder"),
        ):
            ended = finish(recorder(rig, where, *words))
            check(ended.code == 1 and sentence in ended.err, "{code}: {err}", **vars(ended))
        check(not list(where.iterdir()), "something was made")


@beside_counter(2, "sink-2")
def channels_that_are_not_there_are_left_out_and_named(rig: Rig, where: Path) -> None:
    words = ("--node", "sink-2", "--channels", "1-32", "--seconds", "0.3")
    ended = finish(recorder(rig, where, *words))
    check(ended.code in (0, 3), "{code}: {out}{err}", **vars(ended))
    told = '"sink-2" has 2 channels; 3-32 cannot be recorded, 1-2 can'
    check(told in ended.out, "{out}", out=ended.out)
    _counter.check_take(only_take(where), 2)


def wrong_words_are_answered_with_a_sentence_the_usage_and_2(rig: Rig) -> None:
    for words, sentence in (
        (["--nod", "x"], '"--nod" is no option of record'),
        (["--channels", "1-x"], '--channels: "1-x" is no channel'),
        (["--channels", "1,1"], '--channels: "1" names channel 1 twice'),
        (["--channels", "129"], '--channels: "129" goes beyond channel 128'),
        (["--preroll", "soon"], '--preroll "soon" is no time'),
        (["--seconds"], "--seconds needs a value"),
    ):
        _takes.build()
        ended = processes.run([_takes.TOOL, "record", *words], rig.daemon.env(), 10)
        told = sentence in ended.err and "Usage: asiowire record" in ended.err
        check(ended.code == 2 and told and not ended.out, "{code}: {out}{err}", **vars(ended))


def a_full_disk_ends_the_take_with_a_sentence(rig: Rig) -> None:
    with playing(rig, 32), _takes.small_disk("size=4m") as where:
        ended = finish(recorder(rig, where, "--node", "sink-32"), 30)
        check(ended.code == 1 and "asiowire: " in ended.err, "{code}: {out}{err}", **vars(ended))
        take = only_take(where)
        heard = _counter.check_take(take, 32)
        check(heard[0].frames > RATE // 10, "only {n} frames", n=heard[0].frames)


@beside_counter(32)
def a_disk_that_stalls_for_five_seconds_loses_nothing(rig: Rig, _where: Path) -> None:
    with _takes.freezing_disk(256) as where:
        process = recorder(rig, where, "--node", "sink-32")
        time.sleep(1)
        with _takes.frozen(where):
            before = _takes.size(where)
            time.sleep(5)
            check(_takes.size(where) == before, "the disk did not stall")
        time.sleep(1)
        os.kill(process.pid, signal.SIGINT)
        ended = finish(process)
        check(ended.code in (0, 3), "{code}: {out}{err}", **vars(ended))
        heard = _counter.check_take(only_take(where), 32)
        check(heard[0].frames > 6.5 * RATE, "only {n} frames", n=heard[0].frames)


@beside_counter(8, "sink-8")
def a_terminal_shows_meters(rig: Rig, where: Path) -> None:
    _takes.build()
    words = [str(_takes.TOOL), "record", "--node", "sink-8", "--dir", str(where),
             "--seconds", "1"]
    picture = where / "picture"
    ended = processes.run(["script", "-qec", " ".join(words), picture], rig.daemon.env(), 30)
    check(ended.code in (0, 3), "{code}: {out}{err}", **vars(ended))
    shown = picture.read_text(errors="replace")
    for part in ("recording", "8 channels", "48000 Hz", "ring", "disk for", "dropped 0", "  8 #"):
        check(part in shown, "{part} is not shown", part=part)
    picture.unlink()
