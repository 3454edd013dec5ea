# SPDX-License-Identifier: MIT
"""A runner of hooks in a private runtime folder, and a program that stands for the driver."""

import json
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Callable

from rig import processes
from rig.case import check
from rig.places import NATIVE, STAGE, clean_environment
from rig.processes import Ended

ASIOWIRE = STAGE / "bin/asiowire"
PRODUCER = NATIVE / "hooks-ring_producer"

_HOOK = """
#include <asiowire_hook.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const AsioWireHookHost* runner;
static uint32_t rate;
static uint64_t calls;
static char instance;

{before}

static int32_t create(const AsioWireHookHost* host, const AsioWireHookStream* stream,
                      const AsioWireHookSetting* settings, void** out_self)
{{
    (void)settings;
    runner = host;
    rate = stream->rate;
    *out_self = &instance;
    {create}
    return ASIOWIRE_HOOK_SUCCESS;
}}

static int32_t process(void* self, const AsioWireHookBlock* block)
{{
    (void)self;
    (void)block;
    calls++;
    {process}
    return ASIOWIRE_HOOK_SUCCESS;
}}

static void destroy(void* self)
{{
    (void)self;
    {destroy}
}}

static const AsioWireHook hook = {{
    ASIOWIRE_HOOK_ABI, sizeof hook, "test", "1", "a test's", NULL, create, process, destroy,
}};

const AsioWireHook* asiowire_hook(uint32_t abi)
{{
    return abi == ASIOWIRE_HOOK_ABI ? &hook : NULL;
}}
"""


def hook_source(process: str, create: str = "", destroy: str = "", before: str = "") -> str:
    """A whole hook in C around the lines given."""
    return _HOOK.format(process=process, create=create, destroy=destroy, before=before)


class Producer:
    """A ring that is filled at a sound card's pace; its words at the end judge every block."""

    def __init__(self, inputs: int = 2, outputs: int = 2, frames: int = 64) -> None:
        check(PRODUCER.exists(), f"{PRODUCER} is not built")
        words = [PRODUCER, str(inputs), str(outputs), str(frames)]
        pipe = subprocess.PIPE
        self.process = processes.start(words, clean_environment(), stdout=pipe, stderr=pipe)
        assert self.process.stdout is not None
        check(self.process.stdout.readline() == b"ready\n", "the producer did not begin")

    def finish(self) -> dict[str, Any]:
        """Ends it; returns what it has counted."""
        self.process.send_signal(signal.SIGTERM)
        ended = processes.finish(self.process, 20)
        check(ended.code == 0, "the producer ended with {code}: {err}", **vars(ended))
        found: dict[str, Any] = json.loads(ended.out.splitlines()[-1])
        return found

    def kill(self) -> None:
        """Ends it as a crash would."""
        processes.end(self.process, patience=0)


class Runner:
    """`asiowire hooks run` with folders of its own; ends, with all its hooks, at the end of `with`.

    With `runtime` it looks for drivers there, with `pid` for a ring in that process.
    """

    def __init__(self, pid: int | None = None, runtime: Path | None = None) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="asiowire-hooks-")
        self.folder = Path(self._folder.name)
        for name in ("run", "cache", "code"):
            (self.folder / name).mkdir(mode=0o700)
        self.env = clean_environment() | {
            "XDG_RUNTIME_DIR": str(runtime or self.folder / "run"),
            "XDG_CACHE_HOME": str(self.folder / "cache"),
            "HOME": str(self.folder),
        }
        self._pid = pid

    def __enter__(self) -> "Runner":
        words = [ASIOWIRE, "hooks", "run", *(["--from", str(self._pid)] if self._pid else [])]
        pipe = subprocess.PIPE
        self.process = processes.start(words, self.env, stdout=pipe)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        check(line.startswith(b"the runner is ready"), f"the runner did not begin: {line!r}")
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        processes.end(self.process)
        self._folder.cleanup()

    def ask(self, *words: str | Path) -> Ended:
        """asiowire hooks with these words."""
        return processes.run([ASIOWIRE, "hooks", *words], self.env, 60)

    def told(self, *words: str | Path) -> str:
        """What it prints; fails unless it ends well."""
        ended = self.ask(*words)
        check(ended.code == 0, "{words}: {code}: {err}", words=words, **vars(ended))
        return ended.out

    def refused(self, *words: str | Path) -> str:
        """Why it is refused; fails unless it is."""
        ended = self.ask(*words)
        check(ended.code == 1 and ended.err, "{words}: {code}, {out}", words=words, **vars(ended))
        return ended.err

    def write(self, name: str, text: str) -> Path:
        """A file in a folder that nobody else can write; exchanged as editors do."""
        path = self.folder / "code" / name
        fresh = path.with_suffix(".new")
        fresh.write_text(text)
        os.chmod(fresh, 0o600)
        fresh.rename(path)
        return path

    def hook(self, name: str) -> dict[str, Any]:
        """A hook as in list --json."""
        hooks = json.loads(self.told("list", "--json"))["hooks"]
        found = [hook for hook in hooks if hook["name"] == name]
        check(len(found) == 1, "{name}: {hooks}", name=name, hooks=hooks)
        one: dict[str, Any] = found[0]
        return one

    def results(self, name: str) -> dict[str, Any]:
        """A hook's newest results; what `watch` shows, asked once."""
        process = processes.start(
            [ASIOWIRE, "hooks", "watch", "--json"], self.env, stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        line = process.stdout.readline()
        processes.end(process, patience=0)
        hooks = json.loads(line)["hooks"]
        found: dict[str, Any] = next(hook for hook in hooks if hook["name"] == name)["results"]
        return found

    def log(self, hook: str, kind: str) -> list[dict[str, Any]]:
        """The entries of a hook in the log."""
        entries = [json.loads(line) for line in self.told("log", "--json").splitlines()]
        return [entry for entry in entries if entry["hook"] == hook and entry["kind"] == kind]

    def first_fault_took(self, hook: str) -> float:
        """Seconds from a hook's last word before its first fault to the report of that fault."""
        fault: float = self.log(hook, "fault")[0]["time"]
        words = [entry["time"] for entry in self.log(hook, "event") if entry["time"] <= fault]
        return fault - words[-1]


def wait_until(condition: Callable[[], object], what: str, seconds: float = 30) -> None:
    """Waits for a condition, patiently: the machine may be busy."""
    deadline = time.monotonic() + seconds
    while not condition():
        check(time.monotonic() < deadline, "{what}: not within {s} s", what=what, s=seconds)
        time.sleep(0.1)
