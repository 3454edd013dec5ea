# SPDX-License-Identifier: MIT
"""The house's rules, held over every file; and each one broken on purpose in a small tree."""

import sys
import tempfile
from pathlib import Path
from typing import Callable

from nets import _rules
from rig import processes
from rig.case import Rig, check
from rig.places import ROOT, clean_environment

Rule = Callable[[Path], list[str]]
LICENCE = "// SPDX-License-Identifier: MIT\n"


def includes_go_down_only(rig: Rig) -> None:
    _check_tree(_rules.includes)


def every_file_begins_with_its_licence(rig: Rig) -> None:
    _check_tree(_rules.licence_lines)


def no_source_is_longer_than_four_hundred_lines(rig: Rig) -> None:
    _check_tree(_rules.long_files)


def nothing_is_left_for_later(rig: Rig) -> None:
    _check_tree(_rules.undone)


def no_flag_changes_what_numbers_mean(rig: Rig) -> None:
    _check_tree(_rules.speed_flags)


def no_file_names_a_place_of_one_machine(rig: Rig) -> None:
    _check_tree(_rules.places)


def every_module_of_tests_can_be_read(rig: Rig) -> None:
    for suite in sorted({path.parent.name for path in (ROOT / "tests").glob("*/*.py")} - {"rig"}):
        trouble = _unreadable(suite)
        check(not trouble, "{suite}: {trouble}", suite=suite, trouble=trouble)


def an_include_that_goes_up_is_noticed(rig: Rig) -> None:
    below = {"core/a.hpp": LICENCE, "asio/a.hpp": LICENCE, "pipewire/a.hpp": LICENCE}
    below |= {"wine/abi.h": LICENCE, "wine/pe/a.hpp": LICENCE, "wine/unix/a.hpp": LICENCE}
    for path, include in (
        ("core/b.cpp", '"asio/a.hpp"'),
        ("core/b.cpp", "<windows.h>"),
        ("core/b.cpp", "<vector>"),
        ("wine/abi.h", "<string>"),
        ("wine/pe/b.cpp", '"wine/unix/a.hpp"'),
        ("wine/pe/b.cpp", '"asio/a.hpp"'),
        ("wine/unix/b.cpp", '"pipewire/a.hpp"'),
        ("asio/b.cpp", '"pipewire/a.hpp"'),
        ("asio/b.cpp", "<pipewire/pipewire.h>"),
        ("pipewire/b.cpp", '"wine/pe/a.hpp"'),
        ("pipewire/b.cpp", '"asio/a.hpp"'),
        ("tools/asiowire/b.cpp", '"asio/a.hpp"'),
        ("tools/asiohost/b.cpp", '"pipewire/a.hpp"'),
        ("taps/b.cpp", '"pipewire/a.hpp"'),
        ("python/b.cpp", '"pipewire/a.hpp"'),
        ("core/b.cpp", '"core/missing.hpp"'),
    ):
        _check_noticed(_rules.includes, below | {path: f"{LICENCE}#include {include}\n"}, path)


def an_include_that_goes_down_is_not_noticed(rig: Rig) -> None:
    tree = {"core/a.hpp": LICENCE, "wine/abi.h": f"{LICENCE}#include <cstdint>\n"}
    tree |= {"wine/pe/a.hpp": f'{LICENCE}#include "wine/abi.h"\n#include <windows.h>\n'}
    tree |= {"asio/a.hpp": f'{LICENCE}#include "core/a.hpp"\n#include "wine/pe/a.hpp"\n'}
    tree |= {"tests/unit/a.cpp": f'{LICENCE}#include "asio/a.hpp"\n#include <pipewire/a.h>\n'}
    found = _found(_rules.includes, tree)
    check(not found, "found {found}", found=found)


def a_file_without_its_licence_is_noticed(rig: Rig) -> None:
    _check_noticed(_rules.licence_lines, {"core/a.hpp": "#pragma once\n"}, "core/a.hpp")
    _check_noticed(_rules.licence_lines, {"a/b.py": "#!/usr/bin/env python3\nimport x\n"}, "a/b.py")
    _check_noticed(_rules.licence_lines, {"Makefile": "all:\n" + LICENCE}, "Makefile")


def a_file_that_is_too_long_is_noticed(rig: Rig) -> None:
    text = LICENCE + "\n" * _rules.MOST_LINES
    _check_noticed(_rules.long_files, {"core/a.cpp": text}, "core/a.cpp")
    found = _found(_rules.long_files, {"core/a.cpp": text[:-1]})
    check(not found, "{found}", found=found)


def work_left_for_later_is_noticed(rig: Rig) -> None:
    for mark in ("TO" + "DO", "FIX" + "ME"):
        _check_noticed(_rules.undone, {"core/a.cpp": f"{LICENCE}// {mark}: more\n"}, "core/a.cpp:2")


def a_forbidden_flag_is_noticed(rig: Rig) -> None:
    for flag in ("-ffast-" + "math", "-march=" + "native"):
        text = f"# SPDX-License-Identifier: MIT\nadd_project_arguments('{flag}', language: 'c')\n"
        _check_noticed(_rules.speed_flags, {"meson.build": text}, "meson.build:2")
        bound = "python/asiowire/ops/_compiler.py"  # one line of it may name the processor
        _check_noticed(_rules.speed_flags, {bound: text}, f"{bound}:2")


def a_place_of_one_machine_is_noticed(rig: Rig) -> None:
    for place in ("/ho" + "me/somebody/x", "/ro" + "ot/x", "/wo" + "rk/x"):
        text = f'{LICENCE}const char* path = "{place}";\n'
        _check_noticed(_rules.places, {"core/a.cpp": text}, "core/a.cpp:2")


def _check_tree(rule: Rule) -> None:
    check(len(list(_rules.texts(ROOT))) > 50, "the tree was not found")
    found = rule(ROOT)
    check(not found, "{found}", found="; ".join(found))


def _check_noticed(rule: Rule, tree: dict[str, str], beginning: str) -> None:
    found = _found(rule, tree)
    facts = {"tree": list(tree.items())[-1], "found": found}
    check(len(found) == 1 and found[0].startswith(beginning), "{tree}: found {found}", **facts)


def _found(rule: Rule, tree: dict[str, str]) -> list[str]:
    with tempfile.TemporaryDirectory() as name:
        for path, text in tree.items():
            Path(name, path).parent.mkdir(parents=True, exist_ok=True)
            Path(name, path).write_text(text)
        return rule(Path(name))


_READ = """
import sys
from pathlib import Path
import run
for path in run.modules(Path(sys.argv[1])):
    run.read(sys.argv[2], path)
"""


def _unreadable(suite: str) -> str:
    """What Python says of the first module of a suite that cannot be read; a process of its own, as
    the suites' paths are for themselves."""
    tests = ROOT / "tests"
    command = [sys.executable, "-c", _READ, tests / suite, suite]
    env = clean_environment() | {"PYTHONPATH": str(tests), "ONLY": ""}  # all, whatever we were asked
    ended = processes.run(command, env, 60)
    return ended.err.strip()[-500:] if ended.code != 0 else ""
