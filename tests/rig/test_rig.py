# SPDX-License-Identifier: MIT
"""The rig itself: what every other test takes for granted."""

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from rig import fair, processes, stillness
from rig.case import Failure, Rig, Skip, check, for_hosts, run_until_judged
from rig.daemon import Daemon
from rig.places import KEPT, NATIVE, clean_environment
from rig.prefix import Prefix


def sinks_have_their_ports_in_order(rig: Rig) -> None:
    for channels in (8, 32):
        for direction, kind in (("in", "playback"), ("out", "monitor")):
            ports = rig.daemon.ports(f"sink-{channels}", direction)
            wanted = [f"{kind}_AUX{i}" for i in range(channels)]
            check(ports == wanted, "sink-{n} has {ports}", n=channels, ports=ports)
    check(rig.daemon.ports("sink-2", "in") == ["playback_FL", "playback_FR"], "sink-2 is no stereo")


def monitors_give_back_each_channel_after_one_quantum(rig: Rig) -> None:
    for channels, quantum, heard_quantum in ((2, 0, 256), (8, 1024, 1024), (32, 512, 512)):
        report = _fair_probe(rig.daemon, channels, quantum)
        facts = {"n": channels, "report": report}
        check(report["quantum"] == heard_quantum, "sink-{n}, quantum: {report}", **facts)
        check(report["compared"] > channels * 48000, "sink-{n}, too little: {report}", **facts)
        check(report["wrong"] == 0, "sink-{n}, wrong samples: {report}", **facts)
        check(report["round_trip"] == heard_quantum, "sink-{n}, delay: {report}", **facts)


def the_default_devices_can_be_named_and_changed(rig: Rig) -> None:
    with Daemon(sinks=(2, 8), default_sink="sink-8", default_source=None) as daemon:
        check('"sink-8"' in daemon.tool("pw-metadata", "0"), "the default sink is not named")
        daemon.set_metadata("default.audio.source", {"name": "sink-2"})
        check('"sink-2"' in daemon.tool("pw-metadata", "0"), "the default source is not named")
        daemon.set_metadata("default.audio.sink", None)
        check('"sink-8"' not in daemon.tool("pw-metadata", "0"), "the default sink is still named")


def a_daemon_comes_back_after_a_stop_in_the_same_place(rig: Rig) -> None:
    with Daemon(sinks=(2,)) as daemon:
        daemon.stop()
        check(processes.run(["pw-dump"], daemon.env(), 10).code != 0, "somebody answers")
        daemon.start()
        check("sink-2" in daemon.nodes(), "the sink is not back")


def the_quantum_of_a_daemon_can_be_chosen(rig: Rig) -> None:
    with Daemon(quantum=128) as daemon:
        report = _probe(daemon, 2, 0)
        check(report["quantum"] == 128, "the graph runs {quantum} frames", **report)


def two_daemons_and_two_prefixes_live_side_by_side(rig: Rig) -> None:
    with Daemon(sinks=(2,)) as first, Daemon(sinks=(8,)) as second:
        check("sink-8" not in first.nodes() and "sink-2" not in second.nodes(), "they are one")
        with Prefix() as one, Prefix() as two:
            check(one.path != two.path, "two prefixes share a folder")
            key = r"HKEY_LOCAL_MACHINE\Software\AsioWireRig"
            one.run(["reg.exe", "add", key])
            check(one.run(["reg.exe", "query", key]).code == 0, "the key was not written")
            check(two.run(["reg.exe", "query", key]).code != 0, "the key is in both prefixes")


@for_hosts(64, 32, "winelib")
def a_program_that_hangs_is_ended_and_the_next_one_runs(rig: Rig, bits: int | str) -> None:
    with Prefix() as prefix:
        check(prefix.run(_ENDLESS, timeout=0.5).timed_out, "the endless program has an end")
        check(prefix.run(["cmd.exe", "/c", "exit 5"]).code == 5, "the next program did not run")
        check(prefix.run_host(bits, ["--help"], timeout=20).code is not None, "the host hangs")


def a_killed_run_leaves_nothing_running(rig: Rig) -> None:
    for deadly in (signal.SIGKILL, signal.SIGTERM):
        run = processes.start(
            [sys.executable, "-c", _A_RUN, Path(__file__).parents[1], *_ENDLESS],
            clean_environment() | {"ASIOWIRE_RIG": str(KEPT)},
            stdout=subprocess.PIPE,
        )
        assert run.stdout is not None
        pids = json.loads(run.stdout.readline())
        check(len(pids) > 4, "too few processes to tell: {pids}", pids=pids)
        os.kill(run.pid, deadly)
        run.wait(20)
        deadline = time.monotonic() + 5
        while (left := [pid for pid in pids if _lives(pid)]) and time.monotonic() < deadline:
            time.sleep(0.05)
        check(not left, "signal {number} left {left}", number=int(deadly), left=left)
        processes.end(run)


_ENDLESS = ["cmd.exe", "/c", "for /L %i in (0,0,1) do @rem"]
_A_RUN = """
import json, sys, time
sys.path.insert(0, sys.argv[1])
from rig import processes
from rig.daemon import Daemon
from rig.prefix import Prefix
processes.guard()
with Daemon() as daemon, Prefix(daemon.env()) as prefix:
    prefix.start(sys.argv[2:])
    time.sleep(0.5)
    print(json.dumps(processes.descendants()), flush=True)
    time.sleep(60)
"""


def what_fails_is_judged_again_only_when_the_machine_stood_still(rig: Rig) -> None:
    real = stillness.watch()
    for still, failures, runs_due, holds in (
        (0.001, 1, 1, False), (1.0, 1, 2, True), (1.0, 9, stillness.TRIES, False),
    ):
        runs = 0

        def fails_at_first() -> None:
            nonlocal runs
            runs += 1
            check(runs > failures, "as planned")

        stillness.use(_Still(still))
        try:
            run_until_judged("planned", fails_at_first)
            held = True
        except Failure:
            held = False
        finally:
            stillness.use(real)
        check((runs, held) == (runs_due, holds), "{still}: {runs}", still=still, runs=runs)


def a_machine_that_stands_still_is_noticed(rig: Rig) -> None:
    watch = stillness.Watch()
    time.sleep(0.2)
    calm = watch.take()
    switches = sys.getswitchinterval()
    sys.setswitchinterval(0.1)  # the watch gets no turn
    end = time.monotonic() + 0.15
    while time.monotonic() < end:
        pass
    sys.setswitchinterval(switches)
    time.sleep(0.02)
    still = watch.take()
    check(still > stillness.LONG and still > calm, "{still} after {calm}", still=still, calm=calm)


def wrong_audio_is_a_finding_unless_the_machine_alone_explains_it(rig: Rig) -> None:
    for late, still, wrong, runs_due, end in (
        (0, 1.0, 1, 1, fair.WrongAudio),  # late nowhere: at once
        (3, 1.0, 2, 3, None),
        (3, 0.0, 99, fair.TRIES, fair.WrongAudio),  # the graph always late, the machine never
        (3, 1.0, 99, fair.TRIES, Skip),
    ):
        runs = 0

        def is_wrong_at_first(log: Path) -> None:
            nonlocal runs
            runs += 1
            log.write_text(f"asiowire: stopped: gaps={late} overruns=0\n")
            if runs <= wrong:
                raise fair.WrongAudio("as planned")

        ended: type[Exception] | None = None
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                fair.fairly(is_wrong_at_first, _Still(still))
        except (fair.WrongAudio, Skip) as error:
            ended = type(error)
        check((runs, ended) == (runs_due, end), f"{late}, {still}, {wrong}: {runs} runs, {ended}")


class _Still(stillness.Watch):
    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def take(self) -> float:
        return self._seconds


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _fair_probe(daemon: Daemon, channels: int, quantum: int) -> dict[str, int]:
    """A probe's report; one of a run in which the machine was late is taken again."""
    for _ in range(4):
        report = _probe(daemon, channels, quantum)
        if report["wrong"] == 0 or report["late"] == 0:
            return report
        print(f"  repeated, as the machine was late for {report['late']} cycles: {report}")
    return _probe(daemon, channels, quantum)


def _probe(daemon: Daemon, channels: int, quantum: int) -> dict[str, int]:
    """Plays through a sink and listens at its monitor with the rig's own filter."""
    probe = processes.start(
        [NATIVE / "rig-loop_probe", str(channels), "3", str(quantum)],
        daemon.env(),
        stdout=subprocess.PIPE,
        cpu=daemon.cpu,
    )
    sink = f"sink-{channels}"
    deadline = time.monotonic() + 5
    while len(daemon.ports("loop-probe", "out")) < channels and time.monotonic() < deadline:
        time.sleep(0.05)
    for number, port in enumerate(daemon.ports(sink, "in"), 1):
        daemon.tool("pw-link", f"loop-probe:out_{number}", f"{sink}:{port}")
    for number, port in enumerate(daemon.ports(sink, "out"), 1):
        daemon.tool("pw-link", f"{sink}:{port}", f"loop-probe:in_{number}")
    ended = processes.finish(probe, 20)
    check(ended.code == 0, "the probe ended with {code}: {err}", **vars(ended))
    return json.loads(ended.out)
