# SPDX-License-Identifier: MIT
"""A simulated card in the Pro Audio profile, as an X32's: 32 AUX channels each way, one clock."""

import contextlib
import subprocess
import time
from typing import Callable, Iterator

from . import processes
from .case import check
from .daemon import Daemon

CHANNELS = 32
SINK = "x32.pro-output-0"
SOURCE = "x32.pro-input-0"

_NODE = (
    "create-node adapter {{ factory.name=support.null-audio-sink node.name={name} "
    "media.class={kind} node.group=x32 device.id=4711 {more} audio.channels={channels} audio.position=[ {position} ] "
    "node.param.PortConfig={{ direction=Input mode=dsp monitor=true format={{ mediaType=audio "
    "mediaSubtype=raw format=F32 rate=48000 channels={channels} position=[ {position} ] }} }} }}\n"
)


@contextlib.contextmanager
def card(daemon: Daemon) -> Iterator[None]:
    """Plugs the card in, and out again."""
    maker = processes.start(["pw-cli"], daemon.env(), stdin=subprocess.PIPE)
    assert maker.stdin is not None
    position = " ".join(f"AUX{channel}" for channel in range(CHANNELS))
    kinds = ((SINK, "Audio/Sink", "priority.driver=40000"), (SOURCE, "Audio/Source/Virtual", ""))
    try:
        for name, kind, more in kinds:
            node = _NODE.format(
                name=name, kind=kind, more=more, channels=CHANNELS, position=position
            )
            maker.stdin.write(node.encode())
            maker.stdin.flush()
        _wait(lambda: len(daemon.ports(SINK, "out")) == len(daemon.ports(SOURCE, "in")) == CHANNELS)
        yield
    finally:
        processes.end(maker)


def connect(daemon: Daemon) -> None:
    """Cables from the card's outputs to its inputs, once a host is linked to all of them.

    Whichever link closes a circle last is a cycle late, and from the monitor of the clock's own node
    that costs nothing.
    """
    _wait(lambda: _count(daemon, f"{SOURCE}:") == _count(daemon, "", f"{SINK}:") == CHANNELS)
    for channel in range(CHANNELS):
        daemon.tool("pw-link", f"{SINK}:monitor_AUX{channel}", f"{SOURCE}:input_AUX{channel}")


def _count(daemon: Daemon, begin: str, end: str = "") -> int:
    return sum(one.startswith(begin) and two.startswith(end) for one, two in daemon.links())


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        check(time.monotonic() < deadline, "the card, or the host's links to it, have not come")
        time.sleep(0.1)
