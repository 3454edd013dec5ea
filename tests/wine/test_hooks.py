# SPDX-License-Identifier: MIT
"""Analysis hooks that listen to a Windows host while it streams: they hear what it plays, and neither
its audio nor its audio thread notices what becomes of them."""

import json
import time
from pathlib import Path

from hooks import runner as native
from hooks._runner import Runner, hook_source, wait_until
from rig import fair
from rig.case import Rig, check
from wine import test_syscalls

BLOCK = 64
SINK = {"ASIOWIRE_PLAYBACK": "sink-32", "ASIOWIRE_CAPTURE": "sink-32"}
# The host counts frames on every channel and records them again: what comes in has gone out before.
COMPARE = hook_source(
    """
    static double heard, loud;
    heard += block->frames;
    for (uint32_t c = 0; c < block->channels; c++)
        for (uint32_t i = 0; i < block->frames; i++) loud += block->audio[c][i] != 0;
    if (calls % 20 == 0) {
        runner->publish_number(runner, "channels", block->channels);
        runner->publish_number(runner, "heard", heard);
        runner->publish_number(runner, "sounding", loud / heard / block->channels);
    }
    """
)


def bad_hooks_beside_a_host_of_32_channels_cost_their_own_results_alone(rig: Rig) -> None:
    def trial(log: Path) -> None:
        with Runner(runtime=rig.daemon.folder) as runner:
            runner.told("add", runner.write("compare.c", COMPARE))
            for name, deed in native.BAD.items():
                source = hook_source(deed, before=native.LOST)
                runner.told("add", runner.write(f"{name}.c", source), "limit.mb=64")
            words = fair.words(BLOCK, 8, "--loopback")
            host = rig.prefix.start(
                rig.prefix.host_command(64, words), SINK | {"ASIOWIRE_LOG": str(log)}
            )
            told = set(native.BAD) - {"flood"}
            try:
                for name in told:
                    wait_until(lambda: runner.log(name, "fault"), f"{name} is reported")
                found = runner.results("compare")
                took = {name: runner.first_fault_took(name) for name in told}
            finally:
                ended = rig.prefix.finish(host, 60)
            wait_until(
                lambda: json.loads(runner.told("list", "--json"))["hears"] == "", "its end"
            )
        print("    ", {name: round(seconds, 3) for name, seconds in sorted(took.items())}, found)
        check(found["channels"] == 64, "{n} channels are heard", n=found["channels"])
        check(found["heard"] > 0 and found["sounding"] > 0.5, "{it}", it=found)
        check(max(took.values()) <= 1, "reported too late: {took}", took=took)
        run = fair.run_of(ended, log)
        fair.check_loop(run.report, BLOCK, BLOCK, 32)

    fair.fairly(trial)


def a_cycle_that_is_listened_to_is_three_system_calls(rig: Rig) -> None:
    with Runner(runtime=rig.daemon.folder) as runner:
        runner.told("add", runner.write("compare.c", COMPARE))
        # It begins to listen before the host's audio is traced: the trace waits for half a second.
        test_syscalls.a_cycle_is_three_system_calls_and_nothing_else(rig, 64)
        check(runner.results("compare").get("heard", 0) > 0, "the hook has heard nothing")
    time.sleep(0.1)
