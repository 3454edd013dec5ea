# SPDX-License-Identifier: MIT
"""No function of the audio thread allocates, locks, throws or calls what might: clang 22 checks
every unit that runs there, native and Windows, and each kind of fault is planted to see it caught.
"""

import functools
import tempfile
from dataclasses import dataclass
from pathlib import Path

from nets import _clang
from nets._clang import HALVES, UNIX, WINDOWS_32, WINDOWS_64, Half, Unit
from rig.case import Rig, check
from rig.places import ROOT


def the_unix_half_never_blocks_the_audio_thread(rig: Rig) -> None:
    _check_half(UNIX, at_least=4)


def the_64_bit_windows_half_never_blocks_the_audio_thread(rig: Rig) -> None:
    _check_half(WINDOWS_64, at_least=2)


def the_32_bit_windows_half_never_blocks_the_audio_thread(rig: Rig) -> None:
    _check_half(WINDOWS_32, at_least=2)


def no_unit_of_the_audio_thread_is_left_out(rig: Rig) -> None:
    _clang.need_clang()
    left = _left_out(_clang.marked_files())
    check(not left, "not compiled by any half, so not checked: {left}", left=_names(left))


def every_header_of_the_audio_thread_is_seen_by_a_checked_unit(rig: Rig) -> None:
    _clang.need_clang()
    headers = _clang.marked_files(suffixes=(".hpp", ".h")) - {ROOT / "core/rt.hpp"}
    check(headers, "there are no such headers")
    left = headers.difference(*(_checked(half).seen for half in HALVES))
    check(not left, "in no checked unit: {left}", left=_names(left))


def every_function_of_a_real_time_unit_is_marked(rig: Rig) -> None:
    found = {
        str(path.relative_to(ROOT)): unmarked
        for path in _clang.marked_files()
        if path.stem.endswith("_rt") and path.relative_to(ROOT).parts[0] != "tools"
        if (unmarked := _clang.unmarked_functions(path))
    }
    check(not found, "clang does not look into {found}", found=found)


def an_allocation_is_caught_in_the_unix_half(rig: Rig) -> None:
    _check_plant(UNIX, "delete new int;", everywhere=True)


def a_lock_is_caught_in_the_unix_half(rig: Rig) -> None:
    _check_plant(UNIX, "static std::mutex planted; planted.lock();", "#include <mutex>\n")


def a_throw_is_caught_in_the_unix_half(rig: Rig) -> None:
    _check_plant(UNIX, "throw 1;")


def a_printf_is_caught_in_the_unix_half(rig: Rig) -> None:
    _check_plant(UNIX, 'std::printf("planted");', "#include <cstdio>\n")


def an_allocation_is_caught_in_the_windows_half(rig: Rig) -> None:
    _check_plant(WINDOWS_64, "delete new int;", everywhere=True)
    _check_plant(WINDOWS_32, "delete new int;", everywhere=True)


def a_lock_is_caught_in_the_windows_half(rig: Rig) -> None:
    lock = "static SRWLOCK planted; AcquireSRWLockExclusive(&planted);"
    _check_plant(WINDOWS_64, lock, "#include <windows.h>\n")
    _check_plant(WINDOWS_32, lock, "#include <windows.h>\n")


def a_throw_is_caught_in_the_windows_half(rig: Rig) -> None:
    _check_plant(WINDOWS_64, "throw 1;")
    _check_plant(WINDOWS_32, "throw 1;")


def a_printf_is_caught_in_the_windows_half(rig: Rig) -> None:
    _check_plant(WINDOWS_64, 'std::printf("planted");', "#include <cstdio>\n")
    _check_plant(WINDOWS_32, 'std::printf("planted");', "#include <cstdio>\n")


def a_new_unit_that_nobody_compiles_is_noticed(rig: Rig) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, text in (
            ("pipewire/new_rt.cpp", "void f() {}\n"),
            ("core/new.cpp", "void f() ASIOWIRE_RT {}\n"),
            ("core/other.cpp", "// ASIOWIRE_RT_PRIORITY is no mark\n"),
        ):
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).write_text(text)
        left = _left_out(_clang.marked_files(root))
        check(left == {root / "pipewire/new_rt.cpp", root / "core/new.cpp"}, f"found {left}")


def a_function_without_its_mark_is_noticed(rig: Rig) -> None:
    with tempfile.TemporaryDirectory() as folder:
        unit = Path(folder, "x_rt.cpp")
        unit.write_text(
            "void a() ASIOWIRE_RT\n{\n    if (x()) {\n    }\n}\n\n"
            "std::uint32_t Some::b(int, void* c) const\n{\n}\n"
        )
        found = _clang.unmarked_functions(unit)
        check(found == ["std::uint32_t Some::b(int, void* c) const"], f"found {found}")


@dataclass(frozen=True)
class Checked:
    """What clang said about one half."""

    units: int
    complaints: list[str]
    seen: set[Path]  # files that a unit of it includes


@functools.cache
def _checked(half: Half) -> Checked:
    _clang.need_clang()
    complaints = []
    seen: set[Path] = set()
    with tempfile.TemporaryDirectory() as folder:
        rules = Path(folder, "dependencies")
        for unit in _clang.units(half):
            if said := _clang.check_effects(unit, dependencies=rules):
                complaints.append(f"{unit.path.relative_to(ROOT)}: {said[:1500]}")
            words = rules.read_text().replace("\\\n", " ").split()
            seen |= {Path(word).resolve() for word in words}
    return Checked(len(_clang.units(half)), complaints, seen)


def _check_half(half: Half, at_least: int) -> None:
    checked = _checked(half)
    facts = {"n": checked.units, "half": half.name}
    check(checked.units >= at_least, "only {n} units found in {half}", **facts)
    check(not checked.complaints, "{all}", all="\n".join(checked.complaints))


def _check_plant(half: Half, fault: str, includes: str = "", everywhere: bool = False) -> None:
    """The first unit named *_rt.cpp of the half, or every one, must be refused with the fault."""
    _clang.need_clang()
    units = [unit for unit in _clang.units(half) if _is_driver_rt(unit)]
    check(units, "no unit to plant the fault in")
    with tempfile.TemporaryDirectory() as folder:
        for unit in units if everywhere else units[:1]:
            said = _clang.check_effects(unit, _clang.plant(unit, fault, Path(folder), includes))
            facts = {"unit": unit.path.name, "half": half.name, "fault": fault, "said": said[:500]}
            check(said, "{unit} ({half}) passed with {fault}", **facts)
            check("-Wfunction-effects" in said, "{unit} ({half}): {said}", **facts)


def _is_driver_rt(unit: Unit) -> bool:
    room = unit.path.relative_to(ROOT).parts[0]
    return room != "tools" and unit.path.stem.endswith("_rt")


def _left_out(files: set[Path]) -> set[Path]:
    return files - {unit.path for half in HALVES for unit in _clang.units(half)}


def _names(paths: set[Path]) -> list[str]:
    return sorted(str(path.relative_to(ROOT)) for path in paths)
