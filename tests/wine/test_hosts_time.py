# SPDX-License-Identifier: MIT
"""Sample position and system time: one pair, from zero, in the base that MIDI time stamps have.

The figures are printed. The jitter is judged at its 99th percentile, because a machine that others
use may stop for longer than the limit at any time; the largest is printed beside it.
"""

import json

from rig.case import Rig, check, for_hosts

from wine._hosts import BUFFERED, survives


@for_hosts(64, 32, "winelib")
def time_and_position_are_one_smooth_pair_however_fast_they_are_polled(
    rig: Rig, bits: int | str
) -> None:
    _time(rig, bits, 256)


@for_hosts(64, 32)
def blocks_that_share_a_cycle_or_do_not_fit_have_smooth_times_too(rig: Rig, bits: int) -> None:
    rig.daemon.set_metadata("clock.force-quantum", 256, "settings")
    try:
        for block in (64, 441, 1024):
            _time(rig, bits, block)
    finally:
        rig.daemon.set_metadata("clock.force-quantum", 0, "settings")


@for_hosts(64, 32)
def the_buffered_schedule_has_the_same_times(rig: Rig, bits: int) -> None:
    _time(rig, bits, 256, BUFFERED)


def _time(rig: Rig, bits: int | str, block: int, env: dict[str, str] | None = None) -> None:
    ended = survives(rig, bits, "time", "--seconds", "1.5", "--block", str(block), env=env)
    told = json.loads(ended.out.splitlines()[-1])
    jitter = told["jitter_us"]
    print(f"  block {block}: jitter p50 {jitter['p50']} p99 {jitter['p99']} max {jitter['max']} us, "
          f"{told['behind_ms']} ms behind timeGetTime, {told['polls']} polls", flush=True)
    check(told["polls"] > 10 * told["blocks"], "hardly polled: {told}", told=told)
