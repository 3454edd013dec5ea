# SPDX-License-Identifier: MIT
"""asiowire status: what it says of running drivers, beside what is known of them from elsewhere."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Iterator

from rig import fair, processes
from rig.case import Rig, check
from rig.places import STAGE
from rig.processes import Ended

TOOL = STAGE / "bin/asiowire"
SINK = {"ASIOWIRE_PLAYBACK": "sink-8", "ASIOWIRE_CAPTURE": "sink-8"}
BLOCK = 256
NOBODY = "asiowire: no program has the driver open\n"


def nobody_there_is_said_in_a_sentence_and_1(rig: Rig) -> None:
    # What other tests of this rig have killed.
    shutil.rmtree(rig.daemon.folder / "asiowire", ignore_errors=True)
    for words in ([], ["--json"]):
        ended = _tool(rig, *words)
        check(ended.code == 1 and ended.err == NOBODY, "{code}: {err}", **vars(ended))
    check(_json(ended) == [], "there is {it}", it=ended.out)
    with tempfile.TemporaryDirectory() as empty:
        for folder in (empty, f"{empty}/missing", ""):
            env = rig.daemon.env() | {"XDG_RUNTIME_DIR": folder}
            ended = processes.run([TOOL, "status"], env, 10)
            told = ended.err.startswith("asiowire: ") and not ended.out
            check(ended.code == 1 and told, "{code}: {out}{err}", **vars(ended))
        check(not os.listdir(empty), "something was made there")


def wrong_words_are_answered_with_the_usage_and_2(rig: Rig) -> None:
    for words in (["--jason"], ["--json", "more"], ["status"]):
        ended = _tool(rig, *words)
        told = ended.err.startswith("Usage: asiowire register") and not ended.out
        check(ended.code == 2 and told, "{w}: {code} {err}", w=words, **vars(ended))


def a_running_driver_is_described_as_it_is(rig: Rig) -> None:
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with _running_host(rig, log):
            first = _only(_tool(rig, "--json"))
            time.sleep(0.5)
            second = _only(_tool(rig, "--json"))
        summary = fair.summaries(log)[-1]
    node = "asiohost64"
    for fact, wanted in (("program", node), ("node", node), ("alive", True), ("state", "running"),
                         ("playback", "sink-8"), ("capture", "sink-8"), ("inputs", 8),
                         ("outputs", 8), ("block", BLOCK), ("quantum", BLOCK), ("rate", fair.RATE),
                         ("sample_type", "float32"), ("schedule", "synchronous"), ("runs", 1),
                         ("hangs", 0), ("late_blocks", 0)):
        check(first[fact] == wanted, "{fact} is {it}, not {w}", fact=fact, it=first[fact], w=wanted)
    passed = second["blocks"] - first["blocks"]
    check(10 < passed <= summary["blocks"], "{n} blocks in half a second", n=passed)
    check(second["blocks"] <= summary["blocks"], "more than there were at the end: {s}", s=summary)
    for when in (first, second):
        xruns, times = when["xruns"], when["times_us"]
        check(xruns["ours"] + xruns["woken_late"] >= when["overruns"], "{it}", it=when)
        for what in ("wake", "host", "own"):
            p50, p99, most = (times[what][name] for name in ("p50", "p99", "max"))
            check(0 < p50 <= p99 <= most < 10e6, "{what}: {it}", what=what, it=times)
    check("SCHED_FIFO priority 15" in first["scheduling"], "{it}", it=first["scheduling"])


def the_table_has_the_same_figures(rig: Rig) -> None:
    with tempfile.TemporaryDirectory() as folder, _running_host(rig, Path(folder) / "log"):
        driver = _only(_tool(rig, "--json"))
        ended = _tool(rig)
    check(ended.code == 0 and not ended.err, "{code}: {err}", **vars(ended))
    for words in (f"asiohost64 (pid {driver['pid']}, node asiohost64): running",
                  "plays into sink-8, 8 channels", f"{BLOCK}, {BLOCK} frames, {fair.RATE} Hz",
                  "float32, synchronous", "wake lateness ", "p50 p99 max"):
        check(words in " ".join(ended.out.split()), "{w} is not in {it}", w=words, it=ended.out)


def watching_goes_on_and_follows(rig: Rig) -> None:
    with tempfile.TemporaryDirectory() as folder:
        with _running_host(rig, Path(folder) / "log", seconds=3):
            watcher = processes.start([TOOL, "status", "--json", "--watch"], rig.daemon.env(),
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            time.sleep(2.5)
        time.sleep(1.2)
        check(watcher.poll() is None, "it ended by itself")
        os.kill(watcher.pid, signal.SIGINT)
        ended = processes.finish(watcher, 10)
    looks = [json.loads(line)["drivers"] for line in ended.out.splitlines()]
    blocks = [drivers[0]["blocks"] for drivers in looks if drivers]
    check(len(blocks) >= 2 and blocks == sorted(set(blocks)), "blocks were {it}", it=blocks)
    check(looks[-1] == [], "the end was not seen: {it}", it=looks[-1])


def a_killed_host_can_be_read_and_goes_with_the_next_one(rig: Rig) -> None:
    with tempfile.TemporaryDirectory() as folder:
        killed = None
        with contextlib.suppress(_Killed), _running_host(rig, Path(folder) / "log"):
            killed = _only(_tool(rig, "--json"))
            os.kill(killed["pid"], signal.SIGKILL)
            raise _Killed
        assert killed is not None
        ended = _tool(rig, "--json")
        left = _json(ended)
        check(ended.code == 1 and ended.err == NOBODY, "{code}: {err}", **vars(ended))
        check(len(left) == 1 and not left[0]["alive"], "left is {it}", it=left)
        check(left[0]["state"] == "ended without closing", "it is {it}", it=left[0]["state"])
        check(left[0]["blocks"] >= killed["blocks"] > 0, "{it}", it=left)
        check("ended without closing" in _tool(rig).out, "the table does not say so")
        with _running_host(rig, Path(folder) / "log"):
            check(_only(_tool(rig, "--json"))["pid"] != killed["pid"], "the dead page stays")
    check(_json(_tool(rig, "--json")) == [], "a page is left behind")


class _Killed(Exception):
    """The host was killed on purpose."""


@contextlib.contextmanager
def _running_host(rig: Rig, log: Path, seconds: float = 2.0) -> Iterator[None]:
    """A host in the middle of its run; unless it is killed it must end well."""
    env = SINK | {"ASIOWIRE_LOG": str(log)}
    host = rig.prefix.start(rig.prefix.host_command(64, fair.words(BLOCK, seconds)), env)
    try:
        deadline = time.monotonic() + 20
        while not any(one["alive"] and one["blocks"] for one in _json(_tool(rig, "--json"))):
            check(time.monotonic() < deadline and host.poll() is None, "the host does not start")
            time.sleep(0.05)
        yield
    finally:
        ended = rig.prefix.finish(host, 30)
    check(ended.code == 0, "the host ended with {code}: {err}", **vars(ended))


def _tool(rig: Rig, *words: str) -> Ended:
    return processes.run([TOOL, "status", *words], rig.daemon.env(), 10)


def _json(ended: Ended) -> list[dict[str, Any]]:
    return json.loads(ended.out)["drivers"]


def _only(ended: Ended) -> dict[str, Any]:
    drivers = _json(ended)
    check(ended.code == 0 and len(drivers) == 1, "{code}: {out}{err}", **vars(ended))
    return drivers[0]
