# SPDX-License-Identifier: MIT
"""A private, headless PipeWire: its own sockets and configuration, null sinks, no session manager.

Nothing of the user's session is touched: clients reach it through the environment of `env()` only.
"""

import json
import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Sequence

from . import processes
from .places import ScratchFolder, clean_environment

_CONFIG = """\
context.properties = {{
    core.daemon = true
    core.name = pipewire-0
    support.dbus = false
    link.max-buffers = 16
    log.level = {log_level}
    default.clock.rate = {rate}
    default.clock.allowed-rates = [ {allowed_rates} ]
    default.clock.quantum = {quantum}
    default.clock.min-quantum = 16
    default.clock.max-quantum = 8192
    default.clock.quantum-limit = 8192
    {properties}
}}
context.spa-libs = {{
    audio.convert.* = audioconvert/libspa-audioconvert
    support.* = support/libspa-support
}}
context.modules = [
    {{ name = libpipewire-module-protocol-native }}
    {{ name = libpipewire-module-profiler }}
    {{ name = libpipewire-module-metadata }}
    {{ name = libpipewire-module-spa-node-factory }}
    {{ name = libpipewire-module-client-node }}
    {{ name = libpipewire-module-access }}
    {{ name = libpipewire-module-adapter }}
    {{ name = libpipewire-module-link-factory }}
]
context.objects = [
    {{ factory = metadata args = {{ metadata.name = default }} }}
    {{ factory = spa-node-factory args = {{
        factory.name = support.node.driver
        node.name = Dummy-Driver
        node.group = pipewire.dummy
        priority.driver = 20000
    }} }}
    {{ factory = spa-node-factory args = {{
        factory.name = support.node.driver
        node.name = Freewheel-Driver
        node.group = pipewire.freewheel
        node.freewheel = true
        priority.driver = 19000
    }} }}
    {sinks}
]
"""

# The explicit PortConfig matters: PipeWire 1.4 gave a sink one port with adapter.auto-port-config.
_SINK = """\
    {{ factory = adapter args = {{
        factory.name = support.null-audio-sink
        node.name = "{name}"
        node.description = "{name}"
        media.class = Audio/Sink
        object.linger = true
        priority.driver = 30000
        audio.channels = {channels}
        audio.position = [ {position} ]
        node.param.PortConfig = {{
            direction = Input
            mode = dsp
            monitor = true
            format = {{
                mediaType = audio
                mediaSubtype = raw
                format = F32
                rate = {rate}
                channels = {channels}
                position = [ {position} ]
            }}
        }}
    }} }}
"""


class Daemon:
    """One private PipeWire; a context manager.

    `default_sink` and `default_source` fill the metadata a session manager would fill; the source
    may name a sink, whose monitor is meant then.

    A null sink that woke late catches up in a burst, one cycle at once after the other, which no
    sound card does and no client can follow: measured on a busy virtual machine, every second run
    with 32 frames had such an xrun. So the graph's thread lives on one processor (`cpu`), with a
    real-time priority below a client's: a client that is pinned there too preempts it, and has done
    its cycle before the next one begins, however late that is. Without the right to real-time
    priorities (realtime.obtain()) a low nice value has to do, and does not always.
    """

    _PRIORITY = 10
    _CLIENTS = 15  # of the driver, which by itself would stay below

    def __init__(
        self,
        *,
        quantum: int = 256,
        rate: int = 48000,
        sinks: Sequence[int] = (2, 8, 32),
        default_sink: str | None = "sink-2",
        default_source: str | None = "sink-2",
        allowed_rates: Sequence[int] = (44100, 48000, 88200, 96000, 176400, 192000),
        log_level: int = 2,
        properties: str = "",
    ) -> None:
        self.quantum = quantum
        self._rate = rate
        self.plan_devices(sinks, default_sink, default_source)
        self.cpu = max(os.sched_getaffinity(0))
        self._config = _CONFIG.format(
            rate=rate,
            allowed_rates=" ".join(map(str, allowed_rates)),
            quantum=quantum,
            log_level=log_level,
            properties=properties,
            sinks="{sinks}",
        )
        # A socket's path has room for 107 bytes only: not below build/.
        self._folder = ScratchFolder(Path(tempfile.gettempdir()), "asiowire-graph")
        self.folder = self._folder.path
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Daemon":
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def env(self) -> dict[str, str]:
        """The environment of a client; its config/pipewire folder is the user's for that client."""
        return clean_environment() | {
            "XDG_RUNTIME_DIR": str(self.folder),
            "PIPEWIRE_RUNTIME_DIR": str(self.folder),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "XDG_CACHE_HOME": str(self.folder / "cache"),
            "ASIOWIRE_RT_PRIORITY": str(self._CLIENTS),
        }

    def reach(self) -> dict[str, str]:
        """The part of env() that leads a program of another daemon's prefix to this one."""
        names = ("XDG_", "PIPEWIRE_", "ASIOWIRE_RT_PRIORITY")
        return {key: value for key, value in self.env().items() if key.startswith(names)}

    @property
    def pid(self) -> int:
        """The daemon's process id."""
        assert self._process is not None, "not running"
        return self._process.pid

    def start(self) -> None:
        """Starts the daemon (again, after stop()) and waits until every sink has its ports."""
        config = self.folder / "pipewire.conf"
        sinks = "".join(_sink(channels, self._rate) for channels in self._sinks)
        config.write_text(self._config.replace("{sinks}", sinks))
        (self.folder / "config/pipewire").mkdir(parents=True, exist_ok=True)
        with open(self.folder / "daemon.log", "ab") as log:
            self._process = processes.start(
                ["pipewire", "-c", config], self.env(), stdout=log, stderr=log
            )
        self._wait_until_ready(10)
        self._settle_graph_thread()
        for key, name in self._defaults.items():
            if name is not None:
                self.set_metadata(key, {"name": name})

    def plan_devices(
        self, sinks: Sequence[int], default_sink: str | None, default_source: str | None
    ) -> None:
        """The devices that the next start makes, as after somebody has exchanged the hardware."""
        self._sinks = sinks
        self._defaults = {
            "default.audio.sink": default_sink,
            "default.audio.source": default_source,
        }

    def stop(self) -> None:
        """Ends the daemon as a crash or a restart of the service would; the folder stays."""
        if self._process is not None:
            processes.end(self._process)
            self._process = None

    def close(self) -> None:
        """Ends the daemon and removes its folder."""
        self.stop()
        self._folder.remove()

    def log(self) -> str:
        """What the daemon has written so far."""
        return (self.folder / "daemon.log").read_text(errors="replace")

    def tool(self, *args: str, timeout: float = 10) -> str:
        """Runs one of PipeWire's own tools against this daemon and returns what it printed."""
        ended = processes.run(args, self.env(), timeout)
        if ended.code != 0:
            raise RuntimeError(f"{' '.join(args)} gave {ended.code}: {ended.err.strip()}")
        return ended.out

    def dump(self) -> list[dict[str, Any]]:
        """Every object of the graph, as pw-dump sees it."""
        return json.loads(self.tool("pw-dump") or "[]")

    def set_metadata(
        self, key: str, value: dict[str, str] | int | str | None, name: str = "default"
    ) -> None:
        """Sets one entry of a metadata object, or removes it (None)."""
        if value is None:
            self.tool("pw-metadata", "-n", name, "-d", "0", key)
        elif isinstance(value, dict):
            text = json.dumps(value)
            self.tool("pw-metadata", "-n", name, "0", key, text, "Spa:String:JSON")
        else:
            self.tool("pw-metadata", "-n", name, "0", key, str(value))

    def nodes(self) -> dict[str, dict[str, Any]]:
        """Node objects by node.name."""
        return {
            props.get("node.name", str(thing["id"])): thing
            for thing in self.dump()
            if thing["type"] == "PipeWire:Interface:Node"
            for props in [thing["info"]["props"]]
        }

    def ports(self, node: str, direction: str) -> list[str]:
        """Port names of a node in the order of port.id; direction is "in" or "out"."""
        objects = self.dump()
        ids = {
            thing["id"]
            for thing in objects
            if thing["type"] == "PipeWire:Interface:Node"
            and thing["info"]["props"].get("node.name") == node
        }
        found = [
            thing["info"]["props"]
            for thing in objects
            if thing["type"] == "PipeWire:Interface:Port"
            and thing["info"]["props"].get("node.id") in ids
            and thing["info"]["props"].get("port.direction") == direction
        ]
        return [props["port.name"] for props in sorted(found, key=lambda props: props["port.id"])]

    def links(self) -> list[tuple[str, str]]:
        """Every link as (node:port, node:port), as pw-link sees it."""
        pairs = []
        source = ""
        for line in self.tool("pw-link", "-l").splitlines():
            if not line.startswith(" "):
                source = line.strip()
            elif "|->" in line:
                pairs.append((source, line.partition("|->")[2].strip()))
        return pairs

    def _wait_until_ready(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while True:
            assert self._process is not None
            if self._process.poll() is not None:
                raise RuntimeError(f"pipewire ended at its start:\n{self.log()}")
            if (self.folder / "pipewire-0").exists() and self._sinks_are_ready():
                return
            if time.monotonic() > deadline:
                raise RuntimeError(f"pipewire was not ready in {seconds} s:\n{self.log()}")
            time.sleep(0.05)

    def _sinks_are_ready(self) -> bool:
        ended = processes.run(["pw-dump"], self.env(), 10)
        if ended.code != 0 or not ended.out.strip():
            return False
        counts: dict[int, int] = {}
        wanted: dict[int, int] = {}
        for thing in json.loads(ended.out):
            props = (thing.get("info") or {}).get("props") or {}
            if thing["type"] == "PipeWire:Interface:Port":
                counts[props["node.id"]] = counts.get(props["node.id"], 0) + 1
            elif props.get("node.name", "").startswith("sink-"):
                wanted[thing["id"]] = 2 * int(props["node.name"].removeprefix("sink-"))
        complete = all(counts.get(node) == ports for node, ports in wanted.items())
        return complete and len(wanted) == len(self._sinks)

    def _settle_graph_thread(self) -> None:
        # PipeWire 0.3 does not name its data loop: it is whatever is not the main thread.
        for thread in map(int, os.listdir(f"/proc/{self.pid}/task")):
            if thread == self.pid:
                continue
            os.sched_setaffinity(thread, {self.cpu})
            try:
                os.sched_setscheduler(thread, os.SCHED_FIFO, os.sched_param(self._PRIORITY))
            except PermissionError:
                os.setpriority(os.PRIO_PROCESS, thread, 19)


def _sink(channels: int, rate: int) -> str:
    position = "FL FR" if channels == 2 else " ".join(f"AUX{i}" for i in range(channels))
    return _SINK.format(name=f"sink-{channels}", channels=channels, rate=rate, position=position)
