# SPDX-License-Identifier: MIT
"""The installed log-mel library as users of five languages find it: through pkg-config, the header
and the shared library of the staged tree, and nothing else of ours."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Sequence

from rig.case import Rig, Skip, check
from rig.places import ROOT, STAGE, clean_environment

EXAMPLES = ROOT / "hooks/examples"
# The values themselves are judged in log_mel.py.
EXPECTED = re.compile(r"80 x 500, first (-?\d+\.\d{6}), sum (-?\d+\.\d{6})\n")


def the_example_in_c_runs(rig: Rig) -> None:
    _compiled(["cc", "-std=c11", "-Wall", "-Wextra", "-Werror"], "log_mel.c")


def the_example_in_cpp_says_the_same(rig: Rig) -> None:
    _same(_compiled(["c++", "-std=c++14", "-Wall", "-Wextra", "-Werror"], "log_mel.cpp"))


def the_example_in_rust_says_the_same(rig: Rig) -> None:
    _need("rustc")
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder, "log_mel")
        libraries = _flags("--libs-only-L")
        _run(["rustc", *libraries, "-D", "warnings", EXAMPLES / "log_mel.rs", "-o", program], folder)
        _same(_run([program], folder))


def the_example_in_go_says_the_same(rig: Rig) -> None:
    _need("go")
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder, "log_mel")
        _run(["go", "build", "-o", program, EXAMPLES / "log_mel.go"], folder)
        _same(_run([program], folder))


def the_example_in_python_says_the_same(rig: Rig) -> None:
    _same(_run(["python3", EXAMPLES / "log_mel.py"], "."))


def the_header_is_strict_c11_and_old_cpp(rig: Rig) -> None:
    strict = ["-pedantic", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", *_flags("--cflags")]
    header = STAGE / "include/mojo_audio.h"
    _run(["cc", "-std=c11", "-xc", *strict, header], ".")
    _run(["c++", "-std=c++11", "-xc++", *strict, header], ".")


def only_the_c_interface_goes_out(rig: Rig) -> None:
    listed = _run(["nm", "-D", "--defined-only", STAGE / "lib/libmojo_audio.so"], ".")
    names = {line.split()[-1].split("@")[0] for line in listed.splitlines() if " T " in line}
    others = [line for line in listed.splitlines() if " mojo_" not in line and " A " not in line]
    check(not others, "also exported: {others}", others=others)
    declared = set(re.findall(r"\b(mojo_\w+)\(", (STAGE / "include/mojo_audio.h").read_text()))
    check(names == declared, "{odd}", odd=names ^ declared)


def the_library_needs_nothing_but_the_system(rig: Rig) -> None:
    listed = _run(["readelf", "-d", STAGE / "lib/libmojo_audio.so"], ".")
    needed = re.findall(r"NEEDED.*\[(.*)\]", listed)
    allowed = ("libstdc++.so", "libm.so", "libgcc_s.so", "libc.so", "ld-linux")
    check(needed and all(name.startswith(allowed) for name in needed), f"{needed}")
    check("libmojo_audio.so.1]" in listed, "no soname")


def an_installed_copy_is_found_where_it_was_put_and_goes_away_whole(rig: Rig) -> None:
    script = ROOT / "build-aux/install.sh"
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "prefix")
        _run([script, "install", STAGE, root], ".")
        flags = _flags("--cflags", "--libs", root=root)
        check(all(f"{root}/" in os.path.normpath(flag[2:]) + "/" for flag in flags[:2]), f"{flags}")
        link = root / "lib/libmojo_audio.so"
        check(link.is_symlink() and link.exists(), "no link for the linker")
        _run([script, "uninstall", root], ".")
        left = [path for path in root.rglob("*")]
        check(not left, f"left behind: {left}")


def _need(command: str) -> None:
    if shutil.which(command) is None:
        raise Skip(f"{command} is not installed")


def _compiled(compiler: Sequence[str], source: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder, "log_mel")
        flags = _flags("--cflags", "--libs")
        _run([*compiler, EXAMPLES / source, *flags, "-o", program], folder)
        said = _run([program], folder)
    check(EXPECTED.fullmatch(said), "{said}", said=said)
    return said


def _same(said: str) -> None:
    reference = _compiled(["cc", "-std=c11"], "log_mel.c")
    check(said == reference, "{said}, C says {reference}", said=said, reference=reference)


def _flags(*words: str, root: Path = STAGE) -> list[str]:
    return _run(["pkg-config", *words, "mojo_audio"], ".", root).split()


def _run(command: Sequence[str | Path], folder: str, root: Path = STAGE) -> str:
    env = clean_environment() | {
        "PKG_CONFIG_PATH": f"{root}/lib/pkgconfig",
        "LD_LIBRARY_PATH": f"{root}/lib",
        "GOCACHE": f"{folder}/go",
        "GO111MODULE": "off",
    }
    ended = subprocess.run(
        command, env=env, capture_output=True, text=True, check=False, timeout=300
    )
    story = (ended.stdout + ended.stderr)[-1500:]
    check(ended.returncode == 0, "{command}: {story}", command=command[0], story=story)
    return ended.stdout
