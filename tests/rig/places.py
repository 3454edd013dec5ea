# SPDX-License-Identifier: MIT
"""Where the rig finds the staged tree and keeps what it makes."""

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STAGE = Path(os.environ.get("ASIOWIRE_STAGE", ROOT / "build/stage"))
NATIVE = Path(os.environ.get("ASIOWIRE_NATIVE", ROOT / "build/native"))
# What is made once and kept between runs (Wine prefixes): elsewhere when the checkout is read-only.
KEPT = Path(os.environ.get("ASIOWIRE_RIG", ROOT / "build/rig"))


def clean_environment() -> dict[str, str]:
    """Our environment without whatever would lead a child to the user's own session or settings;
    ASIOWIRE_STORM and ASIOWIRE_STEPS are tests' own."""
    foreign = ("WINE", "PIPEWIRE_", "PULSE_", "ASIOWIRE_", "XDG_", "DBUS_", "DISPLAY", "WAYLAND_")
    env = {key: value for key, value in os.environ.items()
           if not key.startswith(foreign) or key.startswith(("ASIOWIRE_STORM", "ASIOWIRE_STEPS"))}
    env["LC_ALL"] = "C.UTF-8"
    return env


class Lock:
    """An advisory lock on a file; the kernel frees it when its owner dies, however it dies."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = open(path, "w")

    def try_take(self) -> bool:
        """Takes the lock unless somebody else holds it."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except OSError:
            return False

    def __enter__(self) -> "Lock":
        fcntl.flock(self._file, fcntl.LOCK_EX)
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Frees the lock."""
        self._file.close()


class ScratchFolder:
    """A folder of one run, gone when the run ends.

    A run that was killed cannot tidy up, so the next one removes every folder of the same kind
    whose owner's lock is free.
    """

    def __init__(self, parent: Path, kind: str) -> None:
        parent.mkdir(parents=True, exist_ok=True)
        _sweep(parent, kind)
        # The lock is taken under a name the sweep does not look for, so that it never sees an
        # unlocked newborn.
        newborn = Path(tempfile.mkdtemp(prefix=f"new-{kind}-", dir=parent))
        self._lock = Lock(newborn / ".owner")
        self._lock.try_take()
        self.path = parent / newborn.name.removeprefix("new-")
        newborn.rename(self.path)

    def remove(self) -> None:
        """Removes the folder and frees its lock."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.close()


def _sweep(parent: Path, kind: str) -> None:
    for folder in parent.glob(f"{kind}-*"):
        try:
            owner = folder / ".owner"
            if folder.is_symlink() or folder.stat().st_uid != os.getuid() or not owner.exists():
                continue
            lock = Lock(owner)
        except OSError:
            continue
        if lock.try_take():
            shutil.rmtree(folder, ignore_errors=True)
        lock.close()
