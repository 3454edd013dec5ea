# SPDX-License-Identifier: MIT
"""The whole way, Windows host to graph and back: every sample at its place, at the right moment."""

import contextlib
import time
from pathlib import Path
from typing import Iterator

from rig import fair, judge
from rig.case import Rig, Skip, check, for_hosts
from rig.fair import RATE, Run, WrongAudio, check_loop, fairly, loopback, words

SUSPENSION = 0.05  # seconds at most, measured 0.025, that a change of a forced quantum takes


def _suspends_devices(rig: Rig) -> bool:
    """PipeWire from 1.0 on stops a device for a moment when its forced quantum or driver changes."""
    version = rig.daemon.tool("pipewire", "--version").split()[-1]
    return int(version.split(".")[0]) >= 1


@for_hosts(64, 32, "winelib")
def a_block_of_64_goes_round_in_64_frames(rig: Rig, bits: int | str) -> None:
    loopback(rig, bits, 64)


@for_hosts(64, 32)
def a_block_of_2048_goes_round_in_2048_frames(rig: Rig, bits: int) -> None:
    loopback(rig, bits, 2048)


@for_hosts(64, 32)
def a_block_of_480_goes_round_in_a_quantum_and_the_smallest_delay(rig: Rig, bits: int) -> None:
    # The graph takes 480 as it is from PipeWire 0.3.82 on and rounds it down before.
    def trial(log: Path) -> None:
        host = rig.prefix.start(
            rig.prefix.host_command(bits, words(480, 2.5, "--loopback")), _on("sink-32", log)
        )
        time.sleep(1.8)
        quantum = judge.running_quantum(rig.daemon, 0.6, RATE)
        run = fair.run_of(rig.prefix.finish(host, 30), log)
        check(quantum in (256, 480), "the graph runs {quantum} frames", quantum=quantum)
        check_loop(run.report, 480, quantum, 32)

    fairly(trial)


@for_hosts(64, 32)
def a_graph_pinned_to_1024_gives_four_blocks_of_256_per_cycle(rig: Rig, bits: int) -> None:
    with _pinned(rig, 1024):
        run = loopback(rig, bits, 256, quantum=1024)
    interval = run.report["interval_us"]
    check(interval["p50"] < 2000 < 18000 < interval["p99"], "no bunches: {i}", i=interval)
    check(run.report["reported_out"] == 0, "a delay is reported: {r}", r=run.report)


@for_hosts(64, 32, "winelib")
def a_graph_pinned_to_256_plays_blocks_of_1000_after_the_smallest_delay(
    rig: Rig, bits: int | str
) -> None:
    with _pinned(rig, 256):
        run = loopback(rig, bits, 1000, quantum=256)
    check(run.report["reported_out"] == 992, "the delay is not reported: {r}", r=run.report)


@for_hosts(64, 32)
def a_quantum_that_changes_in_mid_stream_keeps_the_speed(rig: Rig, bits: int) -> None:
    def trial(log: Path) -> None:
        with _pinned(rig, 1024):
            host = rig.prefix.start(
                rig.prefix.host_command(bits, words(256, 5)), _on("sink-32", log)
            )
            time.sleep(1.2)
            seen = [_settled_quantum(rig, 1024)]
            for pinned, wanted in ((64, 64), (512, 512), (0, 256)):  # at last the host's own wish
                rig.daemon.set_metadata("clock.force-quantum", pinned, "settings")
                seen.append(_settled_quantum(rig, wanted))
            run = fair.run_of(rig.prefix.finish(host, 30), log)
        check(seen == [1024, 64, 512, 256], "the graph ran {seen}", seen=seen)
        check(run.ended.code == 0, "the host is not content: {err}", err=run.ended.err)
        if _suspends_devices(rig):
            missing = run.report["expected"] - run.report["callbacks"]
            most = 4 * SUSPENSION * RATE / 256  # pinned, twice changed, unpinned
            check(-2 <= missing <= most, "{missing} blocks are missing", missing=missing)
        else:
            fair.check_pace(run.report, 256, 1024)
        # What 64 frames per cycle need, and nobody gives back: that would be a second gap.
        check(run.report["reported_out"] == 256 - 64, "reported: {r}", r=run.report)

    fairly(trial)


@for_hosts(64, 32)
def sinks_of_2_and_8_channels_have_as_many_channels_here(rig: Rig, bits: int) -> None:
    for channels in (2, 8):
        loopback(rig, bits, 128, channels=channels, seconds=1)


@for_hosts(64, 32)
def channels_beyond_the_device_are_silent_and_the_others_sound(rig: Rig, bits: int) -> None:
    def trial(log: Path) -> None:
        env = _on("sink-8", log) | {"ASIOWIRE_INPUTS": "12", "ASIOWIRE_OUTPUTS": "12"}
        run = fair.run_host(rig, bits, words(256, 1, "--loopback"), env, log)
        report = run.report
        check((report["in"], report["out"]) == (12, 12), "not 12 and 12: {r}", r=report)
        silent = "No signal arrived on input 9, 10, 11, 12."
        if silent not in run.ended.err or report["lost"] or report["duplicated"]:
            raise WrongAudio(f"{run.ended.err.strip()} {report}")
        # All that the host calls corrupt is the whole run of those four.
        if report["corrupt"] != 4 * 256 * report["callbacks"] or report["rtt_frames"] != 256:
            raise WrongAudio(f"the others do not sound: {report}")

    fairly(trial)


@for_hosts(64, 32)
def the_default_devices_are_used_when_none_is_named(rig: Rig, bits: int) -> None:
    loopback(rig, bits, 256, channels=2, env={}, seconds=1)
    try:
        for key in ("default.audio.sink", "default.audio.source"):
            rig.daemon.set_metadata(key, {"name": "sink-8"})
        loopback(rig, bits, 256, channels=8, env={}, seconds=1)
    finally:
        for key in ("default.audio.sink", "default.audio.source"):
            rig.daemon.set_metadata(key, {"name": "sink-2"})


@for_hosts(64, 32)
def two_hosts_at_once_with_different_blocks_are_both_right(rig: Rig, bits: int) -> None:
    if _suspends_devices(rig):
        raise Skip("this PipeWire gives a running host another driver when the second one comes")

    def trial(log: Path) -> None:
        logs = {sink: log.with_suffix(f".{sink}") for sink in ("sink-8", "sink-32")}
        try:
            runs = _side_by_side(rig, bits, logs)
        finally:  # fairly() looks for gaps there
            log.write_text("".join(part.read_text() for part in logs.values() if part.exists()))
        check_loop(runs[0].report, 256, 256, 8)
        check_loop(runs[1].report, 480, 256, 32)

    with _pinned(rig, 256):
        fairly(trial)


@for_hosts(64, 32)
def a_host_that_computes_half_the_time_loses_nothing(rig: Rig, bits: int) -> None:
    run = loopback(rig, bits, 256, more=["--burn", "50"])
    check(run.report["reported_out"] == 0, "a delay is reported: {r}", r=run.report)


@for_hosts(64, 32)
def a_host_with_nothing_but_buffer_switch_hears_the_same(rig: Rig, bits: int) -> None:
    loopback(rig, bits, 256, more=["--fault", "time-info-null"], seconds=1)


@for_hosts(64, 32)
def the_hand_off_to_a_second_thread_is_bit_exact_too(rig: Rig, bits: int) -> None:
    on = {"ASIOWIRE_PLAYBACK": "sink-32", "ASIOWIRE_CAPTURE": "sink-32", "ASIOWIRE_HAND_OFF": "1"}
    loopback(rig, bits, 256, env=on)
    with _pinned(rig, 256):
        loopback(rig, bits, 1000, quantum=256, env=on)


def _on(sink: str, log: Path) -> dict[str, str]:
    return {"ASIOWIRE_PLAYBACK": sink, "ASIOWIRE_CAPTURE": sink, "ASIOWIRE_LOG": str(log)}


def _settled_quantum(rig: Rig, wanted: int) -> int:
    """What the graph runs with once it has followed, or what it runs with instead."""
    seen = 0
    for _ in range(4):
        seen = judge.running_quantum(rig.daemon, 0.25, RATE)
        if seen == wanted:
            break
    return seen


@contextlib.contextmanager
def _pinned(rig: Rig, quantum: int) -> Iterator[None]:
    """The graph runs with this quantum, whatever its clients wish."""
    rig.daemon.set_metadata("clock.force-quantum", quantum, "settings")
    try:
        yield
    finally:
        rig.daemon.set_metadata("clock.force-quantum", 0, "settings")


def _side_by_side(rig: Rig, bits: int, logs: dict[str, Path]) -> list[Run]:
    hosts = [
        rig.prefix.start(
            rig.prefix.host_command(bits, words(block, 2, "--loopback")), _on(sink, logs[sink])
        )
        for sink, block in (("sink-8", 256), ("sink-32", 480))
    ]
    ends = [rig.prefix.finish(host, 30) for host in hosts]
    return [fair.run_of(ended, log) for ended, log in zip(ends, logs.values())]
