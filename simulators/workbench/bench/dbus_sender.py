"""A program on the message bus that sends as much as it can, as a process of its own.

Run as a module it is that process: `Flood` as JSON is the argument, one JSON line with what became of it is the output.
It speaks D-Bus by hand, as an ordinary library would be the slowest part of the measurement.
"""

import asyncio
import json
import os
import selectors
import socket
import struct
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Final, Literal, Self, get_args

from dbus_next.constants import MessageType
from dbus_next.message import Message
from dbus_next.signature import Variant

from vehicle_agent.message_bus.wire import ERROR, RETURN, Header, read_frame, read_header, written
from vehicle_agent.service.dbus_service import BUS_NAME, INTERFACE, OBJECT_PATH

Kind = Literal["signals", "signatures", "asks", "cancels"]

_BATCH_BYTES: Final = 8 << 10
_CHUNK_BYTES: Final = 1 << 20
_STALL_S: Final = 20.0
_SIGNATURE_BITS: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Flood:
    """``targets``: bus names it goes to in turn. ``messages``: how many in all, 0 = for ``seconds``. ``rate``: a
    second, 0 = as many as go. ``text_bytes``: of one Ask. ``slowly``: the bytes of a message come one by one."""

    address: str
    kind: Kind
    targets: tuple[str, ...] = (BUS_NAME,)
    connections: int = 1
    messages: int = 0
    seconds: float = 5.0
    rate: float = 0.0
    text_bytes: int = 10
    slowly: bool = False
    uid: int | None = None
    groups: tuple[int, ...] = ()

    @classmethod
    def of_json(cls, text: str) -> Self:
        values = json.loads(text)
        if values["kind"] not in get_args(Kind):
            raise SystemExit(f"no such flood: {values['kind']}")
        return cls(**{**values, "targets": tuple(values["targets"]), "groups": tuple(values["groups"])})


@dataclass(kw_only=True)
class FloodReport:
    """``answers``: how many of each error, "" for a proper answer. ``lost``: connections that the bus closed.
    ``waited_s``: from the first message to the last answer."""

    sent: int = 0
    seconds: float = 0.0
    answers: dict[str, int] = field(default_factory=dict)
    lost: int = 0
    waited_s: float = 0.0

    @property
    def rate(self) -> float:
        return round(self.sent / self.seconds, 1) if self.seconds else 0.0


async def flood(what: Flood) -> FloodReport:
    """Runs it in a process of its own until it is done."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "simulators.workbench.bench.dbus_sender",
        json.dumps(asdict(what)),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        output, _ = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.communicate()
        raise
    return FloodReport(**json.loads(output)) if output else FloodReport()


class RawConnection:
    """A blocking connection that was welcomed by the bus. Raises OSError."""

    def __init__(self, address: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(_STALL_S)
        self.socket.connect(address.removeprefix("unix:path=").partition(",")[0])
        self.socket.sendall(b"\0AUTH EXTERNAL " + str(os.getuid()).encode().hex().encode() + b"\r\n")
        answer = self.socket.recv(512)
        if not answer.startswith(b"OK"):
            raise ConnectionError(f"the bus does not take this program: {answer!r}")
        hello = Message(
            destination="org.freedesktop.DBus",
            path="/org/freedesktop/DBus",
            interface="org.freedesktop.DBus",
            member="Hello",
            serial=1,
        )
        self.socket.sendall(b"BEGIN\r\n" + written(hello))
        self._buffer = bytearray()
        self.serial = 1

    def next_serial(self) -> bytes:
        self.serial += 1
        return struct.pack("<I", self.serial)

    def heard(self, data: bytes) -> list[Header]:
        """Of every message that is complete with ``data``."""
        self._buffer += data
        found = []
        while len(self._buffer) >= 16:
            frame = read_frame(self._buffer)
            size = frame.header_bytes + frame.body_bytes
            if len(self._buffer) < size:
                break
            found.append(read_header(frame, bytes(self._buffer[: frame.header_bytes])))
            del self._buffer[:size]
        return found


def _ask(target: str, text_bytes: int) -> bytes:
    message = Message(
        destination=target,
        path=OBJECT_PATH,
        interface=INTERFACE,
        member="Ask",
        signature="s",
        body=["x" * text_bytes],
        serial=1,
    )
    return written(message)


def _cancel(target: str) -> bytes:
    message = Message(destination=target, path=OBJECT_PATH, interface=INTERFACE, member="Cancel", serial=1)
    return written(message)


def _signal(target: str) -> bytes:
    message = Message(
        destination=target,
        path="/org/example/Noise",
        interface="org.example.Noise",
        member="Noise",
        message_type=MessageType.SIGNAL,
        signature="v",
        body=[Variant("y", 0)],
        serial=1,
    )
    return written(message)


def _with_signature(number: int) -> bytes:
    """A variant of the ``number``-th signature: a struct of bytes and empty signatures, all zeros."""
    letters = "".join("yg"[number >> bit & 1] for bit in range(_SIGNATURE_BITS))
    signature = f"({letters})".encode()
    body = bytes((len(signature),)) + signature + b"\0"
    body += b"\0" * (-len(body) % 8)
    return body + b"\0" * sum(1 if letter == "y" else 2 for letter in letters)


def _messages(what: Flood) -> Callable[[int], bytes]:
    """The ``n``-th message; its serial is put in later."""
    match what.kind:
        case "asks":
            ready = [_ask(target, what.text_bytes) for target in what.targets]
        case "cancels":
            ready = [_cancel(target) for target in what.targets]
        case "signals":
            ready = [_signal(target) for target in what.targets]
        case "signatures":
            body_bytes = len(b"\1y\0\0")
            heads = [_signal(target)[:-body_bytes] for target in what.targets]

            def varied(n: int) -> bytes:
                body = _with_signature(n % (1 << _SIGNATURE_BITS))
                head = heads[n % len(heads)]
                return head[:4] + struct.pack("<I", len(body)) + head[8:] + body

            return varied
    return lambda n: ready[n % len(ready)]


class _Flooding:
    """One run of it; blocks."""

    def __init__(self, what: Flood) -> None:
        self._what = what
        self._make = _messages(what)
        self._waits = what.kind in {"asks", "cancels"}
        self._selector = selectors.DefaultSelector()
        self._connections = [RawConnection(what.address) for _ in range(what.connections)]
        self._going: dict[RawConnection, memoryview] = {}
        self._answers = Counter[str]()
        self._sent = 0
        self._lost = 0
        self._began_s = self._heard_s = self._sent_s = time.monotonic()
        for connection in self._connections:
            connection.socket.setblocking(False)
            self._selector.register(connection.socket, selectors.EVENT_READ | selectors.EVENT_WRITE, connection)

    def run(self) -> FloodReport:
        while self._connections and self._goes_on():
            if not self._going and not self._may_send():
                time.sleep(0.001)
            for key, mask in self._selector.select(0.01):
                try:
                    self._serve(key.data, mask)
                except BlockingIOError:
                    continue
                except OSError:
                    self._close(key.data)
        for connection in self._connections:
            connection.socket.close()
        return FloodReport(
            sent=self._sent,
            seconds=self._sent_s - self._began_s,
            answers=dict(self._answers),
            lost=self._lost,
            waited_s=max(0.0, self._heard_s - self._began_s),
        )

    def _goes_on(self) -> bool:
        elapsed_s = time.monotonic() - self._began_s
        if self._going or self._has_more():
            return elapsed_s < self._what.seconds + _STALL_S
        unanswered = self._waits and self._answers.total() < self._sent
        return unanswered and time.monotonic() - self._heard_s < _STALL_S

    def _has_more(self) -> bool:
        if self._what.messages:
            return self._sent < self._what.messages
        return time.monotonic() - self._began_s < self._what.seconds

    def _may_send(self) -> bool:
        elapsed_s = time.monotonic() - self._began_s
        return self._has_more() and (not self._what.rate or self._sent < elapsed_s * self._what.rate)

    def _serve(self, connection: RawConnection, mask: int) -> None:
        if mask & selectors.EVENT_READ:
            data = connection.socket.recv(_CHUNK_BYTES)
            if not data:
                raise ConnectionError("the bus closed the connection")
            for header in connection.heard(data):
                if header.kind in {RETURN, ERROR} and header.reply_serial > 1:
                    self._answers[header.error_name] += 1
                    self._heard_s = time.monotonic()
        if mask & selectors.EVENT_WRITE:
            if connection not in self._going and self._may_send():
                self._going[connection] = self._batch(connection)
            if connection in self._going:
                self._write(connection, self._going[connection])

    def _batch(self, connection: RawConnection) -> memoryview:
        batch = bytearray()
        while len(batch) < _BATCH_BYTES and self._may_send():
            message = self._make(self._sent)
            batch += message[:8] + connection.next_serial() + message[12:]
            self._sent += 1
        return memoryview(bytes(batch))

    def _write(self, connection: RawConnection, going: memoryview) -> None:
        sent = connection.socket.send(going[:1] if self._what.slowly else going[:_CHUNK_BYTES])
        self._sent_s = time.monotonic()
        if sent < len(going):
            self._going[connection] = going[sent:]
        else:
            del self._going[connection]

    def _close(self, connection: RawConnection) -> None:
        self._selector.unregister(connection.socket)
        connection.socket.close()
        self._going.pop(connection, None)
        self._connections.remove(connection)
        self._lost += 1


def _run(what: Flood) -> FloodReport:
    if what.uid is not None:
        os.setgroups(list(what.groups))
        os.setgid(what.uid)
        os.setuid(what.uid)
    return _Flooding(what).run()


def main() -> None:
    """The sending process."""
    try:
        report = _run(Flood.of_json(sys.argv[1]))
    except OSError as e:
        raise SystemExit(f"the flood could not begin: {e}") from e
    print(json.dumps(asdict(report)))


if __name__ == "__main__":
    main()
