# SPDX-License-Identifier: MIT
"""`make bench`: what the driver costs, each figure beside a reference measured in the same run.

Writes build/bench/report.json, a list of {name, unit, ours, reference, reference_name, ratio, runs}
where every figure is a cost, and prints it as a table. The machine may be busy: what is compared is
measured in pairs, one after the other, and the medians are quoted.
"""

import json
import os
import re
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Callable

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import mel  # noqa: E402
import operations  # noqa: E402
import packing  # noqa: E402
import recording  # noqa: E402
import streaming  # noqa: E402
import takes  # noqa: E402
import volterra  # noqa: E402
from rig import processes, realtime  # noqa: E402
from rig.daemon import Daemon  # noqa: E402
from rig.prefix import Prefix  # noqa: E402

CHANNELS = 32
BLOCK = 64
RATE = 48000
PAIRS = 7
SECONDS = 2.0
NATIVE = ROOT / "build/native/bench-native_filter"
CONVERT = ROOT / "build/native/bench-convert"
PLAIN = f"pw_filter, same copies, {CHANNELS}+{CHANNELS} ports, {BLOCK} frames"
DEVICE = {"ASIOWIRE_PLAYBACK": "sink-32", "ASIOWIRE_CAPTURE": "sink-32"}


@dataclass
class Figure:
    """One line of the report; smaller is better, ratio = ours / reference."""

    name: str
    unit: str
    ours: float
    reference: float
    reference_name: str
    ratio: float | None  # None: there is a reference of nothing at all
    runs: int


def figure(name: str, unit: str, pairs: list[tuple[float, float]], reference_name: str) -> Figure:
    """The medians of pairs of (ours, reference)."""
    ours = statistics.median(ours for ours, _ in pairs)
    reference = statistics.median(reference for _, reference in pairs)
    ratio = None
    if all(theirs for _, theirs in pairs):
        ratio = round(statistics.median(a / b for a, b in pairs), 5)
    return Figure(
        name, unit, round(ours, 3), round(reference, 3), reference_name, ratio, len(pairs)
    )


def audio_thread(pid: int, name: str) -> int:
    """The id of the thread of this name, waited for."""
    for _ in range(200):
        for task in Path(f"/proc/{pid}/task").glob("*/comm"):
            if task.read_text().strip() == name:
                return int(task.parent.name)
        time.sleep(0.05)
    raise RuntimeError(f"process {pid} has no thread {name}")


def system_calls(tid: int) -> float:
    """System calls per cycle, from a trace of one thread; a cycle is a return from epoll."""
    trace = ROOT / f"build/bench/trace-{os.getpid()}"
    strace = subprocess.Popen(
        ["strace", "-q", "-p", str(tid), "-o", str(trace)], stderr=subprocess.DEVNULL
    )
    time.sleep(1.5)
    strace.send_signal(2)
    strace.wait()
    calls = re.findall(r"^(\w+)\(", trace.read_text(), re.MULTILINE)
    trace.unlink()
    cycles = sum(call.startswith("epoll") for call in calls)
    if cycles < 500:
        raise RuntimeError(f"strace saw only {cycles} cycles of thread {tid}")
    return len(calls) / cycles


def switches(pid: int, tid: int) -> float:
    """Voluntary context switches per cycle, from the kernel's own count."""

    def count() -> int:
        status = Path(f"/proc/{pid}/task/{tid}/status").read_text()
        return int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", status, re.MULTILINE)[1])

    before, begin = count(), time.monotonic()
    time.sleep(1.5)
    after, end = count(), time.monotonic()
    return (after - before) / ((end - begin) * RATE / BLOCK)


@dataclass
class Place:
    """Where things run: the graph's thread on daemon.cpu, the client on `cpu`."""

    daemon: Daemon
    prefix: Prefix
    cpu: int


def native(place: Place, watch: Callable[[int, int], None] | None = None) -> float:
    """Runs the reference, links and all; returns its median overhead per cycle in ns."""
    seconds = SECONDS if watch is None else 6.0
    process = subprocess.Popen(
        [NATIVE, str(CHANNELS), str(BLOCK), str(seconds), "native"],
        env=place.daemon.env(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        preexec_fn=lambda: os.sched_setaffinity(0, {place.cpu}),
    )
    try:
        while len(place.daemon.ports("native", "out")) < CHANNELS:
            time.sleep(0.05)
        sink_in = place.daemon.ports("sink-32", "in")
        sink_out = place.daemon.ports("sink-32", "out")
        for ours, theirs in zip(place.daemon.ports("native", "out"), sink_in):
            place.daemon.tool("pw-link", f"native:{ours}", f"sink-32:{theirs}")
        for theirs, ours in zip(sink_out, place.daemon.ports("native", "in")):
            place.daemon.tool("pw-link", f"sink-32:{theirs}", f"native:{ours}")
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
        if watch is not None:
            watch(process.pid, audio_thread(process.pid, "native-audio"))
        out, _ = process.communicate(timeout=30)
        return float(json.loads(out)["overhead_p50_ns"])
    finally:
        process.kill()
        process.wait()


def driver(place: Place, watch: Callable[[int, int], None] | None = None) -> float:
    """Runs the Windows host on the driver; returns the driver's median overhead per cycle in ns."""
    log = ROOT / f"build/bench/driver-{os.getpid()}.log"
    log.unlink(missing_ok=True)
    seconds = SECONDS if watch is None else 7.0
    words = ["--driver", "AsioWire", "--block", str(BLOCK), "--seconds", str(seconds), "--json"]
    environment = DEVICE | {"ASIOWIRE_LOG": str(log)}
    process = place.prefix.start(place.prefix.host_command(64, words), environment)
    if watch is not None:
        tid = audio_thread(process.pid, "asiowire-audio")
        time.sleep(0.5)
        watch(process.pid, tid)
    ended = place.prefix.finish(process, 60)
    if ended.code != 0:
        raise RuntimeError(f"the host ended with {ended.code}: {ended.err}")
    found = re.search(r"stopped: .*overhead_p50_ns=(\d+)", log.read_text())
    log.unlink()
    if found is None:
        raise RuntimeError("the driver's log has no summary")
    return float(found[1])


def overhead(place: Place, name: str, where: str) -> Figure:
    """The driver's and the reference's own share of a cycle, in pairs."""
    pairs = []
    for number in range(PAIRS):
        reference = native(place)
        ours = driver(place)
        pairs.append((ours, reference))
        print(f"  {where}, pair {number + 1}/{PAIRS}: driver {ours:.0f} ns, native {reference:.0f} ns")
    return figure(name, "ns", pairs, f"{PLAIN}; {where}")


def counts(place: Place) -> list[Figure]:
    """System calls and switches per cycle, once for each."""
    found: dict[str, dict[str, float]] = {}
    for name, run in (("native", native), ("driver", driver)):

        def watch(pid: int, tid: int, name: str = name) -> None:
            found[name] = {"switches": switches(pid, tid), "syscalls": system_calls(tid)}

        run(place, watch)
    return [
        figure(f"cycle/{what}", "per cycle", [(found["driver"][what], found["native"][what])], PLAIN)
        for what in ("syscalls", "switches")
    ]


def measure() -> list[Figure]:
    """All figures of the cycle. Whether client and graph share a processor's caches decides a lot:
    a scheduler with idle processors puts them on different ones, the rig on one."""
    with Daemon(default_sink="sink-32", default_source="sink-32") as daemon:
        other = min(os.sched_getaffinity(0) - {daemon.cpu}, default=daemon.cpu)
        figures = []
        for cpu, suffix, where in (
            (other, "", "graph and client on two processors"),
            (daemon.cpu, "-one-processor", "graph and client on one processor"),
        ):
            with Prefix(daemon.env(), cpu=cpu) as prefix:
                prefix.register()
                place = Place(daemon, prefix, cpu)
                figures.append(overhead(place, f"cycle/overhead-{BLOCK}{suffix}", where))
                if cpu == daemon.cpu:
                    figures += counts(place)
        with Prefix(daemon.env()) as prefix:  # the disk's thread goes where there is room
            prefix.register()
            figures += streaming.measure(figure, daemon, prefix, BLOCK, DEVICE)
        return figures


def conversions() -> list[Figure]:
    """What the sample types cost in the processor's best instruction set, at the cycle's block."""
    costs: dict[str, list[tuple[float, float]]] = {}
    for _ in range(PAIRS):
        ended = subprocess.run([CONVERT], capture_output=True, text=True, check=True, timeout=60)
        lines = [line.split() for line in ended.stdout.splitlines()[2:]]
        best = lines[-1][1]
        for sample_type, instructions, direction, frames, ours, plain, _ in lines:
            if instructions == best and int(frames) == BLOCK:
                name = f"convert/{sample_type}-{direction}"
                costs.setdefault(name, []).append((float(ours), float(plain)))
    reference = f"memcpy of the floats, {CHANNELS} channels, {BLOCK} frames, {best}"
    return [figure(name, "ns/sample", pairs, reference) for name, pairs in costs.items()]


def main() -> int:
    """Measures, writes and prints the report."""
    processes.guard()
    if remark := realtime.obtain():
        print(remark)
    folder = ROOT / "build/bench"
    folder.mkdir(parents=True, exist_ok=True)
    rooms = (packing, takes, mel, operations, volterra)
    quick = [found for room in rooms for found in room.measure(figure)] + conversions()
    figures = quick + recording.measure(figure) + measure()
    (folder / "report.json").write_text(json.dumps([asdict(f) for f in figures], indent=1) + "\n")
    print(f"{'figure':<32} {'unit':<10} {'ours':>9} {'reference':>9} {'ratio':>7} {'runs':>5}")
    for f in figures:
        print(
            f"{f.name:<32} {f.unit:<10} {f.ours:>9.2f} {f.reference:>9.2f} "
            f"{'-' if f.ratio is None else format(f.ratio, '.3f'):>7} {f.runs:>5}"
        )
    for f in figures:
        if f.unit == "ns":
            print(f"{f.name}: driver above native {f.ours - f.reference:+.0f} ns (aim: ≤ +300 ns)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
