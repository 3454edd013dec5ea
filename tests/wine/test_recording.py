# SPDX-License-Identifier: MIT
"""What the driver of a Windows host records: its 32 inputs and 32 outputs, on request or by itself, also
when the host is killed; and what the control socket makes of what it is told.

ASIOWIRE_STORM_KILLS=50 kills so many hosts.
"""

import contextlib
import json
import os
import random
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Iterator, Mapping

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "taps"), str(TESTS / "wine")]

import _counter  # noqa: E402
import _recording  # noqa: E402
import _takes  # noqa: E402
import test_syscalls  # noqa: E402
from rig import fair, processes  # noqa: E402
from rig.case import Rig, check  # noqa: E402
from rig.places import STAGE  # noqa: E402
from rig.processes import Ended  # noqa: E402

TOOL = STAGE / "bin/asiowire"
SINK = {"ASIOWIRE_PLAYBACK": "sink-32", "ASIOWIRE_CAPTURE": "sink-32"}
BLOCK = 64
ROUNDS = int(os.environ.get("ASIOWIRE_STORM_KILLS", "2"))


def a_host_of_32_by_32_is_recorded_from_its_start_to_its_stop(rig: Rig) -> None:
    def trial(log: Path) -> None:
        with _takes.folder() as where:
            words = fair.words(BLOCK, 2.0, "--loopback")
            env = SINK | _automatic(where) | {"ASIOWIRE_LOG": str(log)}
            run = fair.run_of(rig.host(64, words, env), log)
            if run.report.get("ok") is False:
                raise fair.WrongAudio(f"the host heard {run.report}")
            take = _recording.only_take(where)
            _check_both_ways(take, run.driver["cycles"] * run.driver["quantum"])
            code, verdict = _takes.verdict(take)
            check(code in (0, 1), "{v}", v=verdict)

    fair.fairly(trial)


def the_buffered_schedule_is_recorded_too(rig: Rig) -> None:
    def trial(log: Path) -> None:
        with _takes.folder() as where:
            env = SINK | _automatic(where) | {"ASIOWIRE_LOG": str(log),
                                              "ASIOWIRE_SCHEDULE": "buffered"}
            run = fair.run_of(rig.host(64, fair.words(256, 2.0, "--loopback"), env), log)
            take = _recording.only_take(where)
            _check_both_ways(take, run.driver["cycles"] * run.driver["quantum"])

    fair.fairly(trial)


def every_run_of_a_host_is_a_take_of_its_own(rig: Rig) -> None:
    with _takes.folder() as where:
        words = ["--json", "--driver", "AsioWire", "--blocks", "64,256", "--seconds", "1"]
        ended = rig.host(64, words, SINK | _automatic(where))
        check(ended.code in (0, 1), "{code}: {err}", **vars(ended))
        takes = sorted(path for path in where.iterdir())
        check(len(takes) == 2, "{takes}", takes=takes)
        for take in takes:
            frames = {_frames(path) for path in _takes.wavs(take)}
            check(len(frames) == 1 and min(frames) > fair.RATE // 2, "{f}", f=frames)


def a_running_host_is_recorded_on_request(rig: Rig) -> None:
    with _takes.folder() as where, _running_host(rig, where, {}, 15.0):
        check("nothing has been recorded" in _well(rig, "status"), "what")
        check("nothing is recorded" in _badly(rig, "stop"), "what")
        check("nothing is recorded" in _badly(rig, "mark", "x"), "what")
        began = _well(rig, "start", "song one")
        take = _recording.only_take(where)
        check(str(take) in began and "song one" in take.name, "{b}", b=began)
        check("recorded already" in _badly(rig, "start"), "a second start was taken")
        time.sleep(1.0)
        told = _drivers(rig)[0]["recording"]
        check(told["state"] == "recording" and told["folder"] == str(take), "{t}", t=told)
        check(told["take"] == "song one" and told["seconds"] > 0.5, "{t}", t=told)
        check(told["channels"] == 64 and told["free_seconds"] > 0, "{t}", t=told)
        table = processes.run([TOOL, "status"], rig.daemon.env(), 10).out
        check("  recording              song one, 0:00:0" in table, "{t}", t=table)
        check(_well(rig, "mark", "second", "verse") == "marked", "no mark")
        now = _status(rig)
        check(now["state"] == "recording" and now["channels"] == 64, "{now}", now=now)
        check(now["dropped_frames"] == 0 and now["frames"] > 0, "{now}", now=now)
        time.sleep(0.5)
        ended = _well(rig, "stop")
        check(f"recorded {take}: " in ended and "1 marks" in ended, "{e}", e=ended)
        files = _takes.wavs(take)
        check(len({_frames(path) for path in files}) == 1 and len(files) == 64, "{n}", n=len(files))
        check(any("second verse" in str(line) for line in _takes.log(take)), "the mark is lost")
        again = _well(rig, "start", "song one")
        check("song one-2" in again, "{a}", a=again)
        check(_status(rig)["takes"] == 2, "one take")


def the_preroll_of_a_driver_is_in_the_take(rig: Rig) -> None:
    with _takes.folder() as where, _running_host(rig, where, {"ASIOWIRE_RECORD_PREROLL": "1"}, 8.0):
        time.sleep(1.5)
        _well(rig, "start")
        time.sleep(0.3)
        _well(rig, "stop")
        frames = {_frames(path) for path in _takes.wavs(_recording.only_take(where))}
        check(len(frames) == 1 and 1.2 * fair.RATE < min(frames) < 2.5 * fair.RATE, "{f}", f=frames)


def chosen_channels_of_a_host_alone_are_recorded(rig: Rig) -> None:
    choice = {"ASIOWIRE_RECORD_INPUTS": "2-3", "ASIOWIRE_RECORD_OUTPUTS": "32,64"}
    with _takes.folder() as where:
        env = SINK | _automatic(where) | choice
        ended = rig.host(64, fair.words(256, 1.0), env)
        check(ended.code in (0, 1), "{code}: {err}", **vars(ended))
        check("recording leaves out outputs 64" in ended.err, "{err}", err=ended.err)
        check(len(_takes.wavs(_recording.only_take(where))) == 3, "other channels")


def the_socket_is_for_its_user_alone_and_answers_what_makes_no_sense(rig: Rig) -> None:
    with _takes.folder() as where, _running_host(rig, where, {}, 12.0):
        sockets = list((rig.daemon.folder / "asiowire").glob("*.control"))
        check(len(sockets) == 1, "{s}", s=sockets)
        mode = sockets[0].stat().st_mode
        check(stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o600, "mode {m:o}", m=mode)
        for line, answer in (
            (b"", b"error the line has no end\n"),
            (b"stop", b"error the line has no end\n"),
            (b"\n", b'error "" is not understood'),
            (b"launch\n", b'error "launch" is not understood; there are start'),
            (b"stop now\n", b'error "stop now" is not understood'),
            (b"mark \n", b'error "mark " is not understood'),
            (b"\x00\xff\n", b'error "'),
            (b"x" * 5000, b"error the line is longer than 1000 bytes\n"),
            (b"status\nstop\n", b"ok nothing has been recorded\n"),
        ):
            told = _raw(sockets[0], line)
            check(told.startswith(answer), "{line} was answered {told}", line=line[:20], told=told)
        idle = [_connected(sockets[0]) for _ in range(3)]  # they say nothing
        check("nothing has been recorded" in _well(rig, "status"), "a dawdler holds it")
        for one in idle:
            one.close()


def a_folder_that_cannot_be_is_named_and_the_host_plays_on(rig: Rig) -> None:
    env = {"ASIOWIRE_RECORD_FOLDER": "/proc/nowhere"}
    with _takes.folder() as where, _running_host(rig, where, env, 8.0):
        said = _badly(rig, "start")
        check("/proc/nowhere" in said, "{said}", said=said)
        check(_status(rig)["state"] == "failed", "{s}", s=_status(rig))


def nobody_to_talk_to_is_said_in_a_sentence(rig: Rig) -> None:
    shutil.rmtree(rig.daemon.folder / "asiowire", ignore_errors=True)
    check(_badly(rig, "start") == "asiowire: no program has the driver open\n", "other words")
    for words in (["begin"], ["mark"], ["stop", "now"], ["status", "--pid", "x"]):
        ended = _tool(rig, *words)
        check(ended.code == 2 and "Usage: asiowire record" in ended.err, "{code}", **vars(ended))


def a_cycle_that_is_recorded_is_three_system_calls_and_nothing_else(rig: Rig) -> None:
    settings = rig.daemon.folder / "config/pipewire/asiowire.conf"
    with _takes.folder() as where:
        settings.write_text("asiowire.properties = {\n asiowire.record.automatic = true\n"
                            f' asiowire.record.folder = "{where}"\n}}\n')
        try:
            test_syscalls.a_cycle_is_three_system_calls_and_nothing_else(rig, 64)
        finally:
            settings.unlink()
        takes = list(where.iterdir())
        check(takes and len(_takes.wavs(takes[0])) == 64, "nothing was recorded")


def a_host_killed_at_any_moment_leaves_files_that_miss_at_most_a_second(rig: Rig) -> None:
    seed = random.randrange(1 << 32)
    moments = random.Random(seed)
    for number in range(ROUNDS):
        shutil.rmtree(rig.daemon.folder / "asiowire", ignore_errors=True)
        pause = moments.uniform(0.2, 3.0)
        with _takes.folder() as where:
            env = {"ASIOWIRE_RECORD_AUTOMATIC": "1", "ASIOWIRE_RECORD_OUTPUTS": "none"}
            with _running_host(rig, where, env, 30.0) as host:
                time.sleep(pause)
                os.kill(host.pid, signal.SIGKILL)
                host.wait()
            pages = json.loads(processes.run([TOOL, "status", "--json"], rig.daemon.env(), 10).out)
            heard = pages["drivers"][-1]["blocks"] * BLOCK
            files = _takes.wavs(_recording.only_take(where))
            frames = {_frames(path) for path in files}
            facts = {"round": number, "seed": seed, "pause": pause, "frames": frames,
                     "heard": heard, "files": len(files)}
            check(len(files) == 32 and len(frames) == 1, "{round} of seed {seed}: {files} files, "
                  "{frames} frames", **facts)
            check(heard - min(frames) <= fair.RATE, "{round} of seed {seed}, after {pause:.2f} s: "
                  "{frames} frames of {heard}", **facts)
            if min(frames) > fair.RATE // 4:  # killed at once, it may not have heard a sound
                _counter.check_take(_recording.only_take(where), 32, holes=True)


def _check_both_ways(take: Path, cycles_frames: int) -> None:
    files = _takes.wavs(take)
    check(len(files) == 64, "{n} files", n=len(files))
    played = [_counter.heard(path, c) for c, path in enumerate(files[32:])]
    heard = [_counter.heard(path, c) for c, path in enumerate(files[:32])]
    for direction in (played, heard):
        one = direction[0]
        for other in direction:
            check(other == one, "{other} is not {one}", other=other, one=one)
        if one.slips or one.holes:
            raise fair.WrongAudio(f"{one}")
        check(one.count == 0, "it begins with frame {n}", n=one.count)
        near = cycles_frames - 8 * 256 <= one.frames <= cycles_frames
        check(near, "{n} frames of {m}", n=one.frames, m=cycles_frames)


def _frames(path: Path) -> int:
    with _takes.SndFile(path) as file:
        return file.frames


def _automatic(where: Path) -> dict[str, str]:
    return {"ASIOWIRE_RECORD_AUTOMATIC": "1", "ASIOWIRE_RECORD_FOLDER": str(where)}


@contextlib.contextmanager
def _running_host(
    rig: Rig, where: Path, env: Mapping[str, str], seconds: float
) -> Iterator[subprocess.Popen[bytes]]:
    """A host that plays its counter; unless it is killed it must end well."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        more = SINK | {"ASIOWIRE_LOG": str(log), "ASIOWIRE_RECORD_FOLDER": str(where)} | dict(env)
        words = fair.words(BLOCK, seconds, "--loopback")
        host = rig.prefix.start(rig.prefix.host_command(64, words), more)
        try:
            deadline = time.monotonic() + 30
            while not any(one["alive"] and one["blocks"] for one in _drivers(rig)):
                check(time.monotonic() < deadline and host.poll() is None, "the host does not start")
                time.sleep(0.05)
            yield host
        finally:
            ended = rig.prefix.finish(host, 60)
    good = (0, 1, -signal.SIGKILL)
    check(ended.code in good, "the host ended with {code}: {err}", **vars(ended))


def _drivers(rig: Rig) -> list[dict[str, Any]]:
    ended = processes.run([TOOL, "status", "--json"], rig.daemon.env(), 10)
    drivers: list[dict[str, Any]] = json.loads(ended.out)["drivers"]
    return drivers


def _tool(rig: Rig, *words: str) -> Ended:
    return processes.run([TOOL, "record", *words], rig.daemon.env(), 20)


def _well(rig: Rig, *words: str) -> str:
    ended = _tool(rig, *words)
    check(ended.code == 0 and not ended.err, "{code}: {out}{err}", **vars(ended))
    return ended.out.strip()


def _badly(rig: Rig, *words: str) -> str:
    ended = _tool(rig, *words)
    check(ended.code == 1 and not ended.out, "{code}: {out}{err}", **vars(ended))
    return ended.err


def _status(rig: Rig) -> dict[str, Any]:
    status: dict[str, Any] = json.loads(_well(rig, "status", "--json"))
    return status


def _connected(path: Path) -> socket.socket:
    one = socket.socket(socket.AF_UNIX)
    one.settimeout(10)
    one.connect(str(path))
    return one


def _raw(path: Path, line: bytes) -> bytes:
    with _connected(path) as one:
        one.sendall(line)
        if len(line) < 1000:
            one.shutdown(socket.SHUT_WR)
        answer = b""
        with contextlib.suppress(ConnectionResetError):
            while piece := one.recv(4096):
                answer += piece
        return answer
