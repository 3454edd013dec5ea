# SPDX-License-Identifier: MIT
"""Start, stop, dispose and create in random order from two threads: nothing breaks, nothing stays.

ASIOWIRE_STORM=10000 makes it as long as that; ASIOWIRE_STORM_SEED takes another order.
"""

import json
import os
import time

from rig.bystander import as_before
from rig.case import Rig, check, for_hosts

from wine._hosts import SINK, content, words

ROUNDS = int(os.environ.get("ASIOWIRE_STORM", "4000"))
SEED = os.environ.get("ASIOWIRE_STORM_SEED", "1")
SECONDS_PER_ROUND = 0.2  # at most; a round is a start in one of four cases


@for_hosts(64, 32)
def random_transitions_from_two_threads_leave_a_driver_that_runs(rig: Rig, bits: int) -> None:
    begin = time.monotonic()
    args = words("storm", "--rounds", str(ROUNDS), "--seed", SEED)
    with as_before(rig.daemon):
        ended = rig.host(bits, args, SINK, 60 + ROUNDS * SECONDS_PER_ROUND)
    content("storm", ended)
    told = json.loads(ended.out.splitlines()[-1])
    done = {name: told[name]["succeeded"] for name in
            ("createBuffers", "start", "stop", "disposeBuffers")}
    print(f"  {ROUNDS} transitions in {time.monotonic() - begin:.0f} s, seed {SEED}, "
          f"{told['blocks']} blocks; succeeded: {done}", flush=True)
    check(told["blocks"] > 0, "it never ran: {told}", told=told)
