# SPDX-License-Identifier: MIT
"""RTSan watches a short run of the engine: below process() nothing allocates, locks or calls the
system; and a host that does is caught, so the watch is awake.
"""

from nets import _builds
from rig import processes
from rig.case import Rig, check
from rig.processes import Ended

FLAGS = ("-fsanitize=realtime",)
PROGRAM = "nets-rtsan_engine"


def a_run_of_the_engine_is_real_time_safe(rig: Rig) -> None:
    ended = _run(rig, "none")
    story = _builds.report_in(ended.err) or ended.err
    check(ended.code == 0, "ended with {code}: {story}", code=ended.code, story=story)
    blocks = int(ended.out.removeprefix("blocks "))
    check(blocks >= 600, "only {n} blocks passed", n=blocks)


def an_allocation_inside_a_cycle_is_caught_at_run_time(rig: Rig) -> None:
    _check_caught(rig, "malloc", "malloc")


def a_mutex_inside_a_cycle_is_caught_at_run_time(rig: Rig) -> None:
    _check_caught(rig, "mutex", "pthread_mutex_lock")


def a_system_call_inside_a_cycle_is_caught_at_run_time(rig: Rig) -> None:
    _check_caught(rig, "write", "write")


def _check_caught(rig: Rig, fault: str, function: str) -> None:
    ended = _run(rig, fault)
    check(ended.code not in (0, None), "{fault} passed: {out}", fault=fault, out=ended.out)
    named = "RealtimeSanitizer" in ended.err and f"`{function}`" in ended.err
    check(named, "{fault} ended otherwise: {err}", fault=fault, err=ended.err[-1500:])


def _run(rig: Rig, fault: str) -> Ended:
    program = _builds.build("rtsan", FLAGS, [PROGRAM]) / PROGRAM
    return processes.run([program, fault], rig.daemon.env(), 60, cpu=rig.daemon.cpu)
