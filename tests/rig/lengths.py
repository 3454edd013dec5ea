# SPDX-License-Identifier: MIT
"""How much of what can be repeated without end a run does: make test LONG=1 does all of it."""

import os
import time

OVER = "the time that this run may take is over"
LONG = os.environ.get("LONG", "") not in ("", "0")
_UNTIL = float(os.environ.get("ASIOWIRE_UNTIL") or "inf")


def time_is_up() -> bool:
    """Whether it is later than ASIOWIRE_UNTIL, if set: seconds as of `date +%s`."""
    return time.time() > _UNTIL
