# SPDX-License-Identifier: MIT
"""Every block with every quantum: exact, in pitch, and as late as reported.

The five sample types take turns; with LONG=1 every pair is run in every type (tests/unit's
test_cycle_types does that always, over a model of the graph). One host process per quantum and type
goes through its blocks. The frame counter that it plays
is exact in its type and shows any change of pitch as frames lost or duplicated. The round trip must
be what the driver reports plus the one quantum of the loop (a sink's monitor).
"""

import contextlib
import json
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator, Sequence

from rig import fair, judge
from rig.case import Failure, Rig, check, for_hosts
from rig.daemon import Daemon
from rig.lengths import LONG

from wine._hosts import SINK, TYPES

BLOCKS = (16, 32, 48, 64, 100, 128, 256, 441, 480, 512, 1000, 1024, 4096, 8192)
QUANTA = (32, 64, 256, 480, 1024, 2048)
SECONDS = "0.3"  # per block, or eight blocks; the host takes what is longer


@for_hosts(64, 32)
def every_block_in_every_quantum_is_exact_and_as_late_as_reported(
    rig: Rig, bits: int
) -> None:
    begin = time.monotonic()
    number = 0
    wrong: list[str] = []
    with _daemon() as daemon:
        print("  " + " " * 15 + "".join(f"{block:>6}" for block in BLOCKS), flush=True)
        for turn, quantum in enumerate(QUANTA):
            daemon.set_metadata("clock.force-quantum", quantum, "settings")
            for place, kind in enumerate(TYPES):
                blocks = BLOCKS if LONG else BLOCKS[(turn + place) % len(TYPES) :: len(TYPES)]
                cells = _Row(rig, bits, daemon, quantum, kind).cells(blocks, wrong)
                number += len(blocks)
                line = "".join(f"{cells.get(block, '-'):>6}" for block in BLOCKS)
                print(f"  {quantum:>5} {kind:<9}{line}", flush=True)
    print(f"  {number} combinations in {time.monotonic() - begin:.0f} s; the figures are frames "
          "that the driver adds to the quantum", flush=True)
    check(not wrong, "{n} of {all} are wrong, first {first}", n=len(wrong), all=number,
          first="; ".join(wrong[:5]))


@contextlib.contextmanager
def _daemon() -> Iterator[Daemon]:
    """A graph that takes a forced quantum as it is: PipeWire rounds down to a power of two, unless
    its configuration says otherwise."""
    exact = "clock.power-of-two-quantum = false"
    with Daemon(sinks=(8,), properties=exact) as daemon:
        yield daemon


@dataclass(frozen=True)
class _Row:
    """One quantum and type."""

    rig: Rig
    bits: int
    daemon: Daemon
    quantum: int
    kind: str

    def cells(self, blocks: Sequence[int], wrong: list[str]) -> dict[int, str]:
        """What stands in each block's cell; adds what was wrong."""
        cells: dict[int, str] = {}
        left = blocks
        for tries_left in reversed(range(fair.TRIES)):
            again = []
            first = self.kind == TYPES[0] and left is blocks
            for block, report, lateness in self._runs(left, first):
                fault = _fault(report, block, self.quantum, self.kind)
                cells[block] = "WRONG" if fault else str(report["rtt_frames"] - self.quantum)
                if fault and lateness and tries_left:
                    again.append(block)
                elif fault:
                    wrong.append(f"{self.kind}, quantum {self.quantum}, block {block}: {fault}")
            if not again:
                break
            left = again
            print(f"  repeated, as the graph was late: {self.kind}, {self.quantum}: {left}",
                  flush=True)
        return cells

    def _runs(self, blocks: Sequence[int], first: bool) -> list[tuple[int, dict[str, Any], int]]:
        """Runs one host through the blocks; gives each one's report and how often the graph was late.

        `first`: of its quantum, which is looked at then"""
        with tempfile.TemporaryDirectory(prefix="asiowire-log-") as folder:
            log = Path(folder) / "log"
            env = self.daemon.reach() | SINK | {"ASIOWIRE_SAMPLE_TYPE": self.kind,
                                                "ASIOWIRE_LOG": str(log)}
            args = ["--json", "--driver", "AsioWire", "--loopback", "--seconds", SECONDS,
                    "--blocks", ",".join(map(str, blocks))]
            host = self.rig.prefix.start(self.rig.prefix.host_command(self.bits, args), env)
            seen = self.quantum
            if first:
                time.sleep(1)
                seen = judge.running_quantum(self.daemon, 0.5)
            ended = self.rig.prefix.finish(host, 60)
            stops = fair.summaries(log)
        story = (ended.out + ended.err).strip()[-300:]
        check(not ended.timed_out and ended.code in (0, 1),
              "{kind}, quantum {quantum}: {code}: {story}",
              kind=self.kind, quantum=self.quantum, code=ended.code, story=story)
        check(seen == self.quantum, "the graph runs {seen}, not {quantum}",
              seen=seen, quantum=self.quantum)
        reports = [json.loads(line) for line in ended.out.splitlines() if line.startswith("{")]
        if not len(reports) == len(stops) == len(blocks):
            raise Failure(f"{len(reports)} reports and {len(stops)} summaries of {len(blocks)} runs")
        return [(block, report, fair.lateness(stop))
                for block, report, stop in zip(blocks, reports, stops)]


def _fault(report: dict[str, Any], block: int, quantum: int, kind: str) -> str:
    """What is wrong with a run, or nothing."""
    check(report["block"] == block, "block {block} ran as {report}", block=block, report=report)
    faults = [f"{report[name]} {name}" for name in ("lost", "duplicated", "corrupt")
              if report[name]]
    if not report["sample_types"].lower().startswith(kind):
        faults.append(f"the channels have {report['sample_types']}")
    said = report["reported_in"] + report["reported_out"]
    if report["rtt_frames"] != quantum + said:
        faults.append(f"round trip {report['rtt_frames']}, reported {said} + {quantum}")
    return ", ".join(faults)
