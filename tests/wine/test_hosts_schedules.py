# SPDX-License-Identifier: MIT
"""Hosts that hang or are late, in both schedules: the graph and its other clients go on."""

import math
import time

from rig import fair
from rig.bystander import following
from rig.case import Rig, check, for_hosts

from wine._hosts import BUFFERED, SINK, Talking, content, words

STALL = 0.25  # s; the watchdog's 0.1 s and the daemon's work after it
# The rig keeps daemon and host on one processor, where a host that never rests starves whoever has
# less priority: the daemon has 10 there.
BELOW_THE_DAEMON = {"ASIOWIRE_RT_PRIORITY": "5"}
NONE = 0.05  # s; no cycle is missed by our doing, but the machine is shared


@for_hosts(64, 32)
def a_host_that_hangs_for_a_second_holds_the_others_no_longer_than_the_watchdog(
    rig: Rig, bits: int
) -> None:
    _hang(rig, bits, {}, STALL)


@for_hosts(64, 32)
def a_watchdog_with_another_limit_bites_later(rig: Rig, bits: int) -> None:
    stall = _hang(rig, bits, {"ASIOWIRE_WATCHDOG_MS": "400"}, 0.4 + STALL - 0.1)
    check(stall > 0.3, "it bit after {s} s already", s=round(stall, 3))


@for_hosts(64, 32)
def with_the_buffered_schedule_a_host_that_hangs_holds_nobody(rig: Rig, bits: int) -> None:
    _hang(rig, bits, BUFFERED, NONE)


@for_hosts(64, 32)
def the_buffered_schedule_is_bit_exact_and_its_latency_is_as_reported(
    rig: Rig, bits: int
) -> None:
    for block, quantum in ((256, 256), (64, 256), (1000, 256), (480, 256)):
        rig.daemon.set_metadata("clock.force-quantum", quantum, "settings")
        try:
            _exact(rig, bits, block, quantum, [])
        finally:
            rig.daemon.set_metadata("clock.force-quantum", 0, "settings")


@for_hosts(64, 32)
def with_the_buffered_schedule_a_host_may_compute_nine_tenths_of_the_time(
    rig: Rig, bits: int
) -> None:
    rig.daemon.set_metadata("clock.force-quantum", 256, "settings")
    try:
        _exact(rig, bits, 1024, 256, ["--burn", "90"])
    finally:
        rig.daemon.set_metadata("clock.force-quantum", 0, "settings")


@for_hosts(64, 32)
def with_the_buffered_schedule_a_host_that_is_always_late_never_stalls_the_graph(
    rig: Rig, bits: int
) -> None:
    def trial(log: fair.Path) -> None:
        command = rig.prefix.host_command(bits, fair.words(1024, 4, "--burn", "150"))
        env = SINK | BUFFERED | BELOW_THE_DAEMON | {"ASIOWIRE_LOG": str(log)}
        host = rig.prefix.start(command, env)
        time.sleep(2)
        with following(rig.daemon, "asiohost") as other:
            time.sleep(1)
            held = other.longest
        run = fair.run_of(rig.prefix.finish(host, 30), log)
        _still_for(held, NONE)
        # Half as much again as there is time for: two blocks of three are heard.
        share = run.report["callbacks"] / run.report["expected"]
        check(0.5 < share < 0.9, "{share} of the blocks were computed", share=round(share, 3))
        late = {key: run.driver[key] for key in run.driver if "late" in key}
        check(any(late.values()), "late blocks are not counted: {d}", d=run.driver)

    fair.fairly(trial)


def _hang(rig: Rig, bits: int, env: dict[str, str], limit: float) -> float:
    """Lets a host hang for a second; returns for how long that held those who hear it."""
    return fair.fairly(lambda log: _hang_once(rig, bits, env | {"ASIOWIRE_LOG": str(log)}, limit))


def _hang_once(rig: Rig, bits: int, env: dict[str, str], limit: float) -> float:
    host = Talking(rig, bits, words("hang", "--block", "256"), SINK | env)
    host.wait_for("ready to hang")
    with following(rig.daemon, "asiohost") as other:
        before = other.longest
        host.wait_for("back from hanging")
        time.sleep(0.1)
        held = other.longest
    ended = host.finish()
    print(f"  the others stood still for {held * 1000:.0f} ms", flush=True)
    content("hang", ended)
    _still_for(before, NONE)
    _still_for(held, limit)
    return held


def _still_for(seconds: float, limit: float) -> None:
    """What stands still is heard; a machine that was elsewhere makes the graph's clients stand, too."""
    if seconds >= limit:
        raise fair.WrongAudio(f"the others stood still for {seconds:.3f} s")


def _exact(rig: Rig, bits: int, block: int, quantum: int, more: list[str]) -> None:
    def trial(log: fair.Path) -> None:
        args = fair.words(block, max(1.0, 20 * block / fair.RATE), "--loopback", *more)
        report = fair.run_host(rig, bits, args, SINK | BUFFERED, log).report
        for wrong in ("lost", "duplicated", "corrupt"):
            if report[wrong]:
                raise fair.WrongAudio(f"block {block}: {report[wrong]} samples {wrong}")
        trip = report["reported_in"] + report["reported_out"] + quantum
        if report["rtt_frames"] != trip:
            raise fair.WrongAudio(f"block {block}: round trip {report['rtt_frames']}, not {trip}")
        added = fair.fifo_delay(block, quantum) + math.ceil(max(quantum, block) / block) * block
        check(report["reported_in"] + report["reported_out"] == added,
              "reported {said}, and re-blocking and budget are {added}",
              said=report["reported_in"] + report["reported_out"], added=added)

    fair.fairly(trial)
