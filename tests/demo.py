#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Shows the whole path: a Windows program under Wine plays and records through PipeWire, bit-exact.

Every row runs the test host on AsioWire against a private null sink of 32 channels whose monitor
loops back. The round trip must be one graph cycle (Q) plus the smallest FIFO that fits the block
(D = N - gcd(N, Q)); Q is read from the graph itself while the host runs. The graph follows the
block where it can (before 0.3.82 it rounds down to a power of two); in the last two rows it is
pinned to 256 frames, as another program might do.
"""

import argparse
import math
import os
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

ROWS = [(block, 0) for block in (32, 64, 128, 256, 512, 1024, 2048, 480, 1000)]
ROWS += [(480, 256), (1000, 256)]  # block, pinned quantum
CHANNELS = 32
RATE = 48000
HEAD = (
    "block   quantum     D  callbacks  expected  lost  duplicated  corrupt  "
    "round trip  must be  verdict"
)


def main() -> int:
    """Runs the rows and returns the exit code: 0 when every row holds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bits", choices=("64", "32", "winelib"), default="64")
    parser.add_argument("--stage", type=Path, help="staged tree; default build/stage")
    parser.add_argument("--seconds", type=float, default=3.0, help="per row")
    parser.add_argument("--blocks", type=int, nargs="+", help="only these, nothing pinned")
    options = parser.parse_args()
    if options.stage:
        os.environ["ASIOWIRE_STAGE"] = str(options.stage.resolve())

    from rig import processes, realtime  # after the environment is set
    from rig.daemon import Daemon
    from rig.prefix import Prefix

    processes.guard()
    if remark := realtime.obtain():
        print(remark, flush=True)
    rows = [(block, 0) for block in options.blocks] if options.blocks else ROWS
    bits = options.bits if options.bits == "winelib" else int(options.bits)
    sink = f"sink-{CHANNELS}"
    begin = time.monotonic()
    with Daemon(default_sink=sink, default_source=sink) as daemon:
        with Prefix(daemon.env(), cpu=daemon.cpu) as prefix:
            print(_title(daemon, prefix, options.bits), flush=True)
            if not prefix.supports(bits):
                print(f"FAILED: this Wine runs no {bits}-bit programs")
                return 1
            registered = prefix.register()
            if registered.code != 0:
                print(f"FAILED: asiowire register: {registered.out}{registered.err}")
                return 1
            print(HEAD, flush=True)
            failures = [
                problem
                for block, pinned in rows
                if (problem := _row(daemon, prefix, bits, block, pinned, options.seconds))
            ]
    total = len(rows)
    seconds = time.monotonic() - begin
    if failures:
        print(f"FAILED: {len(failures)} of {total} rows ({seconds:.0f} s)")
        return 1
    print(f"All {total} rows are bit-exact and on time ({seconds:.0f} s).")
    return 0


def _title(daemon: Any, prefix: Any, bits: str) -> str:
    wine = prefix.run(["--version"]).out.strip()
    pipewire = daemon.tool("pw-cli", "--version").splitlines()[-1].rpartition(" ")[2]
    kind = "winelib" if bits == "winelib" else f"{bits}-bit"
    return (
        f"AsioWire: {CHANNELS} in, {CHANNELS} out, {RATE} Hz, {kind} host, {wine}, "
        f"PipeWire {pipewire}"
    )


def _row(
    daemon: Any, prefix: Any, bits: int | str, block: int, pinned: int, seconds: float
) -> str:
    """Runs one block size and prints its row; returns what is wrong, or an empty text."""
    from rig import judge
    from rig.case import Failure, report_of

    words = ["--json", "--driver", "AsioWire", "--block", str(block), "--seconds", f"{seconds:g}"]
    sink = f"sink-{CHANNELS}"
    daemon.set_metadata("clock.force-quantum", pinned, "settings")
    host = prefix.start(
        prefix.host_command(bits, [*words, "--loopback"]),
        {"ASIOWIRE_PLAYBACK": sink, "ASIOWIRE_CAPTURE": sink},
    )
    time.sleep(0.4 * seconds)  # the host starts in less
    quantum = judge.running_quantum(daemon, 0.4 * seconds, RATE)
    shown = f"{quantum} {'pin' if pinned else '   '}"
    try:
        report = report_of(prefix.finish(host, seconds + 20))
    except Failure as failure:
        print(f"{block:5}  {shown:>8}  FAILED: {failure}", flush=True)
        return str(failure)
    delay = block - math.gcd(block, quantum) if quantum else 0
    problem = _problem(report, block, quantum, delay)
    if pinned not in (0, quantum):
        problem = f"the graph was pinned to {pinned}"
    print(
        f"{block:5}  {shown:>8}  {delay:4}  {report['callbacks']:9}  {report['expected']:8}  "
        f"{report['lost']:4}  {report['duplicated']:10}  {report['corrupt']:7}  "
        f"{report['rtt_frames']:10}  {quantum + delay:7}  "
        f"{'FAILED: ' + problem if problem else 'ok'}",
        flush=True,
    )
    return problem


def _problem(report: dict[str, Any], block: int, quantum: int, delay: int) -> str:
    """What is wrong with a report, or an empty text."""
    if quantum == 0:
        return "the profiler saw no cycle of the graph"
    for fact, wanted in (("in", CHANNELS), ("out", CHANNELS), ("rate", RATE), ("block", block)):
        if report[fact] != wanted:
            return f"{fact} is {report[fact]}, not {wanted}"
    for fault in ("lost", "duplicated", "corrupt"):
        if report[fault] != 0:
            return f"{report[fault]} samples {fault}"
    if report["rtt_frames"] != quantum + delay:
        return "the round trip is wrong"
    # The host's clock and the graph's start and stop at different moments: two cycles and 1 %.
    slack = max(2 * math.ceil(quantum / block), report["expected"] // 100, 2)
    if abs(report["callbacks"] - report["expected"]) > slack:
        return "the number of callbacks is wrong"
    return ""


if __name__ == "__main__":
    sys.exit(main())
