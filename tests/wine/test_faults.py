# SPDX-License-Identifier: MIT
"""What hosts do by mistake or by force: the driver survives or ends cleanly, the graph goes on.

Each fault is one host process on sink-8. What the host itself checks is in its --help; its exit
code says whether that held.
"""

from rig.bystander import as_before, undisturbed
from rig.case import Rig, check, for_hosts
from rig.fair import loopback
from rig.processes import Ended

SINK = {"ASIOWIRE_PLAYBACK": "sink-8", "ASIOWIRE_CAPTURE": "sink-8"}
HAND_OFF = SINK | {"ASIOWIRE_HAND_OFF": "1"}
SECONDS = 15  # for one process; the host gives up on a hanging driver after 10


@for_hosts(64, 32)
def an_audio_thread_that_is_suspended_again_and_again_goes_on(rig: Rig, bits: int) -> None:
    ended = _fault(rig, bits, "suspend", 0)
    check("suspend: " in ended.err and " 0 errors" in ended.err, "no word: {err}", err=ended.err)


@for_hosts(64, 32)
def the_hand_off_survives_suspension_too(rig: Rig, bits: int) -> None:
    _fault(rig, bits, "suspend", 0, HAND_OFF)


@for_hosts(64, 32)
def an_exception_caught_inside_buffer_switch_is_the_hosts_own_affair(rig: Rig, bits: int) -> None:
    _audio_goes_on(rig, bits, "throw")


@for_hosts(64, 32)
def an_access_violation_handled_by_the_host_is_its_own_affair(rig: Rig, bits: int) -> None:
    _audio_goes_on(rig, bits, "access-violation")


@for_hosts(64, 32, "winelib")
def exit_thread_in_the_callback_leaves_a_driver_that_can_be_closed(
    rig: Rig, bits: int | str
) -> None:
    ended = _fault(rig, bits, "exit-thread", 0)
    _every_call_returned(ended)
    # The thread's detaching winds the cycle up; to be given up for lost is for terminated ones.
    check("terminated" not in ended.err, "the thread was given up: {err}", err=ended.err)


@for_hosts(64, 32)
def an_audio_thread_that_terminates_itself_leaves_a_driver_that_can_be_closed(
    rig: Rig, bits: int
) -> None:
    ended = _fault(rig, bits, "self-terminate", 0)
    _every_call_returned(ended)
    check("terminated inside the graph's cycle" in ended.err, "no sentence: {e}", e=ended.err)


@for_hosts(64, 32)
def an_audio_thread_terminated_from_outside_leaves_a_driver_that_can_be_closed(
    rig: Rig, bits: int
) -> None:
    _every_call_returned(_fault(rig, bits, "terminate-thread", 0))


@for_hosts(64, 32)
def the_hand_off_survives_the_end_of_its_windows_thread(rig: Rig, bits: int) -> None:
    for fault in ("exit-thread", "self-terminate", "terminate-thread"):
        _every_call_returned(_fault(rig, bits, fault, 0, HAND_OFF))


@for_hosts(64, 32, "winelib")
def exit_process_while_running_ends_the_process(rig: Rig, bits: int | str) -> None:
    _fault(rig, bits, "exit-process", 43)


@for_hosts(64, 32)
def exit_process_inside_the_callback_ends_the_process(rig: Rig, bits: int) -> None:
    _fault(rig, bits, "exit-process-in-callback", 42)


@for_hosts(64, 32)
def terminate_process_while_running_ends_the_process(rig: Rig, bits: int) -> None:
    _fault(rig, bits, "terminate-process", 44)


@for_hosts(64, 32)
def with_the_hand_off_the_process_ends_as_well(rig: Rig, bits: int) -> None:
    _fault(rig, bits, "exit-process", 43, HAND_OFF)
    _fault(rig, bits, "exit-process-in-callback", 42, HAND_OFF)


@for_hosts(64, 32)
def a_crash_in_the_callback_ends_the_process_by_its_exception(rig: Rig, bits: int) -> None:
    for where in (SINK, HAND_OFF):
        ended = _fault(rig, bits, "crash", 0xC0000005 & 0xFF, where)
        # The same number as "callbacks ceased", so the words decide.
        check("unhandled exception c0000005" in ended.err, "no exception: {e}", e=ended.err)


@for_hosts(64, 32)
def stop_inside_the_callback_does_not_deadlock(rig: Rig, bits: int) -> None:
    _audio_goes_on(rig, bits, "stop-in-callback")


@for_hosts(64, 32)
def dispose_inside_the_callback_does_not_deadlock(rig: Rig, bits: int) -> None:
    _audio_goes_on(rig, bits, "dispose-in-callback")


@for_hosts(64, 32)
def a_driver_released_while_running_falls_silent_and_can_be_opened_again(
    rig: Rig, bits: int
) -> None:
    _audio_goes_on(rig, bits, "release-running")


@for_hosts(64, 32)
def a_library_freed_while_its_driver_runs_stays_until_nothing_of_it_runs(
    rig: Rig, bits: int
) -> None:
    _audio_goes_on(rig, bits, "no-stop-free-library")


@for_hosts(64, 32)
def a_host_that_knows_no_message_hears_the_same(rig: Rig, bits: int) -> None:
    _audio_goes_on(rig, bits, "message-zero")


@for_hosts(64, 32)
def a_host_that_drops_its_callback_struct_hears_the_same(rig: Rig, bits: int) -> None:
    _audio_goes_on(rig, bits, "callbacks-gone")


def _fault(
    rig: Rig, bits: int | str, fault: str, code: int, env: dict[str, str] | None = None
) -> Ended:
    """Runs the host with a fault: it ends in time with this code, and the graph is clean."""
    args = ["--driver", "AsioWire", "--block", "64", "--seconds", "0.5", "--fault", fault]
    with undisturbed(rig.daemon, "sink-8"):
        ended = rig.host(bits, args, env or SINK, SECONDS)
        story = (ended.out + ended.err).strip()[-600:]
        check(not ended.timed_out, "{fault} hangs: {story}", fault=fault, story=story)
        check(
            ended.code == code,
            "{fault} ended with {was} instead of {code}: {story}",
            **{"fault": fault, "was": ended.code, "code": code, "story": story},
        )
    return ended


def _every_call_returned(ended: Ended) -> None:
    for call in ("stop after that: ASE_OK", "disposeBuffers after that: ASE_OK",
                 "Release after that: returned"):
        check(call in ended.err, "no \"{call}\": {err}", call=call, err=ended.err)


def _audio_goes_on(rig: Rig, bits: int, fault: str) -> None:
    """The run with the fault, or the ordinary one that the host makes after it, is bit-exact."""
    with as_before(rig.daemon):
        loopback(rig, bits, 64, channels=8, more=["--fault", fault], seconds=0.8)
