# SPDX-License-Identifier: MIT
"""Hosts that are notified: deaf, idle, eager or slow; every notification has a real reason.

A latency changes because the graph's quantum does; a reset is asked for because the daemon dies,
and a new daemon with a device of other channels takes its place.
"""

import time
from typing import Callable

from rig.case import Rig, check, for_hosts
from rig.daemon import Daemon

from wine._hosts import SINK, Talking, content, notified, words

LATENCIES_CHANGED, RESET = "asioMessage(6)", "asioMessage(3)"


@for_hosts(64, 32)
def a_host_that_ignores_a_notification_is_left_alone(rig: Rig, bits: int) -> None:
    _latency_and_reset(rig, bits, "notify-ignored")


@for_hosts(64, 32)
def a_host_may_rebuild_everything_inside_a_notification(rig: Rig, bits: int) -> None:
    _latency_and_reset(rig, bits, "notify-rebuild")


@for_hosts(64, 32)
def a_host_may_release_and_open_anew_inside_a_notification(rig: Rig, bits: int) -> None:
    _latency_and_reset(rig, bits, "notify-release")


@for_hosts(64, 32)
def a_host_may_leave_a_notification_to_a_new_thread(rig: Rig, bits: int) -> None:
    _latency_and_reset(rig, bits, "notify-new-thread")


@for_hosts(64, 32)
def a_host_may_sit_in_a_notification_while_another_thread_closes_everything(
    rig: Rig, bits: int
) -> None:
    _latency_and_reset(rig, bits, "notify-slow")


@for_hosts(64, 32)
def a_host_that_listens_to_nothing_is_asked_and_never_told(rig: Rig, bits: int) -> None:
    with Daemon(sinks=(8,)) as daemon:
        host = Talking(rig, bits, words("notify-deaf"), daemon.reach() | SINK)
        host.wait_for("ready to be notified")
        daemon.set_metadata("clock.force-quantum", 64, "settings")
        time.sleep(0.5)
        daemon.stop()
        ended = host.finish()
    content("notify-deaf", ended)
    check("asioMessage(1, 6)" in ended.err, "it was not even asked: {err}", err=ended.err)


def _latency_and_reset(rig: Rig, bits: int, fault: str) -> None:
    def by_quantum(daemon: Daemon) -> None:
        daemon.set_metadata("clock.force-quantum", 64, "settings")

    def by_death(daemon: Daemon) -> None:
        daemon.stop()
        daemon.plan_devices((2,), "sink-2", "sink-2")
        daemon.start()

    _notify(rig, bits, fault, by_quantum, LATENCIES_CHANGED)
    _notify(rig, bits, fault, by_death, RESET)  # 8 channels were told


def _notify(
    rig: Rig, bits: int, fault: str, blow: Callable[[Daemon], None], message: str
) -> None:
    with Daemon(sinks=(8,), default_sink="sink-8", default_source="sink-8") as daemon:
        ended = notified(rig, bits, fault, daemon.reach(), lambda: blow(daemon))
    check(f"notified with {message}" in ended.err, "not by {message}: {err}", message=message,
          err=ended.err)
