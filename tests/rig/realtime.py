# SPDX-License-Identifier: MIT
"""The right to real-time priorities, without which no machine keeps up with 32 frames for long."""

import os
import resource
import shutil
import subprocess

WANTED = 20  # above the graph's thread of the rig and the driver's audio thread


def obtain() -> str:
    """Gets the right for this process and its children; returns a remark when there is none.

    Root has it, an audio user mostly, too (RLIMIT_RTPRIO); otherwise sudo may lift the limit of
    this one process, if it does so without asking.
    """
    if _may():
        return ""
    if shutil.which("sudo") and shutil.which("prlimit"):
        subprocess.run(
            ["sudo", "-n", "prlimit", f"--pid={os.getpid()}", f"--rtprio={WANTED}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=10,
            check=False,
        )
    if _may():
        return ""
    return (
        "Remark: no right to real-time priorities here (ulimit -r is 0): with small blocks this "
        "machine's own pauses may be heard."
    )


def _may() -> bool:
    return os.geteuid() == 0 or resource.getrlimit(resource.RLIMIT_RTPRIO)[0] >= WANTED
