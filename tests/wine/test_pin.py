# SPDX-License-Identifier: MIT
"""The pin of the whole graph through the ends of a Windows process."""

import re
import time

from rig.case import Rig, check, for_hosts
from rig.daemon import Daemon
from wine._hosts import words

EXITS_FROM_MAIN, KILLED = 43, -9


@for_hosts(64, 32)
def the_pin_is_given_back_by_a_host_that_exits_without_a_word(rig: Rig, bits: int) -> None:
    _pinned_until_the_end(rig, bits, kill=False)
    left = _forced(rig.daemon)
    check(left == (0, 0), "left {left}", left=left)


@for_hosts(64, 32)
def the_pin_of_a_killed_host_is_given_back_by_the_next(rig: Rig, bits: int) -> None:
    _pinned_until_the_end(rig, bits, kill=True)
    left = _forced(rig.daemon)
    check(left == (64, 48000), "not killed? left {left}", left=left)
    rig.host(bits, ["--driver", "AsioWire", "--info"])
    after = _forced(rig.daemon)
    check(after == (0, 0), "the next host left {after}", after=after)


def _pinned_until_the_end(rig: Rig, bits: int, kill: bool) -> None:
    args = words("exit-process", "--block", "64", "--seconds", "6" if kill else "2")
    host = rig.prefix.start(rig.prefix.host_command(bits, args), {"ASIOWIRE_PIN": "1"})
    deadline = time.monotonic() + 30
    while (seen := _forced(rig.daemon)) != (64, 48000) and time.monotonic() < deadline:
        time.sleep(0.05)
    if kill:
        host.kill()
    ended = rig.prefix.finish(host, 30)
    check(seen == (64, 48000), "seen while it ran: {seen}; {err}", seen=seen, err=ended.err)
    expected = KILLED if kill else EXITS_FROM_MAIN
    check(ended.code == expected, "ended with {code}: {err}", code=ended.code, err=ended.err)


def _forced(daemon: Daemon) -> tuple[int, int]:
    text = daemon.tool("pw-metadata", "-n", "settings")
    values = dict(re.findall(r"key:'clock\.(force-\w+)' value:'(\d+)'", text))
    return int(values["force-quantum"]), int(values["force-rate"])
