# SPDX-License-Identifier: MIT
"""The runner of hooks, as installed, beside a program that stands for the driver."""

import json
import os
import stat
import subprocess
import time
from pathlib import Path

from hooks._runner import ASIOWIRE, Producer, Runner, hook_source, wait_until
from rig import processes
from rig.case import Rig, check
from rig.places import ROOT

GOOD = hook_source(
    """
    static uint64_t wrong, next;
    if (next != 0 && block->position != next) wrong++;
    next = block->position + block->frames;
    for (uint32_t c = 0; c < block->channels; c++)
        for (uint32_t i = 0; i < block->frames; i++)
            wrong += block->audio[c][i] !=
                     (float)((block->position + i) % 48000 * 128 + c + 1) / 8388608.0f;
    if (calls % 50 == 0) {
        runner->publish_number(runner, "wrong", (double)wrong);
        runner->publish_number(runner, "calls", (double)calls);
    }
    """
)
# After a second of good behaviour, said in the moment before.
THEN = 'if (calls == 750) { runner->publish_event(runner, ASIOWIRE_HOOK_INFO, "now");'
LOST = "static void* volatile lost;"
BAD = {
    "crash": THEN + "*(volatile int*)8 = 0; }",
    "abort": THEN + "abort(); }",
    "leave": THEN + "exit(3); }",
    "hang": THEN + "for (;;) calls += calls == 0; }",
    "sleep": THEN + "sleep(100); }",
    # Every step is told: the one behind the last word is the one that meets the limit.
    "leak": THEN.replace("==", ">=") + "memset(lost = malloc(16 << 20), 1, 16 << 20); }",
    "print": THEN + "} if (calls >= 750) for (int i = 0; i < 20000; i++) puts(\"more and more\");",
    "flood": THEN + "} if (calls >= 750) "
             'for (int i = 0; i < 100000; i++) runner->publish_number(runner, "x", i);',
}


def bad_hooks_are_reported_within_a_second_and_the_audio_does_not_notice(rig: Rig) -> None:
    producer = Producer(32, 32)
    with Runner(producer.process.pid) as runner:
        runner.told("add", runner.write("good.c", GOOD))
        for name, deed in BAD.items():
            path = runner.write(f"{name}.c", hook_source(deed, before=LOST))
            runner.told("add", path, "limit.mb=64")
        for name in set(BAD) - {"flood"}:
            wait_until(lambda: runner.log(name, "fault"), f"{name} is reported")
        wait_until(lambda: runner.log("flood", "event"), "flood begins")
        took = {name: runner.first_fault_took(name) for name in set(BAD) - {"flood"}}
        faults = {name: runner.log(name, "fault")[0]["text"] for name in took}
        before = runner.results("good")
        time.sleep(1)
        good = runner.results("good")
    counted = producer.finish()
    print("    ", {name: round(seconds, 3) for name, seconds in sorted(took.items())}, counted)
    for name, words in (
        ("crash", "Segmentation fault"),
        ("abort", "Aborted"),
        ("leave", "exit code 3"),
        ("hang", "did not return within 700 ms"),
        ("sleep", "did not return within 700 ms"),
        ("leak", "its limit is 64 MiB"),
        ("print", "more than 1 MiB within a second"),
    ):
        check(words in faults[name], "{name}: {said}", name=name, said=faults[name])
    check(max(took.values()) <= 1, "reported too late: {took}", took=took)
    check(good["calls"] > before["calls"], "the good hook stood still: {good}", good=good)
    check(good["wrong"] == 0, "the good hook heard {n} wrong samples", n=good["wrong"])
    check(
        counted["blocks"] == counted["recorded"] > 2000
        and counted["wrong"] == counted["refused"] == counted["waited"] == 0,
        "the audio noticed: {counted}",
        counted=counted,
    )


def a_hook_that_always_fails_is_tried_less_and_less_often(rig: Rig) -> None:
    producer = Producer()
    with Runner(producer.process.pid) as runner:
        runner.told("add", runner.write("bad.c", hook_source("abort();")))
        wait_until(lambda: len(runner.log("bad", "fault")) >= 3, "three faults")
        faults = runner.log("bad", "fault")[:3]
        check([fault["restart_in_s"] for fault in faults] == [0.5, 1, 2], f"{faults}")
        first, second, third = (fault["time"] for fault in faults)
        check(second - first >= 0.5 and third - second >= 1, f"too soon: {faults}")
        check("begun anew" in runner.hook("bad")["state"], f"{runner.hook('bad')}")
    producer.finish()


def a_changed_file_takes_over_and_one_with_errors_does_not(rig: Rig) -> None:
    producer = Producer()
    version = 'runner->publish_number(runner, "version", {});'
    with Runner(producer.process.pid) as runner:
        runner.told("add", runner.write("mine.c", hook_source(version.format(1))))
        wait_until(lambda: runner.results("mine").get("version") == 1, "the first version")
        broken = runner.write("mine.c", hook_source("int x = no_such_thing;"))
        wait_until(lambda: runner.log("mine", "compiler"), "the compiler's words")
        line = broken.read_text().splitlines().index("    int x = no_such_thing;") + 1
        message = runner.hook("mine")["message"]
        check(f"{broken}:{line}:" in message, "{line}: {message}", line=line, message=message)
        blocks = runner.hook("mine")["blocks"]
        wait_until(lambda: runner.hook("mine")["blocks"] > blocks, "the old one goes on")
        runner.write("mine.c", hook_source(version.format(2), create="abort();"))
        wait_until(lambda: runner.log("mine", "refused"), "a version that crashes is refused")
        check(runner.results("mine")["version"] == 1, "the old one is gone")
        runner.write("mine.c", hook_source(version.format(3)))
        wait_until(lambda: runner.results("mine").get("version") == 3, "the next version")
        check(runner.hook("mine")["faults"] == 0, f"{runner.hook('mine')}")
        check(runner.process.poll() is None, "the runner has gone")
    producer.finish()


def a_changed_header_is_noticed_too(rig: Rig) -> None:
    producer = Producer()
    with Runner(producer.process.pid) as runner:
        runner.write("value.h", "#define VALUE 1\n")
        source = hook_source(
            'runner->publish_number(runner, "v", VALUE);', before='#include "value.h"'
        )
        runner.told("add", runner.write("mine.c", source))
        wait_until(lambda: runner.results("mine").get("v") == 1, "the first value")
        runner.write("value.h", "#define VALUE 2\n")
        wait_until(lambda: runner.results("mine").get("v") == 2, "the second value")
    producer.finish()


def what_others_can_write_is_not_compiled(rig: Rig) -> None:
    with Runner() as runner:
        path = runner.write("mine.c", hook_source(""))
        os.chmod(path, 0o666)
        check("can be written by others" in runner.refused("add", path), "a file")
        os.chmod(path, 0o600)
        os.chmod(path.parent, 0o1777)
        check("can be written by others" in runner.refused("add", path), "a folder")
        os.chmod(path.parent, 0o700)
        open_folder = runner.folder / "open"
        open_folder.mkdir()
        os.chmod(open_folder, 0o777)
        (open_folder / "evil.h").write_text("\n")
        including = runner.write("including.c", f'#include "{open_folder}/evil.h"\n')
        check("evil.h" in runner.refused("add", including), "a header")
        cache = runner.folder / "cache/asiowire/hooks"
        os.chmod(cache, 0o755)
        check("open to others" in runner.refused("add", path), "the cache")
        os.chmod(cache, 0o700)
        runner.told("add", path)


def a_damaged_cache_is_made_anew_and_an_entry_is_used_again(rig: Rig) -> None:
    with Runner() as runner:
        path = runner.write("mine.c", hook_source(""))
        runner.told("add", path)
        cache = runner.folder / "cache/asiowire/hooks"
        (entry,) = cache.glob("*.so")
        inode = entry.stat().st_ino
        check(stat.S_IMODE(cache.stat().st_mode) == 0o700, "the cache is open")
        runner.told("remove", "mine")
        runner.told("add", path)
        check(entry.stat().st_ino == inode, "compiled again for nothing")
        runner.told("remove", "mine")
        whole = entry.read_bytes()
        entry.write_bytes(whole[:100] + b"x" + whole[101:])
        runner.told("add", path)
        check(entry.read_bytes() == whole, "a damaged object was taken")
        check(len(list(cache.iterdir())) == 2, f"left behind: {list(cache.iterdir())}")


def without_a_compiler_that_is_what_is_said(rig: Rig) -> None:
    with Runner() as outer:
        path = outer.write("mine.c", hook_source(""))
        words = [ASIOWIRE, "hooks", "try", path, path]
        ended = processes.run(words, outer.env | {"PATH": "/nowhere"}, 60)
        check(ended.code == 1 and "no C compiler" in ended.err, "{code}: {err}", **vars(ended))


def a_hook_has_no_network_and_no_core_dumps(rig: Rig) -> None:
    producer = Producer()
    before = "#include <errno.h>\n#include <sys/resource.h>\n#include <sys/socket.h>"
    look = """
        struct rlimit core;
        getrlimit(RLIMIT_CORE, &core);
        runner->publish_number(runner, "core", (double)core.rlim_cur);
        runner->publish_number(runner, "inet", socket(AF_INET, SOCK_STREAM, 0) < 0 ? errno : 0);
        runner->publish_number(runner, "inet6", socket(AF_INET6, SOCK_DGRAM, 0) < 0 ? errno : 0);
        runner->publish_number(runner, "unix", socket(AF_UNIX, SOCK_STREAM, 0) < 0 ? errno : 0);
    """
    with Runner(producer.process.pid) as runner:
        runner.told("add", runner.write("mine.c", hook_source("", create=look, before=before)))
        wait_until(lambda: len(runner.results("mine")) == 4, "its results")
        found = runner.results("mine")
        check(found == {"core": 0, "inet": 13, "inet6": 13, "unix": 0}, f"{found}")
    producer.finish()


def wrong_words_are_refused_with_a_reason(rig: Rig) -> None:
    producer = Producer()
    with Runner(producer.process.pid) as runner:
        path = runner.write("mine.c", hook_source(""))
        check("no setting 'speed'" in runner.refused("add", path, "speed=9"), "a setting")
        check("no 'in_9'" in runner.refused("add", path, "channels=in_9"), "a channel")
        check("no ready-made hook" in runner.refused("add", "nonsense"), "a name")
        check("no such hook" in runner.refused("remove", "mine"), "nothing to remove")
        check("does not export" in runner.refused(
            "add", _shared(runner, "int nothing;\n")), "no hook at all")
        old = hook_source("").replace("ASIOWIRE_HOOK_ABI, sizeof", "99, sizeof")
        check("built for hook ABI 99" in runner.refused("add", runner.write("o.c", old)), "version")
        failing = hook_source("", create='host->publish_event(host, 2, "no, thanks"); return -1;')
        runner.told("add", runner.write("failing.c", failing))
        wait_until(lambda: runner.log("failing", "fault"), "its fault")
        check("no, thanks" in runner.hook("failing")["last_fault"], "its own words are lost")
        runner.told("add", path)
        check("already" in runner.refused("add", path), "twice")
        runner.told("add", path, "name=second", "channels=outputs")
        runner.told("remove", "mine")
        names = {hook["name"] for hook in json.loads(runner.told("list", "--json"))["hooks"]}
        check(names == {"second", "failing"}, f"{names}")
    producer.finish()


def hooks_that_are_exchanged_or_removed_say_their_last_words(rig: Rig) -> None:
    producer = Producer()
    last = 'runner->publish_event(runner, ASIOWIRE_HOOK_INFO, "farewell");'
    with Runner(producer.process.pid) as runner:
        path = runner.write("mine.c", hook_source("", destroy=last))
        runner.told("add", path)
        wait_until(lambda: runner.hook("mine")["state"] == "running", "it runs")
        runner.write("mine.c", hook_source("calls += 0;", destroy=last + "calls = 0;"))
        wait_until(lambda: runner.log("mine", "exchanged"), "the next version")
        wait_until(lambda: runner.log("mine", "event"), "the last words of the first")
        runner.told("remove", "mine")
        wait_until(lambda: len(runner.log("mine", "event")) == 2, "the last words of the second")
    producer.finish()


def a_driver_that_goes_is_waited_for(rig: Rig) -> None:
    producer = Producer()
    with Runner(producer.process.pid) as runner:
        runner.told("add", runner.write("mine.c", hook_source("")))
        wait_until(lambda: runner.hook("mine")["state"] == "running", "it runs")
        producer.kill()
        wait_until(lambda: runner.hook("mine")["state"] == "waiting for a driver", "it waits")
        check(runner.hook("mine")["faults"] == 0, "the driver's end is no fault of the hook")
        check(json.loads(runner.told("list", "--json"))["hears"] == "", "it hears a dead driver")


def its_folder_is_private_and_there_is_one_runner(rig: Rig) -> None:
    with Runner() as runner:
        folder = runner.folder / "run/asiowire"
        check(stat.S_IMODE(folder.stat().st_mode) == 0o700, "the folder is open")
        mode = stat.S_IMODE((folder / "hooks.socket").stat().st_mode)
        check(mode == 0o600, "the socket has mode {mode:o}", mode=mode)
        again = processes.run([ASIOWIRE, "hooks", "run"], runner.env, 20)
        check(again.code == 1 and "already" in again.err, "{code}: {err}", **vars(again))
        runner.told("stop")
        runner.process.wait(20)
        code = runner.process.returncode
        check(code == 0, "it ended with {code}", code=code)
        check(not (folder / "hooks.socket").exists(), "its socket is left behind")
        check("no runner" in runner.refused("list"), "somebody answers")


def with_the_runner_its_hooks_end(rig: Rig) -> None:
    producer = Producer()
    with Runner(producer.process.pid) as runner:
        runner.told("add", runner.write("mine.c", hook_source("")))
        wait_until(lambda: runner.hook("mine")["state"] == "running", "it runs")
        pid = runner.hook("mine")["pid"]
        os.kill(runner.process.pid, 9)
        wait_until(lambda: not _is_alive(pid), "the hook has ended")
    producer.finish()


def the_example_runs_as_it_stands(rig: Rig) -> None:
    producer = Producer()
    with Runner(producer.process.pid) as runner:
        text = (ROOT / "hooks/examples/my_hook.c").read_text()
        said = runner.told("add", runner.write("my_hook.c", text), "loud_db=-60")
        check("warning" not in said, "{said}", said=said)
        wait_until(lambda: len(runner.results("my_hook").get("crossings", [])) == 4, "its results")
        wait_until(lambda: "is loud" in str(runner.log("my_hook", "event")), "its event")
        lines = runner.told("list")
        check("my_hook" in lines and "running" in lines, "{lines}", lines=lines)
    producer.finish()


def the_hook_of_the_documentation_runs_without_a_warning(rig: Rig) -> None:
    producer = Producer()
    with Runner(producer.process.pid) as runner:
        text = (ROOT / "docs/hooks.md").read_text().split("```c\n")[1].split("```")[0]
        said = runner.told("add", runner.write("difference.c", text))
        check("warning" not in said, "{said}", said=said)
        wait_until(lambda: runner.results("difference"), "its results")
        found = runner.results("difference")["difference"]
        check(found == 1 / 8388608, "{found}", found=found)  # channels differ by one step
    producer.finish()


def results_can_be_followed(rig: Rig) -> None:
    producer = Producer()
    with Runner(producer.process.pid) as runner:
        every = 'runner->publish_number(runner, "calls", (double)calls);'
        runner.told("add", runner.write("mine.c", hook_source(every)))
        words = [ASIOWIRE, "hooks", "log", "--json", "--follow"]
        reader = processes.start(words, runner.env, stdout=subprocess.PIPE)
        assert reader.stdout is not None
        lines = [json.loads(reader.stdout.readline()) for _ in range(200)]
        processes.end(reader, patience=0)
    producer.finish()
    found = [line for line in lines if line["kind"] == "result"]
    calls = [line["value"] for line in found]
    check(calls == [calls[0] + i for i in range(len(calls))], f"{calls}")
    steps = {b["position"] - a["position"] for a, b in zip(found, found[1:])}
    check(steps == {64}, f"positions in steps of {steps}")


def _shared(runner: Runner, text: str) -> Path:
    source = runner.write("other.c", text)
    path = source.with_suffix(".so")
    subprocess.run(["cc", "-shared", "-fPIC", source, "-o", path], check=True)
    return path


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
