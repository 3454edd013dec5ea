# SPDX-License-Identifier: MIT
"""Hosts while they run: who calls what from where, at the worst moment."""

from rig.bystander import as_before, undisturbed
from rig.case import Rig, check, for_hosts

from wine._hosts import survives


@for_hosts(64, 32)
def the_first_callback_waits_until_start_has_returned_and_comes_soon(rig: Rig, bits: int) -> None:
    ended = survives(rig, bits, "lock-around-start")
    check("ms after start" in ended.err, "no first block: {err}", err=ended.err)


@for_hosts(64, 32)
def stop_from_two_threads_at_once_stops_once(rig: Rig, bits: int) -> None:
    survives(rig, bits, "stop-from-two-threads", "--block", "64")


@for_hosts(64, 32)
def stop_while_the_last_release_is_under_way_returns(rig: Rig, bits: int) -> None:
    with as_before(rig.daemon):
        survives(rig, bits, "stop-while-releasing", "--block", "64")


@for_hosts(64, 32)
def the_last_release_inside_buffer_switch_does_not_deadlock(rig: Rig, bits: int) -> None:
    with undisturbed(rig.daemon, "sink-8"):
        survives(rig, bits, "release-in-callback", "--block", "64")


@for_hosts(64, 32)
def dispose_without_stop_stops_first(rig: Rig, bits: int) -> None:
    survives(rig, bits, "dispose-running", "--block", "64")


@for_hosts(64, 32)
def stop_and_dispose_wait_for_a_slow_buffer_switch(rig: Rig, bits: int) -> None:
    survives(rig, bits, "stop-in-slow-callback")


@for_hosts(64, 32)
def a_host_whose_threads_are_all_suspended_and_read_again_and_again_goes_on(
    rig: Rig, bits: int
) -> None:
    survives(rig, bits, "suspend-all")


@for_hosts(64, 32)
def a_host_that_writes_nothing_is_silent(rig: Rig, bits: int) -> None:
    for block in ("64", "256", "1000"):
        survives(rig, bits, "write-nothing", "--block", block)


@for_hosts(64, 32)
def a_host_keeps_its_control_words_and_the_graph_its_nans_and_denormals(
    rig: Rig, bits: int
) -> None:
    for block in ("256", "480"):
        survives(rig, bits, "control-words", "--block", block)
