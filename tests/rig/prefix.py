# SPDX-License-Identifier: MIT
"""Wine for one run: a private copy of a prefix that is made once and kept.

The copy shares the unchanging files with the original (hard links), so it costs a blink, and
whatever a test registers or breaks is gone with it. Parallel runs share nothing but the original.
"""

import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Mapping, Sequence

from . import processes
from .places import KEPT, STAGE, Lock, ScratchFolder, clean_environment
from .processes import Ended

_OVERRIDES = "mscoree=;mshtml=;winemenubuilder.exe="  # no Mono, no Gecko, no menu entries
_PROGRAMS: dict[int | str, str] = {
    64: "asiohost64.exe",
    32: "asiohost32.exe",
    "winelib": "asiohost.exe.so",
}


def find_loader() -> Path:
    """The 64-bit Wine loader itself.

    Debian's `wine` is a script that complains when no 32-bit Wine is installed, and becomes the
    32-bit loader when one is; `wine` alone is right only where there is no `wine64`.
    """
    for candidate in (shutil.which("wine64"), "/usr/lib/wine/wine64", shutil.which("wine")):
        if candidate and os.access(candidate, os.X_OK):
            return Path(candidate)
    raise RuntimeError("no Wine found: neither wine64 nor wine")


def find_server(loader: Path) -> Path:
    """The wineserver of a loader; Debian sid keeps it out of PATH."""
    candidates = [shutil.which("wineserver"), loader.resolve().parent / "wineserver"]
    candidates += Path("/usr/lib").glob("*/wine/wineserver")
    for candidate in candidates:
        if candidate and os.access(candidate, os.X_OK):
            return Path(candidate)
    raise RuntimeError(f"no wineserver found for {loader}")


class Prefix:
    """A Wine prefix with its own wineserver; a context manager.

    `graph` is the environment of a PipeWire daemon (Daemon.env()) for the programs to reach.
    Programs stay on processor `cpu` when it is given (Daemon.cpu).
    `share_files=False` makes a full copy, for tests that rewrite Wine's own files (wineboot -u).
    """

    def __init__(
        self,
        graph: Mapping[str, str] | None = None,
        *,
        cpu: int | None = None,
        share_files: bool = True,
    ) -> None:
        self.loader = find_loader()
        self._wineserver = find_server(self.loader)
        self._graph = dict(graph or {})
        self._cpu = cpu
        self._share_files = share_files
        self._folder: ScratchFolder | None = None
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Prefix":
        try:
            original = _original(self.loader, self._wineserver)
            self._folder = ScratchFolder(KEPT, "run")
            _copy(original, self.path, self._share_files)
            self._start_server()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def path(self) -> Path:
        """The folder that WINEPREFIX names."""
        assert self._folder is not None, "the prefix is not open"
        return self._folder.path / "prefix"

    def supports(self, bits: int | str) -> bool:
        """False for 32 where this Wine has no 32-bit half (Debian 12 without wine32)."""
        return bits != 32 or (self.path / "drive_c/windows/syswow64/rundll32.exe").exists()

    def env(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment of a program in this prefix, with the staged driver in its sight."""
        home = self.path.parent / "home"
        return clean_environment() | self._graph | _wine_env(self.path, home) | dict(extra or {})

    def run(
        self,
        args: Sequence[str | Path],
        env: Mapping[str, str] | None = None,
        timeout: float = 60,
    ) -> Ended:
        """Runs a Windows program (its name or Unix path first) to its end or its time's end."""
        return self.finish(self.start(args, env), timeout)

    def start(
        self, args: Sequence[str | Path], env: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Starts a Windows program without waiting for it; finish() is its counterpart."""
        pipe = subprocess.PIPE
        return processes.start(
            [self.loader, *args], self.env(env), stdout=pipe, stderr=pipe, cpu=self._cpu
        )

    def finish(self, process: subprocess.Popen[bytes], timeout: float) -> Ended:
        """Waits for a program of start(); one that had to be killed costs the server, too."""
        ended = processes.finish(process, timeout)
        if ended.timed_out:  # its children may hang as well, outside its process group
            self._stop_server()
            self._start_server()
        return ended

    def host_command(self, bits: int | str, args: Sequence[str]) -> list[str | Path]:
        """The words that start the test host: 64, 32 or "winelib"."""
        return [STAGE / "lib/asiowire" / _PROGRAMS[bits], *args]

    def run_host(
        self,
        bits: int | str,
        args: Sequence[str],
        env: Mapping[str, str] | None = None,
        timeout: float = 60,
    ) -> Ended:
        """Runs the test host (64, 32 or "winelib") to its end or its time's end."""
        return self.run(self.host_command(bits, args), env, timeout)

    def register(self) -> Ended:
        """Registers the staged driver in this prefix with the tool that users have."""
        return processes.run(
            [STAGE / "bin/asiowire", "register", "--prefix", self.path], self.env(), 60
        )

    def close(self) -> None:
        """Ends every program of this prefix and removes it."""
        self._stop_server()
        if self._folder is not None:
            self._folder.remove()
            self._folder = None

    def _start_server(self) -> None:
        env = self.env()
        # In the foreground it is our child and learns of our death; on SIGINT, and on no other
        # signal, it kills Wine's services before it goes.
        self._server = processes.start(
            [self._wineserver, "-f", "-p"], env, death_signal=signal.SIGINT
        )
        # The first program after the server's start lends its output to Wine's services for ever:
        # let that be one whose output nobody reads.
        first = processes.start([self.loader, "wineboot.exe"], env)
        first.wait(60)
        processes.forget(first)

    def _stop_server(self) -> None:
        if self._server is None:
            return
        processes.run([self._wineserver, "-k"], self.env(), 10)
        try:
            self._server.wait(5)
        except subprocess.TimeoutExpired:
            pass
        processes.end(self._server)
        self._server = None


def _wine_env(prefix: Path, home: Path) -> dict[str, str]:
    return {
        "WINEPREFIX": str(prefix),
        "WINEARCH": "win64",
        "WINEDEBUG": "-all",
        "WINEDLLOVERRIDES": _OVERRIDES,
        "WINEDLLPATH": str(STAGE / "lib/wine"),
        "HOME": str(home),
    }


def _original(loader: Path, wineserver: Path) -> Path:
    """The kept prefix of this Wine, made now if it is not there yet."""
    version = processes.run([loader, "--version"], clean_environment(), 20).out
    word = "".join(letter if letter.isalnum() or letter in ".-~" else "_" for letter in version)
    folder = KEPT / f"made-by-{word.strip('_')}"
    with Lock(KEPT / "made.lock"):
        if (folder / "complete").exists():
            return folder
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "home").mkdir(parents=True)
        env = clean_environment() | _wine_env(folder / "prefix", folder / "home")
        made = processes.run([loader, "wineboot.exe", "-i"], env, 180)
        settled = processes.run([wineserver, "-w"], env, 60)
        if made.code != 0 or settled.code != 0:
            raise RuntimeError(f"wineboot could not make a prefix: {made}")
        (folder / "complete").touch()
    return folder


def _copy(original: Path, prefix: Path, share_files: bool) -> None:
    flags = "-al" if share_files else "-a"
    for name in ("prefix", "home"):
        copied = processes.run(
            ["cp", flags, original / name, prefix.parent / name], clean_environment(), 300
        )
        if copied.code != 0:
            raise RuntimeError(f"could not copy the prefix: {copied.err}")
    for registry in prefix.glob("*.reg"):  # Wine writes to these
        registry.unlink()
        shutil.copy2(original / "prefix" / registry.name, registry)
