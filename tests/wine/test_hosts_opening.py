# SPDX-License-Identifier: MIT
"""Hosts before they run: how they find, make, initialise, share and question the object."""

import resource

from rig.bystander import as_before
from rig.case import Rig, check, for_hosts

from wine._hosts import survives


@for_hosts(64, 32, "winelib")
def the_object_answers_its_class_id_and_iunknown_and_nothing_else(
    rig: Rig, bits: int | str
) -> None:
    survives(rig, bits, "identity")


@for_hosts(64, 32)
def a_host_without_com_loads_runs_and_frees_the_library_again_and_again(
    rig: Rig, bits: int
) -> None:
    with as_before(rig.daemon):
        survives(rig, bits, "no-com", "--rounds", "10")


@for_hosts(64, 32)
def init_may_come_twice_with_any_handle_and_while_running(rig: Rig, bits: int) -> None:
    survives(rig, bits, "init-twice")


@for_hosts(64, 32)
def before_init_every_method_returns_and_the_panel_is_never_slow(rig: Rig, bits: int) -> None:
    survives(rig, bits, "before-init")


@for_hosts(64, 32)
def a_sentence_about_an_endless_device_name_fits_into_124_bytes(rig: Rig, bits: int) -> None:
    survives(rig, bits, "before-init", env={"ASIOWIRE_PLAYBACK": "x" * 3000})


@for_hosts(64, 32)
def four_objects_run_at_once_from_four_threads(rig: Rig, bits: int) -> None:
    with as_before(rig.daemon):
        survives(rig, bits, "several")


@for_hosts(64, 32)
def an_object_may_be_used_by_another_thread_in_each_of_its_states(rig: Rig, bits: int) -> None:
    survives(rig, bits, "threads")


@for_hosts(64, 32)
def latencies_are_the_same_before_buffers_and_while_running_and_output_ready_is_never_there(
    rig: Rig, bits: int
) -> None:
    ended = survives(rig, bits, "early-questions")
    check("latencies: " in ended.err, "nothing was asked: {err}", err=ended.err)


@for_hosts(64, 32)
def every_future_selector_is_answered_on_purpose(rig: Rig, bits: int) -> None:
    survives(rig, bits, "future")


@for_hosts(64, 32)
def a_host_with_little_lockable_memory_runs(rig: Rig, bits: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (65536, hard))  # children inherit it
    try:
        survives(rig, bits, "dummy-cycle", "--loopback")
    finally:
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (soft, hard))
