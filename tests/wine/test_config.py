# SPDX-License-Identifier: MIT
"""asiowire.conf as Windows programs meet it: by their names, and while they run."""

import contextlib
import tempfile
from pathlib import Path
from typing import Iterator

from rig.case import Rig, check, for_hosts
from rig.places import STAGE

from wine._hosts import SINK, notified

RULE = """
asiowire.properties = { asiowire.block = 480 asiowire.blok = 1 }
asiowire.rules = [
    {
        matches = [ { application.process.binary = "%s" } ]
        actions = { update-props = { asiowire.block = 96 } }
    }
]
"""


@for_hosts(64, 32, "winelib")
def a_rule_knows_a_program_by_its_name_without_folder_and_exe(rig: Rig, bits: int | str) -> None:
    for pattern, block in (("~^asiohost(32|64)?$", 96), ("asiohost", 480), ("~other.*", 480)):
        if pattern == "asiohost" and bits == "winelib":
            block = 96
        with _user(RULE % pattern) as folder:
            env = {"XDG_CONFIG_HOME": str(folder)}
            ended = rig.host(bits, ["--driver", "AsioWire", "--info"], env, 30)
        check(ended.code == 0, "ended with {code}: {err}", **vars(ended))
        check(f"preferred {block}," in ended.out, "{p}: {out}", p=pattern, out=ended.out)
        check("asiowire.conf: asiowire.blok is unknown" in ended.err, "not said: {err}",
              err=ended.err)


@for_hosts(64, 32)
def the_file_of_the_installation_is_found_from_the_driver(rig: Rig, bits: int) -> None:
    with tempfile.TemporaryDirectory(prefix="asiowire-log-") as folder:
        env = {"XDG_CONFIG_HOME": folder, "ASIOWIRE_LOG": f"{folder}/log"}
        ended = rig.host(bits, ["--driver", "AsioWire", "--info"], env, 30)
        log = Path(folder, "log").read_text()
    check(ended.code == 0, "ended with {code}: {err}", **vars(ended))
    installed = STAGE / "share/pipewire/asiowire.conf"
    check(f"configured by {installed}\n" in log, "not read: {log}", log=log)


@for_hosts(64, 32)
def a_host_that_runs_is_asked_to_reset_when_the_file_changes(rig: Rig, bits: int) -> None:
    for fault in ("notify-release", "notify-rebuild", "notify-ignored"):
        with _user("") as folder:
            env = SINK | {"XDG_CONFIG_HOME": str(folder)}
            text = "asiowire.properties = { asiowire.schedule = buffered }"
            blow = (folder / "pipewire/asiowire.conf").write_text
            ended = notified(rig, bits, fault, env, lambda: blow(text))
        check("notified with asioMessage(3)" in ended.err, "{fault}: not by a reset: {err}",
              fault=fault, err=ended.err)


@contextlib.contextmanager
def _user(text: str) -> Iterator[Path]:
    """A folder for XDG_CONFIG_HOME, with this asiowire.conf in it."""
    with tempfile.TemporaryDirectory(prefix="asiowire-user-") as folder:
        conf = Path(folder, "pipewire/asiowire.conf")
        conf.parent.mkdir()
        conf.write_text(text)
        yield Path(folder)
