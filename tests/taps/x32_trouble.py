# SPDX-License-Identifier: MIT
"""A console that changes, is slow, forgets, lies, goes and comes back; and who is no console."""

import json
import random
import socket
import time
from typing import Any, Iterable

from rig.case import Rig, check

from taps import _asked
from taps._console import Console, message, named


def a_change_at_the_desk_is_told_at_once_and_once(rig: Rig) -> None:
    with Console() as console:
        names = named(console)
        with _asked.Watch(console.place) as watch:
            begin = time.monotonic()
            # Name and colour are two packets of the console's and one change of ours.
            console.change(("/ch/05/config/name", "Snare"), ("/ch/05/config/color", 12))
            told = watch.line(3)
            took = time.monotonic() - begin
            watch.silence(0.5)
            _check_change(told, 5, names["ch/05"], "Snare")
            check(told["now"]["colour"] == "blue inverted", "{told}", told=told)
            check(took < 1, "told after {took:.2f} s", took=took)
            console.change(("/bus/03/config/name", "not on the card"), ("/ch/05/mix/fader", 1))
            watch.silence(0.5)


def a_scene_recall_is_one_change_for_each_channel(rig: Rig) -> None:
    with Console() as console:
        names = named(console)
        with _asked.Watch(console.place) as watch:
            console.change(*[(f"/ch/{i:02}/config/name", f"scene {i}") for i in range(1, 33)])
            for usb in range(1, 33):
                _check_change(watch.line(3), usb, names[f"ch/{usb:02}"], f"scene {usb}")
            watch.silence(0.5)


def another_routing_is_other_names(rig: Rig) -> None:
    with Console() as console:
        names = named(console)
        for i in range(1, 9):
            console.values[f"/outputs/main/{i:02}/src"] = 3 + i
        with _asked.Watch(console.place) as watch:
            console.change(("/config/routing/CARD/25-32", 20))  # OUT1-8: only now asked for
            for i in range(1, 9):
                line = watch.line(3)
                _check_change(line, 24 + i, names[f"ch/{24 + i:02}"], names[f"bus/{i:02}"])
            console.change(("/outputs/main/02/src", 20))
            _check_change(watch.line(3), 26, names["bus/02"], names["mtx/01"])


def the_console_is_kept_from_forgetting_us(rig: Rig) -> None:
    with Console() as console:
        names = named(console)
        with _asked.Watch(console.place) as watch:
            time.sleep(13)
            console.change(("/ch/32/config/name", "late"))
            _check_change(watch.line(1), 32, names["ch/32"], "late")
        renewed = console.times_of("/xremote")
    gaps = [after - before for before, after in zip(renewed, renewed[1:])]
    check(len(gaps) >= 2 and max(gaps) < 5, "renewed after {gaps}", gaps=gaps)


def a_change_whose_packet_was_lost_is_found_all_the_same(rig: Rig) -> None:
    with Console() as console:
        names = named(console)
        with _asked.Watch(console.place) as watch:
            console.values["/ch/01/config/name"] = "unseen"  # nobody is told
            _check_change(watch.line(30), 1, names["ch/01"], "unseen")


def a_console_that_comes_late_is_found_and_one_that_goes_is_waited_for(rig: Rig) -> None:
    with Console(silent=True) as console:
        names = named(console)
        with _asked.Watch(console.place) as watch:
            said = watch.sentence(1)
            check("nothing answers at 127.0.0.1 port" in said, "{said}", said=said)
            first = watch.first
            check(first["tracks"] == [] and not first["console"]["answers"], "{f}", f=first)
            console.silent = False
            for usb in range(1, 33):  # 8 s at most between two attempts
                _check_change(watch.line(10), usb, "", names[f"ch/{usb:02}"])
            check("answers" in (said := watch.sentence(1)), "{said}", said=said)

            console.silent = True
            console.values["/ch/09/config/name"] = "meanwhile"
            said = watch.sentence(18)
            check("no longer answers" in said, "{said}", said=said)
            before = len(console.asked)
            time.sleep(4)
            asked = len(console.asked) - before
            check(asked <= 10, "{asked} packets in 4 s at a console that is gone", asked=asked)
            console.silent = False
            check("answers" in (said := watch.sentence(10)), "{said}", said=said)
            _check_change(watch.line(3), 9, names["ch/09"], "meanwhile")
            watch.silence(0.3)


def a_console_that_falls_silent_while_it_is_asked_is_not_waited_for(rig: Rig) -> None:
    with Console() as console:
        names = named(console)
        console.answers = lambda address: len(console.asked) < 60
        begin = time.monotonic()
        ended = _asked.run(console.place, "--json")
        took = time.monotonic() - begin
    check(ended.code == 1 and "not answered everything yet" in ended.err, "{err}", **vars(ended))
    check(took < 8, "{took:.1f} s", took=took)
    tracks = json.loads(ended.out)["tracks"]
    check(tracks[0]["name"] == names["ch/01"] and len(tracks) == 32, "{tracks}", tracks=tracks)


def late_and_lost_answers_cost_time_and_no_names(rig: Rig) -> None:
    dice = random.Random(1)
    with Console() as console:
        names = named(console)
        console.delay = lambda address: dice.choice((0, 0, 0, 0, 0, 0, 0, 0.4))
        console.answers = lambda address: address == "/info" or dice.random() > 0.05
        found = _asked.report(console.place)
        asked = len(console.asked)
    tracks = [track["name"] for track in found["tracks"]]
    check(tracks == [names[f"ch/{i:02}"] for i in range(1, 33)], "{tracks}", tracks=tracks)
    check(asked < 500, "{asked} questions", asked=asked)


def what_no_console_sends_is_ignored_and_counted(rig: Rig) -> None:
    with Console() as console:
        names = named(console)
        console.lies = _lies
        found = _asked.report(console.place)
    strips = {strip["strip"]: strip["name"] for strip in found["strips"]}
    check(strips["Ch 07"] == names["ch/07"] and strips["Main"] == names["main/st"],
          "{strips}", strips=strips)
    tracks = [track["name"] for track in found["tracks"]]
    check(tracks == [names[f"ch/{i:02}"] for i in range(1, 33)], "{tracks}", tracks=tracks)
    lies = len(list(_lies("/ch/01/config/name")))
    malformed = found["packets"]["malformed"]
    # With each of 196 questions; those with the last are sent when we have stopped.
    check(lies * 180 <= malformed <= lies * 200, "{n} of {l} × 196", n=malformed, l=lies)


def what_comes_from_elsewhere_is_ignored_and_counted(rig: Rig) -> None:
    with Console() as console, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as neighbour, \
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other_host:
        other_host.bind(("127.0.0.2", console.port))
        names = named(console)
        with _asked.Watch(console.place) as watch:
            assert console.client is not None
            for i in range(20):
                for source in (neighbour, other_host):
                    source.sendto(message("/ch/01/config/name", "evil"),
                                  ("127.0.0.1", console.client[1]))
            watch.silence(0.5)
            console.change(("/ch/02/config/name", "good"))
            _check_change(watch.line(1), 2, names["ch/02"], "good")
        # A run of its own counts: the neighbour speaks before the console does.
        console.lies = lambda address: _from_elsewhere(console, neighbour)
        found = _asked.report(console.place)
    check(found["tracks"][0]["name"] == names["ch/01"], "{t}", t=found["tracks"][0])
    check(180 <= found["packets"]["foreign"] <= 200, "{packets}", **found)


def another_kind_of_console_is_named_in_a_sentence(rig: Rig) -> None:
    with Console("XR18") as console:
        ended = _asked.run(console.place)
        asked = [address for _, address in console.asked]
    check(ended.code == 1 and 'calls itself "XR18", which is no X32 or M32' in ended.err,
          "{code}: {err}", **vars(ended))
    check(set(asked) == {"/info", "/xinfo"} and len(asked) <= 12, "{asked}", asked=asked)


def hosts_that_make_no_sense_are_named_in_a_sentence(rig: Rig) -> None:
    for host, code, sentence in (
        ("127.0.0.1:0", 1, 'the port is a number from 1 to 65535'),
        ("127.0.0.1:70000", 1, 'the port is a number from 1 to 65535'),
        ("127.0.0.1:1x", 1, 'the port is a number from 1 to 65535'),
        (":10023", 1, '":10023" names no host'),
        ("no-such-console.invalid", 1, "no-such-console.invalid port 10023 cannot be reached: "),
        ("127.0.0.1:9", 1, "nothing answers at 127.0.0.1 port 9"),
        ("--jason", 2, "Usage: "),
    ):
        ended = _asked.run(host)
        check(ended.code == code and sentence in ended.err, f"{host}: {ended.code}: {ended.err}")
        check(ended.out == "", "{out}", out=ended.out)


def _check_change(line: dict[str, Any], usb: int, before: str, now: str) -> None:
    told = (line["usb"], line["before"]["name"], line["now"]["name"])
    check(told == (usb, before, now),
          f"USB {usb}, {before!r} → {now!r} expected, {line} told")


def _lies(address: str) -> Iterable[bytes]:
    """What a broken console, or a broken network, could say instead of an answer."""
    yield b""
    yield b"/"
    yield b"\0" * 16
    yield b"#bundle\0" + b"\0" * 7 + b"\1" + b"\0\0\0\x1c" + message("/ch/07/config/name", "evil")
    yield message("/ch/07/config/name", "evil")[:-1]  # not a multiple of four
    yield message("/ch/07/config/name")[:20] + b"s\0\0evil"  # no comma
    yield b"/ch/07/config/name\0\0,s\0\0evil"  # the text does not end
    yield b"/ch/07/config/name\0\0,i\0\0"  # the number is missing
    yield b"/ch/07/config/name\0\0,b\0\0\x7f\xff\xff\xff"  # a blob of 2 GB
    yield b"/ch/07/config/name\0\0,ssssssssssssssss"
    yield message("/ch/07/config/name", 7)
    yield message("/ch/07/config/name", "evil", "twice")
    yield message("/ch/07/config/name", "x" * 400)
    yield message("/ch/07/config/name", "x" * 3000)
    yield message("/ch/07/config/color", 16)
    yield message("/ch/07/config/color", -1)
    yield message("/ch/07/config/color", "RD")
    yield message("/ch/07/config/source", 65)
    yield message("/config/routing/CARD/1-8", "AN9-16")
    yield message("/info", "only one")
    yield message("/info", 1, 2, 3, 4)


def _from_elsewhere(console: Console, neighbour: socket.socket) -> Iterable[bytes]:
    assert console.client is not None
    neighbour.sendto(message("/ch/01/config/name", "evil"), console.client)
    return ()
