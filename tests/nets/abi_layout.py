# SPDX-License-Identifier: MIT
"""Every field of wine/abi.h lies at the same place for the three compilers of the two halves."""

import re
import subprocess
import tempfile
from pathlib import Path

from rig.case import Rig, check
from rig.places import ROOT

COMPILERS = ("g++", "x86_64-w64-mingw32-g++", "i686-w64-mingw32-g++")
HEADER = ROOT / "wine/abi.h"


def the_three_compilers_agree_on_every_field(rig: Rig) -> None:
    fields = _fields(HEADER.read_text())
    check(len(fields) >= 60, "only {n} fields found", n=len(fields))
    differences = _differences(HEADER.read_text())
    check(not differences, "{found}", found="; ".join(differences))


def every_call_has_its_params(rig: Rig) -> None:
    text = HEADER.read_text()
    body = re.search(r"enum class Call.*?\{(.*?)\n\};", text, re.DOTALL)
    assert body is not None
    calls = re.findall(r"^    (\w+) = \d+", body[1], re.MULTILINE)
    shared = {"close_events": "CloseParams"}
    for call in calls[:-1]:
        name = shared.get(call, "".join(word.title() for word in call.split("_")) + "Params")
        check(f"struct {name} {{" in text, "{call} has no {name}", call=call, name=name)
    check(calls[-1] == "count", "the last call is {call}", call=calls[-1])


def a_field_of_a_type_that_differs_is_noticed(rig: Rig) -> None:
    planted = HEADER.read_text().replace("std::uint32_t bytes;", "unsigned long bytes;")
    check(planted != HEADER.read_text(), "nothing was planted")
    found = _differences(planted)
    check(any("LogParams" in line for line in found), "not noticed: {found}", found=found)


def _fields(text: str) -> list[tuple[str, str]]:
    """(struct, field) of all structs."""
    return [
        (struct, field)
        for struct, body in re.findall(r"^struct (\w+) \{\n(.*?)^\};", text, re.M | re.S)
        for field in re.findall(r"^    [\w:]+(?: \w+)? (\w+)(?:\[\w+\])?;", body, re.M)
    ]


def _differences(header: str) -> list[str]:
    """Where a compiler's layout differs from the first one's."""
    fields = _fields(header)
    names = [f"{struct}::{field}" for struct, field in fields]
    offsets = [f"offsetof({struct}, {field})" for struct, field in fields]
    for struct in dict.fromkeys(struct for struct, _ in fields):
        names.append(f"sizeof({struct})")
        offsets.append(f"sizeof({struct})")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # Without its own assertions, which would end the comparison at the first difference.
        assertions = re.compile(r"^(static_assert|ASIOWIRE_ABI_AT)\(.*?;\n", re.M | re.S)
        (folder / "abi.h").write_text(assertions.sub("", header))
        source = folder / "layout.cpp"
        source.write_text(
            '#include "abi.h"\nusing namespace asiowire::abi;\n'
            "extern const unsigned layout[];\n"
            f"const unsigned layout[] = {{{', '.join(offsets)}}};\n"
        )
        layouts = {compiler: _constants(compiler, source, len(names)) for compiler in COMPILERS}
    first = layouts[COMPILERS[0]]
    return [
        f"{what}: {first[i]} for {COMPILERS[0]}, {layout[i]} for {compiler}"
        for compiler, layout in layouts.items()
        for i, what in enumerate(names)
        if layout[i] != first[i]
    ]


def _constants(compiler: str, source: Path, count: int) -> list[int]:
    """The table as the compiler wrote it into its assembly: nothing needs to run."""
    ended = subprocess.run(
        [compiler, "-std=c++23", "-S", "-o", "-", str(source)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    check(ended.returncode == 0, "{compiler}: {err}", compiler=compiler, err=ended.stderr[-800:])
    table = ended.stdout.partition("layout:")[2]
    found = [int(value) for value in re.findall(r"^\s+\.long\s+(\d+)$", table, re.MULTILINE)]
    zeros = re.search(r"^\s+\.(?:zero|space)\s+\d+", table, re.MULTILINE)
    check(len(found) == count and not zeros, "{n} constants read", n=len(found))
    return found
