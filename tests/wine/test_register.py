# SPDX-License-Identifier: MIT
"""asiowire register and unregister: what they add to a prefix, and that they take it all away."""

import shutil
import tempfile
from pathlib import Path
from typing import Iterator, Mapping

from rig import processes
from rig.case import Rig, check
from rig.places import STAGE
from rig.prefix import Prefix
from rig.processes import Ended

TOOL = STAGE / "bin/asiowire"
CLSID = "{097fcc47-2791-46bd-84f5-89c8359c8dd4}"
HOSTS: tuple[int | str, ...] = (64, 32, "winelib")

# What a prefix holds: ("system.reg", key) or ("drive_c", path), with its values or its size.
Contents = dict[tuple[str, str], frozenset[str]]


class Bare(Prefix):
    """A prefix in which nothing of ours has ever been, and whose contents can be looked at."""

    def __enter__(self) -> "Bare":
        super().__enter__()
        # wineboot copies every DLL it finds by WINEDLLPATH, registered or not: the original of the
        # rig's prefixes was made with the staged driver in sight.
        for copy in (self.path / "drive_c/windows").glob("sys*/asiowire.dll"):
            copy.unlink()
        return self

    def contents(self) -> Contents:
        """Registry and files; Wine writes the registry's when its server ends."""
        self._stop_server()
        found: Contents = {}
        for name in ("system.reg", "user.reg", "userdef.reg"):
            found |= {(name, key): values for key, values in _keys(self.path / name)}
        drive = self.path / "drive_c"
        for path in drive.rglob("*"):
            size = 0 if path.is_dir() else path.lstat().st_size
            found["drive_c", str(path.relative_to(drive))] = frozenset({str(size)})
        self._start_server()
        return found

    def asiowire(self, *words: str | Path, **env: str) -> Ended:
        """Runs the tool; nothing but its words says which prefix is meant, unless env does."""
        clean = {key: value for key, value in self.env().items() if key != "WINEPREFIX"}
        return processes.run([TOOL, *words], clean | env, 60, cwd=self.path.parent)

    def drivers(self) -> list[str]:
        """What --list of every host that runs here says, which must be the same."""
        told = [self.run_host(bits, ["--list"]).out for bits in HOSTS if self.supports(bits)]
        lists = {tuple(line.split("  ")[0] for line in out.splitlines()) for out in told}
        check(len(lists) == 1, "the hosts do not agree: {lists}", lists=lists)
        return list(lists.pop())


def unregistering_leaves_the_prefix_as_it_was_before(rig: Rig) -> None:
    with Bare() as prefix:
        before = prefix.contents()
        check(prefix.drivers() == [], "a driver is there before")
        after_a_look = prefix.contents()
        # What any program that opens a desktop makes Wine rewrite (its display adapters).
        noise = _changed(before, after_a_look)
        check(not any(map(_is_ours, noise)), "a look registers: {noise}", noise=noise)
        _done(prefix.asiowire("register", "--prefix", prefix.path))
        registered = prefix.contents()
        added = _changed(after_a_look, registered) - noise
        check(added and all(map(_is_ours, added)), "register changed {it}", it=sorted(added))
        check(prefix.drivers() == ["AsioWire"], "the hosts do not see it")
        _done(prefix.asiowire("register", "--prefix", prefix.path))
        again = _changed(registered, prefix.contents()) - noise
        check(not again, "to register again changed {it}", it=sorted(again))
        for _ in range(2):
            _done(prefix.asiowire("unregister", "--prefix", prefix.path))
        left = _changed(before, prefix.contents()) - noise
        check(not left, "after unregistering these differ: {left}", left=sorted(left))
        check(prefix.drivers() == [], "a driver is still there")


def another_driver_is_not_touched(rig: Rig) -> None:
    with Bare() as prefix:
        key = r"HKLM\Software\ASIO\Other"
        for words in (["/v", "CLSID", "/d", "{1}"], ["/v", "Description", "/d", "Other"]):
            added = prefix.run(["reg.exe", "add", key, *words])
            check(added.code == 0, "reg add gave {code}: {err}", **vars(added))
        before = prefix.run(["reg.exe", "query", key]).out
        _done(prefix.asiowire("register", "--prefix", prefix.path))
        seen = prefix.run_host(64, ["--list"]).out
        check("AsioWire" in seen and "Other" in seen, "the host sees {seen}", seen=seen)
        _done(prefix.asiowire("unregister", "--prefix", prefix.path))
        after = prefix.run(["reg.exe", "query", key]).out
        same = before == after and "Description" in after
        check(same, "{old} became {new}", old=before, new=after)


def the_prefix_is_the_one_named_or_wineprefix_or_the_one_at_home(rig: Rig) -> None:
    with Bare() as prefix:
        home = prefix.path.parent / "other-home"
        home.mkdir()
        (home / ".wine").symlink_to(prefix.path)
        copy = prefix.path / "drive_c/windows/system32/asiowire.dll"
        ways: list[tuple[list[str], Mapping[str, str]]] = [
            (["--prefix", "prefix"], {"WINEPREFIX": "/nowhere"}),  # relative to where we are
            ([], {"WINEPREFIX": str(prefix.path), "HOME": "/nowhere"}),
            ([], {"HOME": str(home)}),
        ]
        for words, env in ways:
            _done(prefix.asiowire("register", *words, **env))
            check(copy.exists(), "{words} {env} registers elsewhere", words=words, env=env)
            _done(prefix.asiowire("unregister", *words, **env))
            check(not copy.exists(), "{words} {env} keeps the DLL", words=words, env=env)


def wrong_words_are_answered_with_the_usage_and_2(rig: Rig) -> None:
    with Bare() as prefix:
        path = str(prefix.path)
        for words in ([], ["bogus"], ["register", "--prefix"], ["register", path],
                      ["register", "--prefix", path, "more"], ["register", "unregister"]):
            ended = prefix.asiowire(*words, WINEPREFIX=path)
            told = ended.err.startswith("Usage: asiowire register") and not ended.out
            check(ended.code == 2 and told, "{w}: {code} {err}", w=words, **vars(ended))
        ended = prefix.asiowire("--help")
        check(ended.code == 0 and "Usage:" in ended.out, "--help: {code} {out}", **vars(ended))


def what_is_no_prefix_is_refused_with_a_sentence_and_1(rig: Rig) -> None:
    with Bare() as prefix, tempfile.TemporaryDirectory() as empty:
        nowhere = f"{empty}/nowhere"
        for command in ("register", "unregister"):
            for words, env in ((["--prefix", empty], {}), (["--prefix", nowhere], {}),
                               ([], {"WINEPREFIX": nowhere}), ([], {"HOME": empty})):
                ended = prefix.asiowire(command, *words, **env)
                told = "is no Wine prefix; run \"wineboot\"" in ended.err and empty in ended.err
                check(ended.code == 1 and told, "{w}: {code} {err}", w=words, **vars(ended))
        check(not list(Path(empty).iterdir()), "something was made there")


def a_dll_that_wine_cannot_load_is_not_left_in_the_prefix(rig: Rig) -> None:
    with Bare() as prefix, tempfile.TemporaryDirectory() as folder:
        tool = Path(folder) / "bin/asiowire"  # which takes the DLL from beside itself
        tool.parent.mkdir()
        shutil.copy2(TOOL, tool)
        dll = Path(folder) / "lib/wine/x86_64-windows/asiowire.dll"
        dll.parent.mkdir(parents=True)
        dll.write_bytes(b"MZ and no more")
        env = prefix.env({"WINEDLLPATH": ""})
        ended = processes.run([tool, "register", "--prefix", prefix.path], env, 60)
        told = "64-bit: regsvr32 refused asiowire.dll" in ended.err
        check(ended.code == 1 and told, "ended with {code}: {out}{err}", **vars(ended))
        left = list((prefix.path / "drive_c/windows").glob("sys*/asiowire.dll*"))
        check(not left and prefix.drivers() == [], "left: {left}", left=left)


def _done(ended: Ended) -> None:
    check(ended.code == 0, "ended with {code}: {out}{err}", **vars(ended))


def _keys(registry: Path) -> Iterator[tuple[str, frozenset[str]]]:
    """Keys with their values; the order and the times of change are Wine's own affair."""
    text = registry.read_text(errors="surrogateescape").replace("\\\n", "")  # wrapped values
    for part in text.split("\n[")[1:]:
        head, *lines = part.splitlines()
        values = (line for line in lines if line and not line.startswith("#time="))
        yield head.rpartition("]")[0].replace("\\\\", "\\"), frozenset(values)


def _changed(one: Contents, other: Contents) -> set[tuple[str, str]]:
    return {place for place in one.keys() | other.keys() if one.get(place) != other.get(place)}


def _is_ours(place: tuple[str, str]) -> bool:
    name = place[1].lower()
    return CLSID in name or name.endswith(("asio\\asiowire", "\\asio", "/asiowire.dll"))
