#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Demo, engine and Wine tests on newer systems, with the binaries built here: make check-distros.

trixie has Wine 10 as 64-bit Wine; sid has its new WoW64, where 32-bit programs reach the same
64-bit Unix half. Each system is made once with mmdebstrap below build/distros and kept. Everything
runs in namespaces of its own: its mounts and its processes end with it, however it ends.
"""

import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import run  # noqa: E402
from rig import cmocka, processes  # noqa: E402
from rig.places import ROOT, STAGE, Lock  # noqa: E402

SYSTEMS: dict[str, tuple[str, ...]] = {"trixie": ("64",), "sid": ("64", "32")}
LIBRARIES = ("libcmocka0", "libdbus-1-3", "libebur128-1", "libfftw3-double3", "liblo7", "libsndfile1",
             "libsoxr0")  # what our programs and tests link
COMPILER = ("gcc", "libc6-dev")  # of hooks' C
PACKAGES = ("wine", "wine64", "pipewire-bin", "python3", "strace", *COMPILER, *LIBRARIES)
FOLDER = ROOT / "build/distros"
INSIDE = "/asiowire"  # where the checkout appears in the other system, read-only


def main() -> int:
    """Runs every demo and returns the exit code: 0 when all of them hold."""
    if os.geteuid() != 0:
        if not shutil.which("sudo"):
            print("check-distros needs root (for chroot), and there is no sudo.")
            return 1
        os.execvp("sudo", ["sudo", sys.executable, __file__])
    processes.guard()
    cmocka.build(run.programs(run.TESTS / "engine"))  # there is no ninja in there
    verdicts = []
    for suite, hosts in SYSTEMS.items():
        system = _system(suite)
        checks = {f"{suite}, demo with a {bits}-bit host": f"demo.py --bits {bits}" for bits in hosts}
        checks[f"{suite}, engine tests"] = "run.py engine"
        checks[f"{suite}, Wine tests"] = "run.py wine"
        for title, check in checks.items():
            begin = time.monotonic()
            print(f"== Debian {title}", flush=True)
            held = system is not None and _inside(system, check)
            seconds = time.monotonic() - begin
            verdicts.append((title, held))
            print(f"== {'ok' if held else 'FAILED'} ({seconds:.0f} s)", flush=True)
    failed = [title for title, held in verdicts if not held]
    if failed:
        print(f"FAILED: {'; '.join(failed)}")
        return 1
    print(f"All hold: {'; '.join(title for title, _ in verdicts)}.")
    return 0


def _system(suite: str) -> Path | None:
    """The folder of a system, made now if it is not there yet."""
    root = FOLDER / suite
    with Lock(FOLDER / f"{suite}.lock"):
        complete = root / "complete"  # holds what the system was made with
        if complete.exists() and complete.read_text() == " ".join(PACKAGES):
            return root
        print(f"== making Debian {suite} in {root.relative_to(ROOT)} (once)", flush=True)
        shutil.rmtree(root, ignore_errors=True)
        log = FOLDER / f"{suite}.log"
        # No mirror is named: mmdebstrap knows Debian's. Old indexes will do, so no expiry date.
        command = [
            "mmdebstrap",
            "--variant=minbase",
            "--architectures=amd64",
            "--components=main",
            '--aptopt=Acquire::Check-Valid-Until "false"',
            f"--include={','.join(PACKAGES)}",
            suite,
            root,
        ]
        with open(log, "wb") as story:
            made = processes.start(command, os.environ, stdout=story, stderr=story)
            code = made.wait()
            processes.forget(made)
        if code != 0:
            lines = log.read_text(errors="replace").splitlines()[-15:]
            print("\n".join(lines) + f"\nmmdebstrap ended with {code}; see {log}", flush=True)
            return None
        complete.write_text(" ".join(PACKAGES))
    return root


def _inside(system: Path, check: str) -> bool:
    """Runs one of our test programs in a system; true when it held."""
    script = f"""
        set -e
        root={shlex.quote(str(system))}
        mkdir -p "$root{INSIDE}"
        mount -t proc proc "$root/proc"
        mount --rbind /sys "$root/sys"
        mount --rbind /dev "$root/dev"
        mount --bind {shlex.quote(str(ROOT))} "$root{INSIDE}"
        mount -o remount,bind,ro "$root{INSIDE}"
        chroot "$root" python3 {INSIDE}/tests/{check}
    """
    env = {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": "/root",
        "LC_ALL": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "ASIOWIRE_STAGE": f"{INSIDE}/{STAGE.relative_to(ROOT)}",
        "ASIOWIRE_RIG": "/var/tmp/asiowire-rig",
        "ONLY": os.environ.get("ONLY", ""),
        "LONG": os.environ.get("LONG", ""),
    }
    env |= {key: value for key, value in os.environ.items() if key.startswith("ASIOWIRE_STEPS")}
    command = ["unshare", "--mount", "--pid", "--fork", "--kill-child=KILL", "sh", "-c", script]
    process = processes.start(command, env, stdout=None, stderr=subprocess.STDOUT)
    code = process.wait()
    processes.end(process)
    return code == 0


if __name__ == "__main__":
    sys.exit(main())
