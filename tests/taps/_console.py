# SPDX-License-Identifier: MIT
"""An X32 on loopback, as far as names and routing go: it answers, remembers its listeners for ten
seconds and tells them what changes. It can also be silent, slow, forgetful, and lie.

OSC is written and read by hand, after the OSC 1.0 specification: no library of the product's."""

import random
import select
import socket
import struct
import threading
import time
from typing import Callable, Iterable

Value = int | str | bytes
Address = tuple[str, int]

FORGETS_AFTER = 10.0
STRIPS = (
    [f"ch/{i:02}" for i in range(1, 33)]
    + [f"auxin/{i:02}" for i in range(1, 9)]
    + [f"fxrtn/{i:02}" for i in range(1, 9)]
    + [f"bus/{i:02}" for i in range(1, 17)]
    + [f"mtx/{i:02}" for i in range(1, 7)]
    + ["main/st", "main/m"]
)


def _eights(word: str, count: int) -> list[str]:
    return [f"{word}{8 * i + 1}-{8 * i + 8}" for i in range(count)]


# As the protocol's document lists them (docs/x32.md): a number is a place in the list.
INPUT_BLOCKS = _eights("AN", 4) + _eights("A", 6) + _eights("B", 6) + _eights("CARD", 4)
CARD_BLOCKS = (
    INPUT_BLOCKS
    + ["OUT1-8", "OUT9-16", "P161-8", "P169-16", "AUX1-6/Mon", "AuxIN1-6/TB"]
    + _eights("UOUT", 6)
    + _eights("UIN", 4)
)
IN_BLOCKS = INPUT_BLOCKS + _eights("UIN", 4)
AUX_BLOCKS = ["AUX1-4", "AN1-2", "AN1-4", "AN1-6", "A1-2", "A1-4", "A1-6", "B1-2", "B1-4", "B1-6"]
AUX_BLOCKS += ["CARD1-2", "CARD1-4", "CARD1-6", "UIN1-2", "UIN1-4", "UIN1-6"]
COLOURS = ["OFF", "RD", "GN", "YE", "BL", "MG", "CY", "WH"]
COLOURS += [f"{colour}i" for colour in COLOURS]


def message(address: str, *values: Value) -> bytes:
    """A packet: address, type tags, arguments, each padded to four bytes."""
    tags = "," + "".join("i" if isinstance(value, int) else "s" for value in values)
    packet = _padded(address.encode()) + _padded(tags.encode())
    for value in values:
        if isinstance(value, int):
            packet += struct.pack(">i", value)
        else:
            packet += _padded(value.encode() if isinstance(value, str) else value)
    return packet


def _padded(text: bytes) -> bytes:
    return text + b"\0" * (4 - len(text) % 4)


def question(packet: bytes) -> str:
    """The address of a message without arguments; anything else is no question."""
    address, _, rest = packet.partition(b"\0")
    if packet != _padded(address) + b",\0\0\0" or not address.startswith(b"/"):
        raise ValueError(f"no question: {packet!r} {rest!r}")
    return address.decode("ascii")


class Console:
    """Runs in a thread of its own until the end of its `with`."""

    def __init__(self, model: str = "X32RACK", silent: bool = False) -> None:
        self.values: dict[str, Value] = {}
        self.model = model
        self.silent = silent
        self.delay: Callable[[str], float] = lambda address: 0.0
        self.answers: Callable[[str], bool] = lambda address: True
        self.lies: Callable[[str], Iterable[bytes]] = lambda address: ()
        self.asked: list[tuple[float, str]] = []
        self.broken: list[str] = []  # what came that is no question
        self._listeners: dict[Address, float] = {}
        self._late: list[tuple[float, bytes, Address]] = []
        self._lock = threading.Lock()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._stop, self._stopped = socket.socketpair()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.port: int = self._socket.getsockname()[1]
        self.client: Address | None = None
        self._as_from_the_factory()

    def _as_from_the_factory(self) -> None:
        for strip in STRIPS:
            self.values[f"/{strip}/config/name"] = ""
            self.values[f"/{strip}/config/color"] = 7
        for i in range(1, 33):
            self.values[f"/ch/{i:02}/config/source"] = i
            self.values[f"/config/userrout/in/{i:02}"] = i
        for i in range(1, 9):
            self.values[f"/auxin/{i:02}/config/source"] = 32 + i
        for i in range(1, 49):
            self.values[f"/config/userrout/out/{i:02}"] = 0
        for i, block in enumerate(("1-8", "9-16", "17-24", "25-32")):
            self.values[f"/config/routing/CARD/{block}"] = i
            self.values[f"/config/routing/IN/{block}"] = i
        self.values["/config/routing/IN/AUX"] = 0
        for bank, count in (("main", 16), ("p16", 16), ("aux", 6)):
            for i in range(1, count + 1):
                self.values[f"/outputs/{bank}/{i:02}/src"] = 0

    def __enter__(self) -> "Console":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.close()
        self._thread.join()
        self._stopped.close()
        self._socket.close()

    @property
    def place(self) -> str:
        """Where it is, for the command line."""
        return f"127.0.0.1:{self.port}"

    def change(self, *changes: tuple[str, Value]) -> None:
        """Something is done at the desk: every listener hears of it."""
        with self._lock:
            for address, value in changes:
                self.values[address] = value
                for listener, since in self._listeners.items():
                    if not self.silent and time.monotonic() < since + FORGETS_AFTER:
                        self._send(message(address, value), listener)

    def send(self, packet: bytes) -> None:
        """To whoever asked last, from the console's own port."""
        assert self.client is not None
        self._send(packet, self.client)

    def times_of(self, address: str) -> list[float]:
        """When it was asked for."""
        with self._lock:
            return [when for when, what in self.asked if what == address]

    def _run(self) -> None:
        while True:
            wait = max(0.0, min((t for t, _, _ in self._late), default=1e9) - time.monotonic())
            ready, _, _ = select.select([self._socket, self._stopped], [], [], min(wait, 1.0))
            if self._stopped in ready:
                return
            if self._socket in ready:
                packet, sender = self._socket.recvfrom(4096)
                with self._lock:
                    self._hear(packet, sender)
            now = time.monotonic()
            for late in [late for late in self._late if late[0] <= now]:
                self._late.remove(late)
                self._send(late[1], late[2])

    def _hear(self, packet: bytes, sender: Address) -> None:
        try:
            address = question(packet)
        except (ValueError, UnicodeDecodeError) as error:
            self.broken.append(str(error))
            return
        now = time.monotonic()
        self.asked.append((now, address))
        self.client = sender
        if self.silent or not self.answers(address):
            return
        for lie in self.lies(address):
            self._send(lie, sender)
        if address == "/xremote":
            self._listeners[sender] = now
        elif (answer := self._answer(address)) is not None:
            self._late.append((now + self.delay(address), answer, sender))

    def _answer(self, address: str) -> bytes | None:
        if address == "/info":
            return message(address, "V2.07", "osc-server", self.model, "4.06")
        if address == "/xinfo":
            return message(address, "127.0.0.1", "X32-02-4A-53", self.model, "4.06")
        if address == "/status":
            return message(address, "active", "127.0.0.1", "osc-server")
        if address in self.values:
            return message(address, self.values[address])
        return None

    def _send(self, packet: bytes, to: Address) -> None:
        self._socket.sendto(packet, to)


def named(console: Console, seed: int = 32) -> dict[str, str]:
    """Gives every strip a name and a colour of its own; returns the names by strip."""
    dice = random.Random(seed)
    names = {}
    for strip in STRIPS:
        word = "".join(dice.choices("abcdefghijklmnopqrstuvwxyz", k=dice.randint(1, 5)))
        names[strip] = f"{word} {strip[-2:]}{strip[0]}"
        console.values[f"/{strip}/config/name"] = names[strip]
        console.values[f"/{strip}/config/color"] = dice.randrange(16)
    return names
