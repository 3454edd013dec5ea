# SPDX-License-Identifier: MIT
"""Everything that can be set up wrongly ends in a sentence, and never in a hang or a crash."""

import contextlib
import os
import re
import shutil
import signal
import tempfile
from pathlib import Path
from typing import Iterator, Mapping

from rig.case import Rig, Skip, check, for_hosts
from rig.daemon import Daemon
from rig.fair import loopback
from rig.places import ROOT, STAGE
from rig.processes import Ended

REFUSED = 4  # the host's exit code when a driver call was refused
SECONDS = 15  # for one process; the host gives up on a hanging driver after 10
# Where the distributions keep Wine's own DLLs (as in build-aux/setup.sh).
WINES_OWN = ("usr/lib/*/wine", "usr/lib/wine", "usr/lib64/wine", "opt/wine-*/lib*/wine")


@for_hosts(64, 32, "winelib")
def without_a_daemon_init_is_refused_with_a_sentence(rig: Rig, bits: int | str) -> None:
    with tempfile.TemporaryDirectory(prefix="asiowire-empty-") as empty:
        nowhere = {"XDG_RUNTIME_DIR": empty, "PIPEWIRE_RUNTIME_DIR": empty}
        ended, log = _run(rig, bits, nowhere)
    _refused(ended, "no PipeWire daemon answers")
    check("no PipeWire daemon answers" in log, "the log says: {log}", log=log)


@for_hosts(64, 32)
def with_a_daemon_that_hangs_init_is_refused_with_a_sentence(rig: Rig, bits: int) -> None:
    with Daemon(sinks=(2,)) as daemon:
        os.kill(daemon.pid, signal.SIGSTOP)
        try:
            ended, log = _run(rig, bits, daemon.reach())
        finally:
            os.kill(daemon.pid, signal.SIGCONT)
    _refused(ended, "the PipeWire daemon does not answer")
    check("the PipeWire daemon does not answer" in log, "the log says: {log}", log=log)


@for_hosts(64, 32)
def without_its_unix_half_the_driver_says_where_it_should_be(rig: Rig, bits: int) -> None:
    with _windows_halves() as tree:
        for path in (str(tree), ""):  # "": only the prefix knows the DLL
            ended, _ = _run(rig, bits, {"WINEDLLPATH": path})
            _refused(ended, "Wine did not find asiowire.so; install it or set WINEDLLPATH")


@for_hosts(64, 32)
def a_unix_half_that_is_no_library_is_refused_with_a_sentence(rig: Rig, bits: int) -> None:
    with _windows_halves() as tree:
        (tree / "x86_64-unix/asiowire.so").write_bytes(b"\x7fELF and no more")
        ended, _ = _run(rig, bits, {"WINEDLLPATH": str(tree)})
        _refused(ended, "asiowire.so")


@for_hosts(64, 32)
def halves_of_different_builds_are_refused_with_a_sentence(rig: Rig, bits: int) -> None:
    library = (STAGE / "lib/wine/x86_64-unix/asiowire.so").read_bytes()
    # open() compares the struct's size, then the version: let it ask for another one. What the
    # compiler makes of that may change.
    wire = (ROOT / "wine/abi.h").read_text()
    size, version = (
        int(re.search(pattern, wire).group(1))
        for pattern in (r"sizeof\(OpenParams\) == (\d+)", r" version = (\d+);")
    )
    asked = re.findall(
        rb"\x81[\x38-\x3f]%b.{0,8}\x83[\x78-\x7f]\x08%b"
        % (re.escape(size.to_bytes(4, "little")), re.escape(bytes([version]))),
        library,
        re.S,
    )
    if len(asked) != 1:
        raise Skip("the version check was not found in asiowire.so")
    with _windows_halves() as tree:
        other = library.replace(asked[0], asked[0][:-1] + b"\x7f")
        (tree / "x86_64-unix/asiowire.so").write_bytes(other)
        ended, log = _run(rig, bits, {"WINEDLLPATH": str(tree)})
    _refused(ended, "asiowire.dll and asiowire.so come from different builds")
    check("come from different builds" in log, "the log says: {log}", log=log)


@for_hosts(64, 32)
def devices_that_are_not_there_are_named_and_the_default_sounds(rig: Rig, bits: int) -> None:
    names = {"ASIOWIRE_PLAYBACK": "no such sink", "ASIOWIRE_CAPTURE": "\"'\\{}%s%n" + "x" * 3000}
    run = loopback(rig, bits, 256, channels=2, env=names, seconds=1)
    for sentence in (
        'ASIOWIRE_PLAYBACK names "no such sink", which is not in the graph; using the default',
        "ASIOWIRE_CAPTURE names \"\"'\\{}%s%nx",
    ):
        check(sentence in run.ended.err, "not said: {it}: {err}", it=sentence, err=run.ended.err)


@for_hosts(64, 32)
def without_any_device_the_host_runs_in_silence(rig: Rig, bits: int) -> None:
    with Daemon(sinks=(2,), default_sink=None, default_source=None) as daemon:
        ended, _ = _run(rig, bits, daemon.reach(), "--json", "--seconds", "1")
    check(ended.code == 0, "the host ended with {code}: {err}", **vars(ended))
    check('"in":2,"out":2' in ended.out, "not the fewest channels: {out}", out=ended.out)


@for_hosts(64, 32)
def absurd_numbers_are_named_and_the_defaults_used(rig: Rig, bits: int) -> None:
    for value in ("0", "1", "65", "-3", "1e9", "abc"):
        env = {f"ASIOWIRE_{name}": value for name in ("INPUTS", "OUTPUTS", "BLOCK")}
        ended, log = _run(rig, bits, env, "--info")
        check(ended.code == 0, "{v}: ended with {code}: {err}", v=value, **vars(ended))
        _told(log, f"ASIOWIRE_INPUTS={value} is not within 2…64; using the device's")
        _told(log, f"ASIOWIRE_OUTPUTS={value} is not within 2…64; using the device's")
        if value != "65":  # an odd block, but a possible one
            _told(log, f"ASIOWIRE_BLOCK={value} is not within 16…8192; using the graph's quantum")
        block = 65 if value == "65" else rig.daemon.quantum
        check(f"preferred {block}," in ended.out, "{v}: {out}", v=value, out=ended.out)
        channels = len(re.findall(r"(?:Monitor|Playback) F[LR] .*Float32LSB", ended.out))
        check(channels == 2 + 2, "{v}: {out}", v=value, out=ended.out)


@for_hosts(64, 32)
def the_largest_and_smallest_numbers_are_taken_as_they_are(rig: Rig, bits: int) -> None:
    env = {"ASIOWIRE_INPUTS": "64", "ASIOWIRE_OUTPUTS": "2", "ASIOWIRE_BLOCK": "16"}
    ended, log = _run(rig, bits, env, "--json", "--seconds", "0.5")
    check(ended.code == 0, "the host ended with {code}: {err}", **vars(ended))
    check('"block":16,"in":64,"out":2' in ended.out, "not so: {out}", out=ended.out)
    check("not within" not in log, "the log complains: {log}", log=log)


@for_hosts(64, 32)
def senseless_calls_are_refused_with_a_sentence_each(rig: Rig, bits: int) -> None:
    ended, _ = _run(rig, bits, {}, "--fault", "bad-sizes")
    wrong = [line for line in ended.out.splitlines() if line.startswith("BAD")]
    check(ended.code == 0 and not wrong, "{code}: {wrong} {err}", wrong=wrong, **vars(ended))
    good = sum(line.startswith("ok") for line in ended.out.splitlines())
    check(good > 30, "only {n} calls were tried", n=good)


def _run(rig: Rig, bits: int | str, env: Mapping[str, str], *args: str) -> tuple[Ended, str]:
    """Runs the host; gives its end, which must come in time, and the driver's log."""
    with tempfile.TemporaryDirectory(prefix="asiowire-log-") as folder:
        log = Path(folder) / "log"
        words = ["--driver", "AsioWire", *(args or ("--seconds", "1"))]
        ended = rig.host(bits, words, {"ASIOWIRE_LOG": str(log), **env}, SECONDS)
        text = log.read_text() if log.exists() else ""
    check(not ended.timed_out, "the host did not end in time: {err}", err=ended.err[-500:])
    return ended, text


def _refused(ended: Ended, sentence: str) -> None:
    """init was refused, and what getErrorMessage said holds the sentence."""
    check(ended.code == REFUSED, "the host ended with {code}: {out}{err}", **vars(ended))
    told = [line for line in ended.err.splitlines() if line.startswith("asiohost: init failed: ")]
    check(told and sentence in told[0], "not said: {it}: {err}", it=sentence, err=ended.err)


def _told(log: str, sentence: str) -> None:
    check(sentence in log, "not said: {it}: {log}", it=sentence, log=log)


@contextlib.contextmanager
def _windows_halves() -> Iterator[Path]:
    """A WINEDLLPATH folder with the Windows halves alone, and an empty place for the Unix one."""
    for wine in WINES_OWN:
        for installed in Path("/").glob(f"{wine}/x86_64-unix/asiowire.so"):
            raise Skip(f"Wine prefers {installed} to whatever WINEDLLPATH names")
    with tempfile.TemporaryDirectory(prefix="asiowire-halves-") as folder:
        tree = Path(folder)
        for half in ("x86_64-windows", "i386-windows"):
            shutil.copytree(STAGE / "lib/wine" / half, tree / half)
        (tree / "x86_64-unix").mkdir()
        yield tree
