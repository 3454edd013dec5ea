# SPDX-License-Identifier: MIT
"""Loads what was compiled."""

from __future__ import annotations

import importlib.util
from importlib.machinery import ExtensionFileLoader
from types import ModuleType
from typing import Any, Sequence

from . import _build
from ._errors import CompileError


class Module:
    """Compiled functions by their names; `lib` and `ffi` are cffi's view of the same.

    Functions   take arrays in place, without copies; docs/ops.md says what is checked
    """

    __file__: str
    __name__: str

    def __init__(self, path: str, name: str) -> None:
        self.__file__ = path
        self.__name__ = name
        calls = _load(f"call_{name}", path)
        names = [each for each in vars(calls) if not each.startswith("__")]
        for each in names:
            self.__dict__[each] = getattr(calls, each)
        self.__all__ = names

    def __getattr__(self, attribute: str) -> Any:
        # Seldom wanted, and cffi's own run-time takes longer to be read than all of ours.
        if attribute in ("lib", "ffi"):
            raw = _load(f"raw_{self.__name__}", self.__file__)
            self.__dict__.setdefault("lib", raw.lib)
            self.__dict__.setdefault("ffi", raw.ffi)
            return self.__dict__[attribute]
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        raise AttributeError(
            f"no function {attribute} is declared here; there are {', '.join(self.__all__)}"
        )

    def __repr__(self) -> str:
        return f"<compiled operations {', '.join(self.__all__)} of {self.__file__}>"


_loaded: dict[str, Module] = {}


def module_of(
    kind: str, texts: Sequence[str], flags: Sequence[str], what: str, write: _build.Write
) -> Module:
    """The module of these texts; one per process, however often it is asked for.

    Errors   as _cache.obtain
    """
    key = _build.key_of(kind, texts, flags)
    found = _loaded.get(key)
    if found is None:
        entry = _build.build_module(key, what, write, flags)
        try:
            found = Module(entry.path, key[:12])
        except ImportError as error:
            if not entry.was_there:
                raise CompileError(f"{what} compiles, but cannot be loaded: {error}") from error
            # A library that it needs is gone, say: the compiler will tell, or find the new one.
            entry = _build.build_module(key, what, write, flags, anew=True)
            found = Module(entry.path, key[:12])
        found = _loaded.setdefault(key, found)
    return found


def _load(name: str, path: str) -> ModuleType:
    loader = ExtensionFileLoader(name, path)
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module
