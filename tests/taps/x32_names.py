# SPDX-License-Identifier: MIT
"""Names, colours and routing of a console, as `asiowire x32` finds them. What is expected comes
from the lists of the protocol's document (_console.py), not from arithmetic on their numbers."""

import random
import re
from typing import Any

from rig.case import Rig, check

from taps import _asked
from taps._console import (
    AUX_BLOCKS, CARD_BLOCKS, COLOURS, IN_BLOCKS, STRIPS, Console, Value, named
)

WORDS = {"OFF": "off", "RD": "red", "GN": "green", "YE": "yellow"}
WORDS |= {"BL": "blue", "MG": "magenta", "CY": "cyan", "WH": "white"}
LABELS = {"ch": "Ch", "auxin": "Aux", "fxrtn": "FX return", "bus": "Bus", "mtx": "Matrix"}
SIGNALS = {"AN": "Local", "A": "AES50-A", "B": "AES50-B", "CARD": "Card", "OUT": "Output"}
# /config/userrout/out, in the order of its numbers
USER_SIGNALS = (
    ["off"]
    + [f"Local {i}" for i in range(1, 33)]
    + [f"AES50-A {i}" for i in range(1, 49)]
    + [f"AES50-B {i}" for i in range(1, 49)]
    + [f"Card {i}" for i in range(1, 33)]
    + [f"Aux in {i}" for i in range(1, 7)]
    + ["Talkback internal", "Talkback external"]
    + [f"Output {i}" for i in range(1, 17)]
    + [f"P16 {i}" for i in range(1, 17)]
    + [f"Aux out {i}" for i in range(1, 7)]
    + ["Monitor L", "Monitor R"]
)
# /outputs/*/src, in the order of its numbers: strip and side
OUTPUT_SOURCES = (
    ["OFF", "main/st L", "main/st R", "main/m"]
    + [f"bus/{i:02}" for i in range(1, 17)]
    + [f"mtx/{i:02}" for i in range(1, 7)]
    + [f"ch/{i:02}" for i in range(1, 33)]
    + [f"auxin/{i:02}" for i in range(1, 9)]
    + [f"fxrtn/{i:02}" for i in range(1, 9)]
    + ["Monitor L", "Monitor R", "Talkback"]
)


def the_names_and_colours_of_all_strips_are_found(rig: Rig) -> None:
    with Console() as console:
        names = named(console)
        found = _asked.report(console.place)
        broken = console.broken
    check(not broken, "no proper questions: {broken}", broken=broken)
    check(found["console"] == {"answers": True, "name": "X32-02-4A-53", "model": "X32RACK",
                               "firmware": "4.06"}, "{console}", **found)
    strips = {strip["strip"]: strip for strip in found["strips"]}
    check(list(strips) == [_label(strip) for strip in STRIPS], "{strips}", strips=list(strips))
    for strip in STRIPS:
        colour = COLOURS[_number(console.values[f"/{strip}/config/color"])]
        expected = {"strip": _label(strip), "name": names[strip],
                    "colour": WORDS[colour.removesuffix("i")] + " inverted" * colour.endswith("i")}
        check(strips[_label(strip)] == expected, f"{strips[_label(strip)]} is not {expected}")


def a_console_as_from_the_factory_gives_the_channels_in_their_order(rig: Rig) -> None:
    with Console("M32") as console:
        found = _asked.report(console.place)
    for i, track in enumerate(found["tracks"], 1):
        expected = {"name": f"Ch {i:02}", "colour": "white", "strip": f"Ch {i:02}",
                    "signal": f"Local {i}", "by_order": False}
        check(track == expected, f"{track} is not {expected}")


def every_block_of_the_card_is_what_the_document_says(rig: Rig) -> None:
    with Console() as console:
        for i in range(48):
            console.values[f"/config/userrout/out/{i + 1:02}"] = 48 - i
        for i in range(32):
            console.values[f"/config/userrout/in/{i + 1:02}"] = 128 - i
        for at in range(0, len(CARD_BLOCKS), 4):
            blocks = range(at, min(at + 4, len(CARD_BLOCKS)))
            for block, place in zip(blocks, ("1-8", "9-16", "17-24", "25-32")):
                console.values[f"/config/routing/CARD/{place}"] = block
            tracks = _asked.report(console.place)["tracks"]
            for i, block in enumerate(blocks):
                expected = _signals_of(CARD_BLOCKS[block], console)
                signals = [track["signal"] for track in tracks[8 * i : 8 * i + 8]]
                check(signals == expected, f"{CARD_BLOCKS[block]} is {signals}")


def every_user_output_is_what_the_document_says(rig: Rig) -> None:
    with Console() as console:
        for i, place in enumerate(("1-8", "9-16", "17-24", "25-32")):
            console.values[f"/config/routing/CARD/{place}"] = CARD_BLOCKS.index("UOUT1-8") + i
        for first in range(0, len(USER_SIGNALS), 32):
            numbers = range(first, min(first + 32, len(USER_SIGNALS)))
            for i, number in enumerate(numbers, 1):
                console.values[f"/config/userrout/out/{i:02}"] = number
            tracks = _asked.report(console.place)["tracks"]
            for number, track in zip(numbers, tracks):
                check(track["signal"] == USER_SIGNALS[number] and not track["by_order"],
                      f"{number} is {track}")


def every_source_of_an_output_is_what_the_document_says(rig: Rig) -> None:
    with Console() as console:
        names = named(console)
        for i, block in enumerate(("OUT1-8", "OUT9-16", "P161-8", "AUX1-6/Mon")):
            place = ("1-8", "9-16", "17-24", "25-32")[i]
            console.values[f"/config/routing/CARD/{place}"] = CARD_BLOCKS.index(block)
        slots = [f"main/{i:02}" for i in range(1, 17)] + [f"p16/{i:02}" for i in range(1, 9)]
        slots += [f"aux/{i:02}" for i in range(1, 7)]
        for first in range(0, len(OUTPUT_SOURCES), len(slots)):
            numbers = range(first, min(first + len(slots), len(OUTPUT_SOURCES)))
            for slot, number in zip(slots, numbers):
                console.values[f"/outputs/{slot}/src"] = number
            tracks = _asked.report(console.place)["tracks"]
            for usb, (number, track) in enumerate(zip(numbers, tracks), 1):
                strip, _, side = OUTPUT_SOURCES[number].partition(" ")
                if number == 0:
                    expected = (f"USB {usb:02}", "")
                elif strip not in names:
                    expected = (OUTPUT_SOURCES[number], "")
                else:
                    after = f" {side}" if side else ""
                    expected = (names[strip] + after, _label(strip) + after)
                check((track["name"], track["strip"]) == expected, f"{number}: {track}")


def a_socket_is_called_as_the_channel_that_it_feeds(rig: Rig) -> None:
    dice = random.Random(5)
    judged = 0
    for _ in range(20):
        with Console() as console:
            names = named(console)
            for place in ("1-8", "9-16", "17-24", "25-32"):
                console.values[f"/config/routing/IN/{place}"] = dice.randrange(len(IN_BLOCKS))
                console.values[f"/config/routing/CARD/{place}"] = dice.choice(
                    [i for i, block in enumerate(CARD_BLOCKS) if not block.startswith("OUT")])
            console.values["/config/routing/IN/AUX"] = dice.randrange(len(AUX_BLOCKS))
            for i in range(1, 33):
                console.values[f"/ch/{i:02}/config/source"] = dice.randint(0, 42)
                console.values[f"/config/userrout/in/{i:02}"] = dice.randrange(169)
            for i in range(1, 49):
                console.values[f"/config/userrout/out/{i:02}"] = dice.randrange(169)
            tracks = _asked.report(console.place)["tracks"]
        carriers = _carriers(console)
        for usb, track in enumerate(tracks, 1):
            strip = carriers.get(track["signal"])
            if track["signal"] in USER_SIGNALS[1:169]:
                expected = names[strip] if strip else track["signal"]
                check(track["name"] == expected and not track["by_order"],
                      f"USB {usb}: {track} is not {expected} of {strip}")
                judged += strip is not None
    check(judged > 50, "only {judged} sockets fed a strip", judged=judged)


def a_number_that_no_console_says_gives_channel_order_and_a_sentence(rig: Rig) -> None:
    with Console() as console:
        names = named(console)
        console.values["/config/routing/CARD/9-16"] = 77
        ended = _asked.run(console.place)
    said = "what USB channels 9-16 carry is not understood (/config/routing/CARD/9-16 is 77)"
    check(said in ended.err and ended.code == 0, "{err}", err=ended.err)
    for usb in range(9, 17):
        line = re.search(rf"^{usb} .*$", ended.out, re.MULTILINE)
        check(line and names[f"ch/{usb:02}"] in line[0] and "not understood" in line[0],
              "{out}", out=ended.out)


def a_console_without_user_routing_gives_channel_order_and_a_sentence(rig: Rig) -> None:
    with Console() as console:
        names = named(console)
        console.answers = lambda address: "userrout" not in address
        console.values["/config/routing/CARD/1-8"] = CARD_BLOCKS.index("UIN1-8")
        ended = _asked.run(console.place)
    check("USB channels 1-8 carry is not understood (no answer to /config/userrout/in/01)"
          in ended.err, "{err}", err=ended.err)
    check(names["ch/08"] in ended.out and ended.code == 0, "{out}", out=ended.out)


def names_may_have_any_letters_or_none(rig: Rig) -> None:
    cases: list[tuple[Value, str]] = [
        ("", "Ch 01"), ("   ", "Ch 02"), ("Gesäng", "Gesäng"), (b"Ges\xe4ng", "Gesäng"),
        ("ドラム", "ドラム"), ("  Kick ", "Kick"), ("a\tb\x1b[2J", "a b [2J"), ('"\\"', '"\\"'),
        (b"\xff\xfe\xc3", "ÿþÃ"), ("12 character", "12 character"), ("-", "-"), ("../x", "../x"),
    ]
    with Console() as console:
        for i, (name, _) in enumerate(cases, 1):
            console.values[f"/ch/{i:02}/config/name"] = name
        tracks = _asked.report(console.place)["tracks"]
    for i, (name, expected) in enumerate(cases):
        check(tracks[i]["name"] == expected, f"{name!r} became {tracks[i]['name']!r}")


def _label(strip: str) -> str:
    kind, _, number = strip.partition("/")
    if kind == "main":
        return "Main" if number == "st" else "Mono"
    return f"{LABELS[kind]} {number}"


def _number(value: Value) -> int:
    assert isinstance(value, int)
    return value


def _signals_of(block: str, console: Console) -> list[str]:
    """The eight signals of a block, read from the document's word for it."""
    if block == "AUX1-6/Mon":
        return [f"Aux out {i}" for i in range(1, 7)] + ["Monitor L", "Monitor R"]
    if block == "AuxIN1-6/TB":
        return [f"Aux in {i}" for i in range(1, 7)] + ["Talkback internal", "Talkback external"]
    read = re.fullmatch(r"(P16|[A-Z]+)(\d+)-(\d+)", block)
    assert read is not None
    numbers = range(int(read[2]), int(read[3]) + 1)
    if read[1] in ("UOUT", "UIN"):
        way = read[1].removeprefix("U").lower()
        users = [console.values[f"/config/userrout/{way}/{i:02}"] for i in numbers]
        return [USER_SIGNALS[_number(user)] for user in users]
    return [f"{SIGNALS.get(read[1], read[1])} {i}" for i in numbers]


def _carriers(console: Console) -> dict[str, str]:
    """Which strip each socket feeds: the first channel, else the first aux input."""
    slots: list[str] = []
    for place in ("1-8", "9-16", "17-24", "25-32"):
        block = _number(console.values[f"/config/routing/IN/{place}"])
        slots += _signals_of(IN_BLOCKS[block], console)
    aux: list[str] = [f"Aux in {i}" for i in range(1, 7)]
    block_word = AUX_BLOCKS[_number(console.values["/config/routing/IN/AUX"])]
    if not block_word.startswith("AUX"):
        read = re.fullmatch(r"([A-Z]+)1-(\d)", block_word)
        assert read is not None
        aux[: int(read[2])] = _signals_of(f"{read[1]}1-{read[2]}", console)
    carriers: dict[str, Any] = {}
    for strip in [strip for strip in STRIPS if strip.startswith(("ch/", "auxin/"))]:
        source = _number(console.values[f"/{strip}/config/source"])
        if 1 <= source <= 38:
            carriers.setdefault((slots + aux)[source - 1], strip)
    return carriers
