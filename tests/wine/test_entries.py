# SPDX-License-Identifier: MIT
"""Cards as entries of their own in the hosts' list of devices: made, found, used and removed."""

import contextlib
import json
from pathlib import Path
from typing import Iterator

from rig import processes
from rig.case import Rig, check, for_hosts
from rig.fair import check_loop, fairly, run_of
from rig.places import STAGE
from rig.pro_audio import CHANNELS, SINK, SOURCE, card, connect
from rig.processes import Ended

TOOL = STAGE / "bin/asiowire"
HOSTS: tuple[int | str, ...] = (64, 32, "winelib")


@for_hosts(64, 32)
def an_x32_is_bit_exact_channel_for_channel(rig: Rig, bits: int) -> None:
    def trial(log: Path) -> None:
        # A cable that is plugged while the graph runs may begin with a block that is a cycle old
        # (PipeWire 1.4), whoever is at its ends.
        words = ["--json", "--driver", "The X32", "--block", "256", "--seconds", "12",
                 "--loopback", "--settle", "6"]
        env = {"ASIOWIRE_LOG": str(log)}
        with card(rig.daemon):  # a new one: its cables come after the host's links
            host = rig.prefix.start(rig.prefix.host_command(bits, words), env)
            connect(rig.daemon)
            check_loop(run_of(rig.prefix.finish(host, 30), log).report, 256, 256, CHANNELS)

    with _entry(rig, "--device", SINK, "--name", "The X32"):
        fairly(trial)


@for_hosts(64, 32, "winelib")
def hosts_see_what_the_card_calls_its_channels(rig: Rig, bits: int | str) -> None:
    with card(rig.daemon), _entry(rig, "--device", SOURCE, "--name", "The X32"):
        told = rig.host(bits, ["--driver", "The X32", "--info"])
    check(told.code == 0, "ended with {code}: {err}", **vars(told))
    check(told.out.startswith("The X32, driver version"), "another name: {out}", out=told.out)
    names = [line.split()[-3:-1] for line in told.out.splitlines() if " AUX" in line]
    wanted = [[way, f"AUX{i}"] for way in ("Capture", "Playback") for i in range(CHANNELS)]
    check(names == wanted, "the channels are {names}", names=names)


@for_hosts(64, 32)
def the_default_entry_has_its_own_names_for_its_channels(rig: Rig, bits: int) -> None:
    env = {"ASIOWIRE_INPUTS": "3", "ASIOWIRE_OUTPUTS": "4"}
    told = rig.host(bits, ["--driver", "AsioWire", "--info"], env).out
    inputs = ("Monitor FL", "Monitor FR", "In 3")
    for name in (*inputs, "Playback FL", "Playback FR", "Out 3", "Out 4"):
        check(f"  {name}  " in told, "no {name}: {told}", name=name, told=told)


def every_host_lists_the_entries_and_opens_the_right_one(rig: Rig) -> None:
    with _entry(rig, "--device", "sink-8", "--name", "Eight"), _entry(
        rig, "--device", "sink-32", "--capture", "sink-8", "--name", "Thirty-two"
    ):
        for bits in filter(rig.prefix.supports, HOSTS):
            listed = _drivers(rig, bits)
            check(listed == ["AsioWire", "Eight", "Thirty-two"], "listed: {it}", it=listed)
            for name, counts in (("Eight", (2, 8)), ("Thirty-two", (8, 32)), ("AsioWire", (2, 2))):
                seen = _channels(rig, bits, name)
                check(seen == counts, "{name} has {seen}", name=name, seen=seen)
    check(_drivers(rig, 64) == ["AsioWire"], "they are still there: {it}", it=_drivers(rig, 64))


def a_card_has_one_entry_whatever_it_was_called_before(rig: Rig) -> None:
    with _entry(rig, "--device", "sink-8"):
        usual = _drivers(rig, 64)
        before = _class_id(rig, "AsioWire sink-8")
        _done(_register(rig, "--device", "sink-8", "--name", "Eight"))
        check(_drivers(rig, 64) == ["AsioWire", "Eight"], "{it}", it=_drivers(rig, 64))
        check(_class_id(rig, "Eight") == before, "it has another class id")
        _done(_register(rig))  # as after an update: the entries stay
        check(_drivers(rig, 64) == ["AsioWire", "Eight"], "{it}", it=_drivers(rig, 64))
    check(usual == ["AsioWire", "AsioWire sink-8"], "called {it}", it=usual)


def a_name_that_another_driver_has_is_refused_with_a_sentence(rig: Rig) -> None:
    with _entry(rig, "--device", "sink-8", "--name", "Eight"):
        refused = _register(rig, "--device", "sink-32", "--name", "eight")
        check(_drivers(rig, 64) == ["AsioWire", "Eight"], "{it}", it=_drivers(rig, 64))
        seen = _channels(rig, 64, "Eight")
    told = 'there is another ASIO driver with the name "eight"; give one with --name' in refused.err
    check(refused.code == 1 and told, "{code}: {err}", **vars(refused))
    check(seen == (2, 8), "it is another card now: {seen}", seen=seen)


def an_entry_that_is_not_there_cannot_be_removed(rig: Rig) -> None:
    ended = _unregister(rig, "--device", "sink-8")
    told = 'there is no entry for "sink-8"' in ended.err
    check(ended.code == 1 and told, "{code}: {err}", **vars(ended))


def unregistering_the_driver_removes_the_entries_too(rig: Rig) -> None:
    try:
        _done(_register(rig, "--device", "a node with spaces & signs: 100%", "--name", "Odd"))
        listed = _drivers(rig, 64)
        _done(_unregister(rig))
        left = rig.prefix.run(["reg.exe", "query", r"HKLM\Software\ASIO"])
        classes = rig.prefix.run(["reg.exe", "query", r"HKCR\CLSID", "/s", "/f", "AsioWire"])
    finally:
        _done(_register(rig))
    check(listed == ["AsioWire", "Odd"], "listed: {it}", it=listed)
    check(left.code != 0 and "InprocServer32" not in classes.out, "left: {a} {b}",
          a=left.out, b=classes.out)


def bad_words_are_answered_with_a_sentence(rig: Rig) -> None:
    for words, sentence in (
        (["--device", ""], "--device wants the name of a node"),
        (["--device", "x" * 128], "--device: no more than 127 bytes"),
        (["--device", "a\tb"], "--device: a node's name has no control characters"),
        (["--device", "x", "--name", ""], "--name wants 1 to 31 ASCII characters"),
        (["--device", "x", "--name", "n" * 32], "--name wants 1 to 31 ASCII characters"),
        (["--device", "x", "--name", "Gerät"], "--name wants 1 to 31 ASCII characters"),
        (["--device", "x", "--name", "a\\b"], "without a backslash"),
        (["--device", "x", "--name", "ASIOWIRE"], "is the entry of the default devices"),
        (["--device", "x", "--capture", ""], "--capture wants the name of a node"),
        (["--name", "x"], "--name and --capture go with --device"),
        (["--device"], "Usage: asiowire register"),
        (["--device", "x", "--more", "y"], "Usage: asiowire register"),
    ):
        ended = _register(rig, *words)
        good = ended.code == 2 and sentence in ended.err
        check(good, "{w}: {code} {err}", w=words, **vars(ended))
    check(_drivers(rig, 64) == ["AsioWire"], "something was registered")


def _run(rig: Rig, *words: str) -> Ended:
    return processes.run([TOOL, *words, "--prefix", rig.prefix.path], rig.prefix.env(), 60)


def _register(rig: Rig, *words: str) -> Ended:
    if len(words) % 2:  # --prefix would be taken for the missing value
        return processes.run([TOOL, "register", *words], rig.prefix.env(), 60)
    return _run(rig, "register", *words)


def _unregister(rig: Rig, *words: str) -> Ended:
    return _run(rig, "unregister", *words)


def _done(ended: Ended) -> None:
    check(ended.code == 0, "ended with {code}: {out}{err}", **vars(ended))


@contextlib.contextmanager
def _entry(rig: Rig, *words: str) -> Iterator[None]:
    _done(_register(rig, *words))
    try:
        yield
    finally:
        _done(_unregister(rig, *words[:2]))


def _drivers(rig: Rig, bits: int | str) -> list[str]:
    return [line.split("  ")[0] for line in rig.host(bits, ["--list"]).out.splitlines()]


def _class_id(rig: Rig, name: str) -> str:
    out = rig.prefix.run(["reg.exe", "query", rf"HKLM\Software\ASIO\{name}", "/v", "CLSID"]).out
    return out.split()[-1]


def _channels(rig: Rig, bits: int | str, name: str) -> tuple[int, int]:
    ended = rig.host(bits, ["--json", "--driver", name, "--block", "256", "--seconds", "0.2"])
    check(ended.code == 0, "{name}: {code} {err}", name=name, **vars(ended))
    line = next(line for line in ended.out.splitlines() if line.startswith("{"))
    report = json.loads(line)
    return report["in"], report["out"]
