# SPDX-License-Identifier: MIT
"""What hooks say of a Windows host while its driver records it lies in the take's folder."""

import sys
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "taps"), str(TESTS / "wine")]

import _takes  # noqa: E402
from _recording import only_take  # noqa: E402
from hooks._runner import Runner, wait_until  # noqa: E402
from hooks_along import FIRST_SAMPLES, compare, lines_of  # noqa: E402
from rig import fair  # noqa: E402
from rig.case import Rig, check  # noqa: E402
from test_recording import SINK, _automatic, _running_host, _well  # noqa: E402


def results_lie_beside_what_a_host_plays_and_hears(rig: Rig) -> None:
    with _takes.folder() as where, Runner(runtime=rig.daemon.folder) as runner:
        runner.told("add", runner.write("first.c", FIRST_SAMPLES))
        with _running_host(rig, where, {}, 12.0):
            wait_until(lambda: runner.results("first"), "results")
            said = _well(rig, "start", "--hooks", "song one")
            check("song one" in said and "no hook" not in said, "{said}", said=said)
            time.sleep(2)
            _well(rig, "stop")
            wait_until(lambda: (lines_of(where) or [{}])[-1].get("kind") == "end", "its end")
        take = only_take(where)
        lines = lines_of(where)
        check(len(lines[0]["channels"]) == 64, "{b}", b=lines[0])
        check(lines[0]["channels"][63] == {"name": "out_32", "track": 64}, "{b}", b=lines[0])
        frames = compare(take, lines)
        check(lines[-1]["frames"] == frames, "{e} of {f}", e=lines[-1], f=frames)
        first = next(line["frame"] for line in lines if line["kind"] == "result")
        check(first == 0, "the first result is of frame {f}", f=first)
        code, report = _takes.verdict(take)
        check(code in (0, 1) and len(report["hooks"]) == 1, "{report}", report=report)


def the_setting_does_the_same_and_the_hosts_end_ends_the_file(rig: Rig) -> None:
    with _takes.folder() as where, Runner(runtime=rig.daemon.folder) as runner:
        runner.told("add", runner.write("first.c", FIRST_SAMPLES))
        env = SINK | _automatic(where) | {"ASIOWIRE_RECORD_HOOKS": "1"}
        ended = rig.host(64, fair.words(64, 4.0, "--loopback"), env)
        check(ended.code in (0, 1), "{code}: {err}", **vars(ended))
        wait_until(lambda: (lines_of(where) or [{}])[-1].get("kind") == "end", "its end")
        lines = lines_of(where)
        frames = compare(only_take(where), lines)
        check(lines[-1]["frames"] == frames, "{e} of {f}", e=lines[-1], f=frames)


def that_no_hook_listens_is_said(rig: Rig) -> None:
    with _takes.folder() as where, _running_host(rig, where, {}, 6.0):
        said = _well(rig, "start", "--hooks")
        check(said.endswith("; no hook listens at present (asiowire hooks list)"), "{s}", s=said)
        check("--hooks" not in only_take(where).name, "{s}", s=said)
        _well(rig, "stop")
