# SPDX-License-Identifier: MIT
"""What was added to one runner is there in the next one."""

import json
import os
import signal
import stat
from pathlib import Path

from hooks._runner import Producer, Runner, hook_source, wait_until
from rig.case import Rig, check

SPEAKS = hook_source('runner->publish_number(runner, "channels", block->channels);')


def what_was_added_runs_again_until_it_is_removed(rig: Rig) -> None:
    producer = Producer()
    with Runner(producer.process.pid) as runner:
        code = runner.write("my hook.c", SPEAKS)
        runner.told("add", code, "name=one", "channels=in_1", "limit.ms=5000")
        runner.told("add", "watch", "clip_run=2")
        before = _list(runner).read_text()
        mode = stat.S_IMODE(_list(runner).stat().st_mode)
        check(mode == 0o600, "mode {m:o}", m=mode)
        check(f"{code}\tname=one\tchannels=in_1\tlimit.ms=5000\nwatch\tclip_run=2\n" in before,
              "{text}", text=before)
        for end in (lambda: runner.told("stop"), lambda: os.kill(runner.process.pid, signal.SIGKILL)):
            end()
            _again(runner)
            wait_until(lambda: runner.hook("one")["state"] == "running", "it runs again")
            wait_until(lambda: runner.results("one").get("channels") == 1, "with its settings")
            check(_names(runner) == ["one", "watch"], "{n}", n=_names(runner))
        check(_list(runner).read_text() == before, "{t}", t=_list(runner).read_text())
        check(runner.told("remove", "one") == "one: removed\n", "other words")
        runner.told("stop")
        _again(runner)
        check(_names(runner) == ["watch"], "{n}", n=_names(runner))
    producer.finish()


def a_hook_that_was_refused_is_not_remembered(rig: Rig) -> None:
    with Runner() as runner:
        runner.refused("add", runner.write("bad.c", "not C"))
        check(not _list(runner).exists(), "it is remembered")


def what_makes_no_sense_is_said_and_stays(rig: Rig) -> None:
    with Runner() as runner:
        runner.told("add", "watch")
        strange = ["# mine", "", "no_such_hook\tkey=1", "/nowhere/gone.c\tname=gone",
                   "watch\tname=two\tnonsense", "\t\t", "\udcff\udcfe"]
        text = _list(runner).read_text() + "\n".join(strange)  # its last line has no end
        _list(runner).write_text(text, errors="surrogateescape")
        runner.told("stop")
        _again(runner)
        check(_names(runner) == ["watch"], "{n}", n=_names(runner))
        said = [entry["text"] for entry in _unrecalled(runner)]
        check(len(said) == 4, "{said}", said=said)
        for words in ("there is no ready-made hook 'no_such_hook'", "/nowhere/gone.c: No such file",
                      "'nonsense' is no setting", "is no name of a hook"):
            check(any(words in one and "stays there" in one for one in said), "{w}: {s}", w=words, s=said)
        check(runner.told("remove", "gone") == "gone: forgotten\n", "it cannot be forgotten")
        runner.told("remove", "watch")
        runner.told("add", "watch", "name=three")
        left = _list(runner).read_text(errors="surrogateescape").split("\n")[1:]
        kept = [line for line in strange if "gone" not in line]
        check(left == [*kept, "watch\tname=three", ""], "{left}", left=left)
        check("there is no such hook" in runner.refused("remove", "gone"), "other words")


def a_list_that_others_can_write_is_not_obeyed(rig: Rig) -> None:
    with Runner() as runner:
        runner.told("add", "watch")
        runner.told("stop")
        _list(runner).chmod(0o620)
        before = _list(runner).read_text()
        _again(runner)
        check(_names(runner) == [], "{n}", n=_names(runner))
        text = _unrecalled(runner)[0]["text"]
        check(f"{_list(runner)} can be written by others (chmod go-w" in text, "{t}", t=text)
        said = runner.told("add", "watch", "name=two")
        check("it is not remembered: " in said and "chmod go-w" in said, "{s}", s=said)
        check(_list(runner).read_text() == before, "the list is another one")
        _list(runner).chmod(0o600)
        runner.told("stop")
        _again(runner)
        check(_names(runner) == ["watch"], "{n}", n=_names(runner))


def a_file_that_others_can_write_by_now_is_not_compiled_again(rig: Rig) -> None:
    producer = Producer()
    with Runner(producer.process.pid) as runner:
        code = runner.write("mine.c", SPEAKS)
        runner.told("add", code)
        runner.told("stop")
        code.chmod(0o660)
        _again(runner)
        wait_until(lambda: runner.log("mine", "compiler"), "it is refused")
        check("can be written by others" in runner.log("mine", "compiler")[0]["text"], "other words")
        check(runner.hook("mine")["state"] == "does not compile", "{h}", h=runner.hook("mine"))
        code.chmod(0o600)
        code.write_text(SPEAKS + "\n")  # saved
        wait_until(lambda: runner.hook("mine")["state"] == "running", "it runs")
    producer.finish()


def a_folder_that_cannot_be_costs_the_memory_alone(rig: Rig) -> None:
    with Runner() as runner:
        (runner.folder / ".local").write_text("in the way")
        said = runner.told("add", "watch")
        check("it is not remembered: " in said and "Not a directory" in said, "{s}", s=said)
        check(_names(runner) == ["watch"], "{n}", n=_names(runner))


def _list(runner: Runner) -> Path:
    return runner.folder / ".local/state/asiowire/hooks"


def _again(runner: Runner) -> None:
    """The next runner in the same folders."""
    runner.process.wait(20)
    runner.__enter__()


def _names(runner: Runner) -> list[str]:
    return [hook["name"] for hook in json.loads(runner.told("list", "--json"))["hooks"]]


def _unrecalled(runner: Runner) -> list[dict[str, str]]:
    entries = [json.loads(line) for line in runner.told("log", "--json").splitlines()]
    return [entry for entry in entries if entry["kind"] == "unrecalled"]
