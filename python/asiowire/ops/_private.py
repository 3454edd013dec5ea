# SPDX-License-Identifier: MIT
"""Looks whether others could have written what is about to be compiled or loaded.

Others are all users but us and root. A folder with the sticky bit, such as /tmp, is no hole as long
as what lies in it is ours: nobody else can exchange that.
"""

from __future__ import annotations

import os
import stat

from ._errors import NotPrivateError

_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def check_folder_is_ours_alone(folder: str) -> None:
    """A cache's folder: ours, mode 0700, no link, and nobody can exchange it."""
    found = os.lstat(folder)
    if not stat.S_ISDIR(found.st_mode):
        raise NotPrivateError(f"{folder} must be a folder, not a link or a file")
    if found.st_uid != os.geteuid():
        raise NotPrivateError(f"{folder} belongs to user {found.st_uid}, not to us")
    if found.st_mode & 0o077:
        raise NotPrivateError(
            f"{folder} is open to others (mode {stat.S_IMODE(found.st_mode):04o}) and holds code "
            f"that would be run; remove it, it will be made anew with mode 0700"
        )
    check_parents(folder)


def check_parents(path: str) -> None:
    """No folder above `path`, the folders' links resolved, lets others exchange what lies in it."""
    path = os.path.abspath(path)
    path = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
    inner = os.lstat(path)
    while (parent := os.path.dirname(path)) != path:
        found = os.lstat(parent)
        _check_owner(parent, found)
        if found.st_mode & _OTHERS_WRITE and not (
            found.st_mode & stat.S_ISVTX and inner.st_uid in (os.geteuid(), 0)
        ):
            raise NotPrivateError(
                f"{parent} can be written by others (mode {stat.S_IMODE(found.st_mode):04o}), so "
                f"they could exchange {path}; chmod go-w {parent}"
            )
        path, inner = parent, found


def check_status(name: str, found: os.stat_result) -> None:
    """An open file is a plain one that only we and root can write."""
    if not stat.S_ISREG(found.st_mode):
        raise NotPrivateError(f"{name} is no plain file")
    _check_owner(name, found)
    if found.st_mode & _OTHERS_WRITE:
        raise NotPrivateError(
            f"{name} can be written by others (mode {stat.S_IMODE(found.st_mode):04o}); "
            f"chmod go-w {name}"
        )


def read_private(path: str) -> bytes:
    """The bytes of a file that nobody else can write or exchange, read once and never again.

    Errors   NotPrivateError; OSError when it cannot be read
    """
    # Not blocking: a named pipe would be waited for before it can be refused.
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    with open(handle, "rb") as file:
        check_status(path, os.fstat(handle))
        check_parents(path)
        check_parents(os.path.realpath(path))  # where a link leads to
        return file.read()


def _check_owner(name: str, found: os.stat_result) -> None:
    if found.st_uid not in (os.geteuid(), 0):
        raise NotPrivateError(f"{name} belongs to user {found.st_uid}, neither to us nor to root")
