# SPDX-License-Identifier: MIT
"""The native suites once more, built with ASan + UBSan and with TSan.

Timing is judged where nothing slows the programs down; here an engine test may miss its time, but
no sanitizer may have anything to say. Building takes longest, so that only a choice is built: what
reads the words of others or counts bytes, what begins threads, and of the engine's programs those
whose threads meet most. LONG=1 runs all. The door's tests take part: the sanitizers do not know its
coroutine, which they need not as long as it lives on its thread's own stack.
"""

import tempfile
from pathlib import Path
from typing import Mapping, Sequence

from nets import _builds
from rig import processes
from rig.case import Rig, check
from rig.lengths import LONG
from rig.places import clean_environment
from rig.processes import Ended

MEMORY = ("-fsanitize=address,undefined", "-fno-sanitize-recover=undefined")
RACES = ("-fsanitize=thread",)
QUICK = ("unit", "door", "hooks")
BYTES = tuple(
    f"unit-test_{name}"
    for name in ("config_files", "config_text", "convert", "cycle", "cycle_types", "link_list", "osc",
                 "pack24", "recorder", "ring", "status_file", "take", "tap", "x32_session")
) + ("door-test_door", "hooks-test_mel_stream", "hooks-test_volterra_rt")
ENGINE = tuple(
    f"engine-test_{name}"
    for name in ("config", "lifetime", "stopping", "storm", "trouble", "watchdog")
)
# Judges how soon 32 channels are heard again, again and again, which takes minutes with a sanitizer;
# test_links plugs eight channels in and out with them.
TOO_SLOW = ("engine-test_hotplug",)


def the_unit_door_and_hooks_tests_use_memory_well(rig: Rig) -> None:
    _check_quick_suites("asan", MEMORY, BYTES)


def the_unit_door_and_hooks_tests_have_no_races(rig: Rig) -> None:
    _check_quick_suites("tsan", RACES, _builds.with_threads(_quick()))


def the_engine_uses_memory_well(rig: Rig) -> None:
    _check_engine("asan", MEMORY, rig)


def the_engine_has_no_races(rig: Rig) -> None:
    _check_engine("tsan", RACES, rig)


def a_read_beyond_an_array_is_caught(rig: Rig) -> None:
    _check_plant(MEMORY, "int main(int n, char**) { int* a = new int[2]; return a[n + 1]; }\n")


def an_overflow_is_caught(rig: Rig) -> None:
    _check_plant(MEMORY, "int main(int n, char**) { return (0x7fffffff + n) == 0; }\n")


def a_race_is_caught(rig: Rig) -> None:
    _check_plant(
        RACES,
        "#include <thread>\n"
        "int shared;\n"
        "int main()\n"
        "{\n"
        "    std::thread other([] { shared++; });\n"
        "    shared++;\n"
        "    other.join();\n"
        "}\n",
    )


def _quick() -> list[str]:
    return [program for suite in QUICK for program in _builds.tests_of(suite)]


def _check_quick_suites(name: str, sanitize: tuple[str, ...], choice: Sequence[str]) -> None:
    programs = _quick() if LONG else choice
    folder = _builds.build(name, sanitize, programs)
    for program in programs:
        ended = _run(folder / program, clean_environment(), None)
        story = _story(ended)
        check(ended.code == 0, f"{program}: {_builds.report_in(story, folder) or story}")


def _check_engine(name: str, sanitize: tuple[str, ...], rig: Rig) -> None:
    programs = [name for name in _builds.tests_of("engine") if name not in TOO_SLOW]
    if not LONG:
        programs = list(ENGINE)
    folder = _builds.build(name, sanitize, programs)
    for program in programs:
        env = rig.daemon.env() | {"ASIOWIRE_STORM_PLUGS": "20"}
        ended = _run(folder / program, env, rig.daemon.cpu)
        report = _builds.report_in(_story(ended), folder)
        check(not report, f"{program}: {report}")
        alive = ended.code is not None and ended.code >= 0
        check(alive, f"{program} ended with {ended.code}: {_story(ended)[-1500:]}")


def _check_plant(sanitize: tuple[str, ...], text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        program = _builds.compile_one(Path(folder), sanitize, text)
        ended = _run(program, clean_environment(), None)
        report = _builds.report_in(_story(ended), program.parent)
        check(ended.code != 0 and report, f"not caught: {_story(ended)}")


def _run(program: Path, env: Mapping[str, str], cpu: int | None) -> Ended:
    told = {"CMOCKA_MESSAGE_OUTPUT": "TAP", "UBSAN_OPTIONS": "print_stacktrace=1"}
    return processes.run([program], dict(env) | told, 120, cwd=program.parent, cpu=cpu)


def _story(ended: Ended) -> str:
    return ended.out + ended.err
