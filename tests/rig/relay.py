# SPDX-License-Identifier: MIT
"""A line between a client and a daemon that falls silent in the middle of a conversation.

What the client says always passes; what the daemon says, until it has answered so many times. It
carries what is said while a driver opens: words, and no file descriptors.
"""

import selectors
import socket
import struct
import tempfile
import threading
import time
from pathlib import Path

from .places import ScratchFolder

# PipeWire's native protocol: object, opcode << 24 | size, sequence, descriptors; then the body.
_HEADER = struct.Struct("<IIII")
_CORE, _DONE = 0, 1  # the core's second event answers a round trip (pipewire/core.h)


class Relay:
    """A daemon's socket under another name, for one client; a context manager.

    `answers`: how many of its round trips the client gets answered.
    """

    def __init__(self, daemon: Path, answers: int) -> None:
        self._folder = ScratchFolder(Path(tempfile.gettempdir()), "asiowire-relay")
        self._left = answers
        self._said = b""  # by the daemon, and not passed on yet
        self._silent_since: float | None = None
        self._ended = threading.Event()
        self._daemon = socket.socket(socket.AF_UNIX)
        self._daemon.connect(str(daemon))
        self._door = socket.socket(socket.AF_UNIX)
        self._door.bind(str(self.path))
        self._door.listen(1)
        self._door.settimeout(0.1)
        self._worker = threading.Thread(target=self._serve)

    @property
    def path(self) -> Path:
        """The socket that PIPEWIRE_REMOTE may name."""
        return self._folder.path / "pipewire-0"

    @property
    def silence(self) -> float | None:
        """For how long it has been silent, in seconds; None when it is not."""
        since = self._silent_since
        return None if since is None else time.monotonic() - since

    def __enter__(self) -> "Relay":
        self._worker.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._worker.join()
        self._daemon.close()
        self._door.close()
        self._folder.remove()

    def _serve(self) -> None:
        while not self._ended.is_set():
            try:
                client, _ = self._door.accept()
            except TimeoutError:
                continue
            with client:
                self._carry(client)
            return

    def _carry(self, client: socket.socket) -> None:
        with selectors.DefaultSelector() as both:
            both.register(client, selectors.EVENT_READ)
            both.register(self._daemon, selectors.EVENT_READ)
            while not self._ended.is_set():
                for key, _ in both.select(0.1):
                    if key.fileobj is client:
                        words = client.recv(65536)
                        self._daemon.sendall(words)
                    else:
                        words = self._daemon.recv(65536)
                        self._said += words
                        client.sendall(self._allowed())
                    if not words:
                        return

    def _allowed(self) -> bytes:
        """Takes the whole messages that may pass."""
        end = 0
        while self._silent_since is None and len(self._said) >= end + _HEADER.size:
            target, code, _, _ = _HEADER.unpack_from(self._said, end)
            is_answer = target == _CORE and code >> 24 == _DONE
            after = end + _HEADER.size + (code & 0xFFFFFF)
            if is_answer and self._left == 0:
                self._silent_since = time.monotonic()
            elif len(self._said) < after:
                break
            else:
                self._left -= is_answer
                end = after
        passed, self._said = self._said[:end], self._said[end:]
        return passed
