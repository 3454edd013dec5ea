# SPDX-License-Identifier: MIT
"""Hosts and sample rates: asked for without end, set without asking, changed while running."""

import time

from rig.case import Rig, check, for_hosts
from rig.daemon import Daemon

from wine._hosts import Talking, survives, words


@for_hosts(64, 32)
def usual_rates_are_offered_and_absurd_ones_have_no_clock(rig: Rig, bits: int) -> None:
    survives(rig, bits, "ask-rates")


@for_hosts(64, 32)
def a_rate_that_was_set_without_asking_is_the_one_that_runs(rig: Rig, bits: int) -> None:
    survives(rig, bits, "set-rates", seconds=60)


@for_hosts(64, 32)
def an_impossible_rate_is_an_invalid_mode_and_never_no_clock(rig: Rig, bits: int) -> None:
    survives(rig, bits, "impossible-rates")


@for_hosts(64, 32)
def a_rate_may_change_while_running_and_blocks_go_on_at_its_pace(rig: Rig, bits: int) -> None:
    survives(rig, bits, "rate-while-running")


@for_hosts(64, 32)
def portaudios_first_rate_of_thirteen_really_runs(rig: Rig, bits: int) -> None:
    survives(rig, bits, "first-rate-of-portaudio")


@for_hosts(64, 32)
def a_graph_of_one_rate_refuses_another_without_harm(rig: Rig, bits: int) -> None:
    with Daemon(sinks=(8,), allowed_rates=(48000,)) as daemon:
        survives(rig, bits, "impossible-rates", env=daemon.reach())


@for_hosts(64, 32)
def a_host_that_is_gone_leaves_the_graph_its_own_rate(rig: Rig, bits: int) -> None:
    with Daemon(sinks=(8,)) as daemon:
        host = Talking(rig, bits, words("set-rates"), daemon.reach() | {
            "ASIOWIRE_PLAYBACK": "sink-8", "ASIOWIRE_CAPTURE": "sink-8"})
        host.wait_for("at 44100 Hz blocks come at")
        host.kill()
        deadline = time.monotonic() + 5
        while (left := _forced(daemon)) and time.monotonic() < deadline:
            time.sleep(0.1)
        check(not left, "still forced: {left}", left=left)


def _forced(daemon: Daemon) -> list[str]:
    """Nodes that hold the graph's rate, and a rate forced in the settings."""
    found = [
        name
        for name, node in daemon.nodes().items()
        if int(node["info"]["props"].get("node.force-rate") or 0) > 0
    ]
    settings = daemon.tool("pw-metadata", "-n", "settings", "0", "clock.force-rate")
    return found + ([settings.strip()] if "value:'0'" not in settings else [])
