# SPDX-License-Identifier: MIT
"""`asiowire record --x32`: a console's names are the tracks' names, its renames are marks, and its end
costs nothing but names."""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import _counter  # noqa: E402
import _takes  # noqa: E402
from _console import Console  # noqa: E402
from _recording import beside_counter, finish, only_take, recorder  # noqa: E402
from rig.case import Rig, check  # noqa: E402


@beside_counter(4)
def tracks_have_the_consoles_names(rig: Rig, where: Path) -> None:
    with Console() as console:
        console.values |= {"/ch/01/config/name": "Kick", "/ch/03/config/name": "Bass/DI",
                           "/ch/03/config/color": 1}
        ended = finish(recorder(rig, where, "--node", "sink-32", "--channels", "1-4",
                                "--seconds", "0.5", "--x32", console.place))
    check(ended.code in (0, 3), "{code}: {out}{err}", **vars(ended))
    take = only_take(where)
    _counter.check_take(take, 4)
    files = [path.name for path in _takes.wavs(take)]
    for name, part in zip(files, ("Kick", "Ch 02", "Bass", "Ch 04")):
        check(part in name, "{part} is not in {files}", part=part, files=files)
    story = str(_takes.log(take))
    check("Bass/DI" in story and "red" in story, "{story}", story=story[:1000])


@beside_counter(2)
def a_rename_is_a_mark_where_it_happens(rig: Rig, where: Path) -> None:
    with Console() as console:
        process = recorder(rig, where, "--node", "sink-32", "--channels", "1-2", "--seconds", "3",
                           "--x32", console.place)
        deadline = time.monotonic() + 10
        while not list(where.iterdir()):
            check(time.monotonic() < deadline, "no take begins")
            time.sleep(0.05)
        time.sleep(0.5)
        console.change(("/ch/02/config/name", "Second Voice"))
        ended = finish(process)
    check(ended.code in (0, 3), "{code}: {out}{err}", **vars(ended))
    check('USB 2: "Ch 02" is now "Second Voice"' in ended.out, "{out}", out=ended.out)
    lines = [line for line in _takes.log(only_take(where)) if "Second Voice" in str(line)]
    check(lines, "the log knows nothing of it")
    _counter.check_take(only_take(where), 2)


@beside_counter(2)
def a_console_that_does_not_answer_costs_its_names_alone(rig: Rig, where: Path) -> None:
    with Console(silent=True) as console:
        ended = finish(recorder(rig, where, "--node", "sink-32", "--channels", "1-2",
                                "--seconds", "4", "--x32", console.place))
    check(ended.code in (0, 3), "{code}: {out}{err}", **vars(ended))
    check("nothing answers at" in ended.out, "{out}", out=ended.out)
    heard = _counter.check_take(only_take(where), 2)
    check(heard[0].frames >= 4 * 48000, "only {n} frames", n=heard[0].frames)


def a_host_that_is_none_is_refused_before_anything_is_recorded(rig: Rig) -> None:
    with _takes.folder() as where:
        ended = finish(recorder(rig, where, "--node", "sink-2", "--x32", "127.0.0.1:70000"))
        check(ended.code == 1 and "--x32" in ended.err, "{code}: {err}", **vars(ended))
        check(not list(where.iterdir()), "something was made")
