# SPDX-License-Identifier: MIT
"""The cache of compiled operations: damaged, raced for, without a compiler, open to others."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from rig.case import Rig, Skip, check

from python import _ops, _python
from python._ops import in_ops, own_cache, refusal, run

np = _python.numpy()
ops = _ops.ops()
if _python.inside():
    import warnings

    from asiowire.ops import _build, _cache, _compiler
    from asiowire.ops.compile import shared_object

# Prints 42 when it works; every remark that something was made anew comes first.
CODE = """
import warnings, sys
from asiowire.ops import compiled
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    m = compiled("int f(int a);", "int f(int a) { return a + 1; }")
for each in said: print(each.message)
print(m.f(41))
"""
SOURCE = "int f(int a) { return a + 1; }\n"


@in_ops
def a_cached_module_is_loaded_without_any_run_of_the_compiler(rig: Rig) -> None:
    with own_cache() as cache, tempfile.TemporaryDirectory() as folder:
        counting, runs = _ops.counting_compiler(Path(folder))
        check(run(CODE, CC=counting) == "42", "first")
        first = runs.read_text()
        check(run(CODE, CC=counting) == "42" and runs.read_text() == first, "the compiler was run")
        check(len(first.splitlines()) >= 3, "the count proves nothing: {first}", first=first)
        outputs = re.findall(r" -o (\S+)", first)
        ours = [each.startswith(f"{cache}/asiowire/ops/.build-") for each in outputs]
        check(len(outputs) >= 3 and all(ours), "written elsewhere: {o}", o=outputs)
        check(len(_ops.entries(cache)) == 1, "entries")
        folders = (cache / "asiowire/ops", cache / "asiowire")
        modes = [oct(each.stat().st_mode & 0o777) for each in folders]
        check(modes == ["0o700", "0o700"], "{modes}", modes=modes)


@in_ops
def the_key_holds_source_flags_processor_python_and_compiler(rig: Rig) -> None:
    def key(texts=("a", "b"), flags=("-O2",), kind="k"):
        return _build.key_of(kind, texts, flags)

    keys = {key(), key(("a", "c")), key(("ab", "")), key(flags=()), key(flags=("-O2", "-g")),
            key(kind="l"), key(("a", "b", ""))}
    true, numpys = _compiler.processor, np.__version__
    for processor, version in ((lambda: "another", numpys), (true, "0.0")):
        _build._surroundings.cache_clear()
        _compiler.processor, np.__version__ = processor, version
        keys.add(key())
    _compiler.processor, np.__version__ = true, numpys
    _build._surroundings.cache_clear()
    check(len(keys) == 9 and key() in keys, "{n} keys of 9", n=len(keys))
    check("flags" in true() or "Features" in true(), "the processor is not known: {p}", p=true())
    volatile = [line for line in true().splitlines()
                if line.startswith(("cpu MHz", "bogomips", "apicid", "processor", "microcode"))]
    check(not volatile, "{facts}", facts=volatile)
    with own_cache() as cache, tempfile.TemporaryDirectory() as folder:
        program, _ = _ops.counting_compiler(Path(folder), "one")
        other = Path(folder, "two")
        other.write_text(Path(program).read_text().replace(
            "exec", 'case "$*" in *--version*) echo "cc 99"; exit;; esac\nexec'))
        other.chmod(0o755)
        for compiler in (program, str(other), program):
            check(run(CODE, CC=compiler) == "42", compiler)
        check(len(_ops.entries(cache)) == 2, "{e}", e=_ops.entries(cache))
        # An update of the compiler under the same name is another compiler.
        shutil.copy(other, program)
        check(run(CODE, CC=program) == "42" and len(_ops.entries(cache)) == 2, "after an update")


@in_ops
def a_damaged_entry_is_noticed_and_compiled_anew(rig: Rig) -> None:
    with own_cache(), tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "f.c")
        file.write_text(SOURCE)
        path = Path(shared_object(str(file)))
        whole = path.read_bytes()
        random = np.random.default_rng(4)
        damages = [whole[:size] for size in (0, 1, 55, 56, len(whole) // 2, len(whole) - 1)]
        for at in random.integers(0, len(whole), 60):
            flipped = bytes([whole[at] ^ (1 << random.integers(8))])
            damages.append(whole[:at] + flipped + whole[at + 1 :])
        damages += [whole + b"\0", whole[64:], bytes(len(whole))]
        for damage in damages:
            path.write_bytes(damage)
            check(_cache._look(str(path)) == "damaged", "{n} bytes pass", n=len(damage))
        for damage in (whole[: len(whole) // 2], b"", damages[10]):
            path.write_bytes(damage)
            with warnings.catch_warnings(record=True) as said:
                warnings.simplefilter("always")
                check(shared_object(str(file)) == str(path), "another path")
            check(path.read_bytes() != damage and _cache._look(str(path)) == "good", "not rebuilt")
            check("was damaged and has been compiled anew" in str(said[0].message), "{s}", s=said)
        path.unlink()
        path.symlink_to(folder)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            shared_object(str(file))
        check(path.is_file() and not path.is_symlink(), "a link was kept")
        header = Path(folder, "f.h")
        file.write_text('#include "f.h"\n' + SOURCE)
        paths = []
        for text in ("", "int a;", ""):
            header.write_text(text)
            paths.append(shared_object(str(file)))
        check(paths[0] != paths[1] and paths[0] == paths[2], "a changed header: {p}", p=paths)


@in_ops
def a_damaged_module_is_compiled_anew_with_a_warning(rig: Rig) -> None:
    with own_cache() as cache:
        check(run(CODE) == "42", "first")
        [entry] = _ops.entries(cache)
        whole = entry.read_bytes()
        entry.write_bytes(whole[:5000] + b"\xff" * 100 + whole[5100:])
        said = run(CODE)
        check("was damaged and has been compiled anew" in said and said.endswith("42"), said)
        check(run(CODE) == "42", "a third time")


@in_ops
def an_entry_whose_library_is_gone_is_compiled_anew(rig: Rig) -> None:
    with own_cache(), tempfile.TemporaryDirectory() as folder:
        code = CODE.replace(
            'int a) { return a + 1; }")',
            f'int a) {{ int g(int); return g(a); }}", flags=["-L{folder}", "-lg",'
            f' "-Wl,-rpath,{folder}"])')
        for version in ("1", "2"):
            Path(folder, "g.c").write_text("int g(int a) { return a + 1; }")
            subprocess.run([_ops.compiler(), "-shared", "-fPIC", f"-Wl,-soname,libg.so.{version}",
                            "g.c", "-o", "libg.so"], cwd=folder, check=True, timeout=100)
            Path(folder, f"libg.so.{version}").write_bytes(Path(folder, "libg.so").read_bytes())
            said = run(code)
            check(said.endswith("42"), said)
            check(("was unloadable and has been compiled anew" in said) == (version == "2"), said)
            Path(folder, "libg.so.1").unlink(missing_ok=True)


@in_ops
def processes_that_race_for_one_entry_all_get_it(rig: Rig) -> None:
    with own_cache() as cache, tempfile.TemporaryDirectory() as folder:
        # All are in the compiler at once: it waits for the gate.
        gate, slow = Path(folder, "gate"), Path(folder, "slow-cc")
        slow.write_text(
            f'#!/bin/sh\necho $$ >>{folder}/here\n'
            f'while [ ! -e {gate} ]; do sleep 0.02; done\nexec {_ops.compiler()} "$@"\n')
        slow.chmod(0o755)
        children = [_ops.start(CODE, CC=str(slow)) for _ in range(2)]
        deadline = time.monotonic() + 60
        while len(Path(folder, "here").read_text().split() if Path(folder, "here").exists()
                  else []) < len(children):
            check(time.monotonic() < deadline, "they did not meet in the compiler")
            time.sleep(0.02)
        gate.touch()
        for child in children:
            out, err = child.communicate(timeout=200)
            check(out.strip() == "42", "{out} {err}", out=out, err=err)
        left = sorted(each.name[:8] for each in (cache / "asiowire/ops").iterdir())
        check(len(_ops.entries(cache)) == 1 and len(left) == 2, "left: {left}", left=left)
        check(_cache._look(str(_ops.entries(cache)[0])) == "good", "the entry")


@in_ops
def a_killed_build_leaves_no_entry_and_is_swept_later(rig: Rig) -> None:
    with own_cache() as cache, tempfile.TemporaryDirectory() as folder:
        stuck = Path(folder, "stuck-cc")
        stuck.write_text('#!/bin/sh\ncase "$*" in *--version*) echo x; exit;; esac\n'
                         'exec sleep 60\n')
        stuck.chmod(0o755)
        child = _ops.start(CODE, CC=str(stuck))
        place = cache / "asiowire/ops"
        deadline = time.monotonic() + 60
        while not list(place.glob(".build-*/user.c")):
            check(time.monotonic() < deadline, "no build began")
            time.sleep(0.02)
        child.send_signal(signal.SIGKILL)
        child.communicate()
        [left] = place.glob(".build-*")
        check(not _ops.entries(cache), "half an entry")
        check(run(CODE) == "42" and left.exists(), "a young folder may be another's")
        os.utime(left, (time.time() - 90_000,) * 2)
        _ops.entries(cache)[0].unlink()
        check(run(CODE) == "42" and not left.exists(), "what was left is still there")


@in_ops
def without_a_compiler_cached_modules_work_and_others_say_why_not(rig: Rig) -> None:
    nothing = {"PATH": "/nonexistent", "CC": "-"}
    with own_cache() as cache:
        check(run(CODE) == "42" and run(CODE, **nothing) == "42", "cached")
        check(run(CODE, CC="/no/such/cc") == "42", "cached, CC wrong")
        other = CODE.replace("a + 1", "a + 2")
        child = _ops.start(other, **nothing)
        said = child.communicate(timeout=100)[1]
        check("NoCompilerError" in said and "it is not in the cache" in said
              and "no C compiler (cc, gcc, clang) in PATH" in said, said)
        said = _ops.start(other, CC="/no/such/cc").communicate(timeout=100)[1]
        check("CC is '/no/such/cc', and there is no such program" in said, said)
        said = _ops.start(other, CC="/dev/null").communicate(timeout=100)[1]
        check("NoCompilerError" in said and "/dev/null" in said, said)
        [entry] = _ops.entries(cache)
        entry.write_bytes(entry.read_bytes()[:-1])
        said = _ops.start(CODE, **nothing).communicate(timeout=100)[1]
        check("its cached copy is damaged" in said, said)
        # Of several compilers' entries any whole one will do.
        Path(entry).rename(entry.with_name(entry.name.replace(".so", "x.so")))
        check(run(CODE) == "42" and run(CODE, **nothing) == "42", "beside a damaged one")


@in_ops
def what_others_can_write_is_neither_compiled_nor_loaded(rig: Rig) -> None:
    with own_cache() as cache, tempfile.TemporaryDirectory() as folder:
        counting, runs = _ops.counting_compiler(Path(folder))
        os.environ["CC"] = counting
        inner = Path(folder, "inner")
        inner.mkdir()
        file, header = inner / "f.c", inner / "f.h"
        header.write_text("")
        file.write_text('#include "f.h"\n' + SOURCE)
        entry = Path(shared_object(str(file)))
        place, before = entry.parent, runs.read_text()
        for path, mode, word in (
            (place, 0o755, "is open to others (mode 0755)"),
            (place, 0o1777, "is open to others"),
            (place, 0o710, "is open to others"),
            (cache, 0o777, "can be written by others (mode 0777)"),
            (cache / "asiowire", 0o770, "can be written by others (mode 0770)"),
            (entry, 0o720, "can be written by others (mode 0720)"),
            (file, 0o664, "f.c can be written by others"),
            (file, 0o646, "f.c can be written by others"),
            (header, 0o664, "f.h can be written by others"),
            (inner, 0o770, "can be written by others (mode 0770)"),
            (Path(folder), 0o777, "can be written by others (mode 0777)"),
        ):
            old = path.stat().st_mode
            path.chmod(mode)
            said = refusal(lambda: shared_object(str(file)), ops.NotPrivateError)
            path.chmod(old)
            check(word in said, "{path}: {said}", path=path, said=said)
        check(shared_object(str(file)) == str(entry) and runs.read_text() == before, "changed")
        # A header that is open before the first compilation is not even compiled.
        header.chmod(0o666)
        other = inner / "g.c"
        other.write_text('#include "f.h"\nint g;\n')
        said = refusal(lambda: shared_object(str(other)), ops.NotPrivateError)
        check("f.h" in said and " -shared " not in runs.read_text()[len(before) :], said)
        # The sticky bit makes a shared folder safe for what is ours: /tmp is above all of this.
        header.chmod(0o600)
        inner.chmod(0o1777)
        check(shared_object(str(file)) == str(entry), "a sticky folder was refused")
        link = Path(folder, "link.c")
        link.symlink_to(plain := inner / "plain.c")
        plain.write_text(SOURCE)
        check(shared_object(str(link)).endswith(".so"), "a link of ours was refused")
        Path(folder, "open").mkdir(mode=0o700)
        Path(folder, "open").chmod(0o777)
        exchangeable = Path(folder, "open", "link.c")
        exchangeable.symlink_to(plain)
        Path(folder, "open", "f.c").write_text(SOURCE)
        led = Path(folder, "led.c")
        led.symlink_to(Path(folder, "open", "f.c"))
        for path in (exchangeable, led):
            said = refusal(lambda: shared_object(str(path)), ops.NotPrivateError)
            check("so they could exchange" in said, said)
        os.mkfifo(inner / "pipe.c")
        check("no plain file" in refusal(lambda: shared_object(str(inner / "pipe.c"))), "a pipe")
        moved = place.with_name("moved")
        place.rename(moved)
        place.symlink_to(moved)
        check("must be a folder" in refusal(lambda: shared_object(str(file))), "a link as folder")


@in_ops
def what_belongs_to_others_is_neither_compiled_nor_loaded(rig: Rig) -> None:
    if os.geteuid() != 0:
        raise Skip("only root can give files away")
    with own_cache() as cache, tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "f.c")
        file.write_text(SOURCE)
        entry = Path(shared_object(str(file)))
        for path in (file, entry, entry.parent, cache, Path(folder)):
            os.chown(path, 65534, -1)
            said = refusal(lambda: shared_object(str(file)), ops.NotPrivateError)
            os.chown(path, 0, -1)
            check("belongs to user 65534" in said and str(path) in said, said)
        check(shared_object(str(file)) == str(entry), "given back, it is not taken")


@in_ops
def the_cache_is_where_the_xdg_specification_says(rig: Rig) -> None:
    with tempfile.TemporaryDirectory() as home:
        for value in ("-", "", "relative"):
            check(run(CODE, HOME=home, XDG_CACHE_HOME=value) == "42", value)
        check(len(_ops.entries(Path(home, ".cache"))) == 1, "not in ~/.cache")
        barrier = Path(home, "file")
        barrier.touch()
        said = _ops.start(CODE, XDG_CACHE_HOME=str(barrier)).communicate(timeout=100)[1]
        check("compiled operations have no place" in said and "XDG_CACHE_HOME" in said, said)
