"""The connection against a bus that is none, or not a good one: always an error of a known kind, never a hang."""

import asyncio
import contextlib
import logging
import socket
import struct
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from dbus_next.constants import MessageType
from dbus_next.errors import AuthError, DBusError, InvalidAddressError
from dbus_next.message import Message
from support.dbus_bytes import marshalled

from vehicle_agent.message_bus import FAILED, GuardedMessageBus, Held
from vehicle_agent.message_bus.wire import read_frame, read_header

NAME = ":1.5"
Talk = Callable[["FakeBus"], Awaitable[None]]


class FakeBus:
    """The other end of one connection. ``heard``: serial, destination and member of every message."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.serial = 0
        self.heard: list[tuple[int, str, str]] = []

    async def authenticate(self, answer: bytes = b"OK 1234\r\n") -> None:
        await self.reader.readuntil(b"\r\n")
        self.writer.write(answer)
        if answer.startswith(b"OK"):
            await self.reader.readuntil(b"BEGIN\r\n")

    async def message(self) -> Any:  # noqa: ANN401 - a Header
        fixed = await self.reader.readexactly(16)
        frame = read_frame(fixed)
        rest = await self.reader.readexactly(frame.header_bytes - 16 + frame.body_bytes)
        header = read_header(frame, fixed + rest[: frame.header_bytes - 16])
        self.heard.append((header.serial, header.destination, header.member or header.error_name))
        return header

    def say(self, message: Message, sender: str = "org.freedesktop.DBus") -> None:
        self.serial += 1
        message.serial = self.serial
        data = marshalled(message)
        frame = read_frame(data)
        fields = data[16 : 16 + frame.fields_bytes]
        fields += b"\0" * (-len(fields) % 8) + b"\7\1s\0" + struct.pack("<I", len(sender)) + sender.encode() + b"\0"
        head = data[:12] + struct.pack("<I", len(fields)) + fields + b"\0" * (-len(fields) % 8)
        self.writer.write(head + data[frame.header_bytes :])

    def answer(self, serial: int, signature: str = "", body: list[Any] | None = None, **fields: Any) -> None:  # noqa: ANN401
        sender = fields.pop("sender", "org.freedesktop.DBus")
        kind = fields.pop("message_type", MessageType.METHOD_RETURN)
        destination = fields.pop("destination", NAME)
        self.say(
            Message(
                message_type=kind,
                reply_serial=serial,
                destination=destination,
                signature=signature,
                body=body or [],
                **fields,
            ),
            sender,
        )

    async def welcome(self) -> None:
        await self.authenticate()
        self.answer((await self.message()).serial, "s", [NAME])


@contextlib.asynccontextmanager
async def fake_bus(talk: Talk) -> AsyncIterator[str]:
    """``talk`` serves each connection; then it is closed."""
    folder = tempfile.TemporaryDirectory(prefix="va-bus-", dir="/tmp")

    serving: set[asyncio.Task[Any]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.add(asyncio.current_task())  # type: ignore[arg-type]
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                await talk(FakeBus(reader, writer))
                await writer.drain()
        except asyncio.CancelledError:
            pass
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    with folder as name:
        server = await asyncio.start_unix_server(serve, Path(name) / "bus")
        async with server:
            try:
                yield f"unix:path={name}/bus"
            finally:
                for task in serving:
                    task.cancel()
                await asyncio.gather(*serving, return_exceptions=True)


async def connect(address: str) -> GuardedMessageBus:
    async with asyncio.timeout(5):
        return await GuardedMessageBus(address).connect()


async def _stay(bus: FakeBus) -> None:
    await bus.welcome()
    await bus.reader.read()


async def test_it_connects() -> None:
    async with fake_bus(_stay) as address:
        bus = await connect(address)
        assert bus.unique_name == NAME
        assert bus.connected
        bus.abort()
        assert not bus.connected


async def _close(_bus: FakeBus) -> None:
    pass


async def _reject(bus: FakeBus) -> None:
    await bus.authenticate(b"REJECTED EXTERNAL\r\n")


async def _unknown_answer(bus: FakeBus) -> None:
    await bus.authenticate(b"HELLO \xff\r\n")


async def _endless_line(bus: FakeBus) -> None:
    await bus.authenticate(b"OK " + b"x" * 5000)


async def _close_after_auth(bus: FakeBus) -> None:
    await bus.authenticate()
    await bus.message()


async def _close_within_a_line(bus: FakeBus) -> None:
    await bus.authenticate(b"O")


async def _hello_refused(bus: FakeBus) -> None:
    await bus.authenticate()
    error = {"message_type": MessageType.ERROR, "error_name": "org.freedesktop.DBus.Error.LimitsExceeded"}
    bus.answer((await bus.message()).serial, "s", ["too many connections"], **error)
    await bus.reader.read()


async def _no_name(bus: FakeBus) -> None:
    await bus.authenticate()
    bus.answer((await bus.message()).serial, "s", ["nobody"])
    await bus.reader.read()


async def _garbage_with_the_welcome(bus: FakeBus) -> None:
    write = bus.writer.write
    bus.writer.write = lambda data: write(bytes(data) + bytes(range(256)) if NAME.encode() in data else data)  # type: ignore[method-assign]
    await bus.welcome()
    await bus.reader.read()


async def _no_dbus(bus: FakeBus) -> None:
    await bus.authenticate()
    bus.writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    await bus.reader.read()


@pytest.mark.parametrize(
    "talk",
    [
        *(_close, _close_within_a_line, _close_after_auth, _endless_line, _reject, _unknown_answer, _hello_refused),
        *(_no_name, _no_dbus, _garbage_with_the_welcome),
    ],
    ids=lambda talk: talk.__name__.strip("_"),
)
async def test_a_bus_that_is_none(talk: Talk) -> None:
    async with fake_bus(talk) as address:
        with pytest.raises((OSError, EOFError, AuthError)) as e:
            await connect(address)
        assert not isinstance(e.value, TimeoutError), "it hung"


async def test_a_bus_that_says_nothing_can_be_given_up() -> None:
    async def silent(bus: FakeBus) -> None:
        await bus.reader.read()

    async with fake_bus(silent) as address:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await GuardedMessageBus(address).connect()


def test_a_bus_that_takes_no_connections_does_not_block(tmp_path: Path) -> None:
    """As one that was stopped: its queue of those who would connect is full."""
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(str(tmp_path / "bus"))
    listening.listen(0)
    first = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    first.connect(str(tmp_path / "bus"))

    async def attempt() -> None:
        async with asyncio.timeout(1):
            await GuardedMessageBus(f"unix:path={tmp_path}/bus").connect()

    began_s = time.monotonic()
    with pytest.raises(OSError):  # noqa: PT011 - which one is the kernel's business
        asyncio.run(attempt())
    assert time.monotonic() - began_s < 10
    first.close()
    listening.close()


@pytest.mark.parametrize("address", ["unix:tmpdir=/tmp", "nonce-tcp:host=x", "launchd:env=X"])
async def test_addresses_of_an_unknown_kind(address: str) -> None:
    with pytest.raises(InvalidAddressError):
        GuardedMessageBus(address)


async def test_the_next_address_is_tried() -> None:
    async with fake_bus(_stay) as address:
        bus = await connect(f"unix:path=/nowhere/bus;{address}")
        assert bus.connected
        bus.abort()


async def test_the_end_is_told_once() -> None:
    async def leave(bus: FakeBus) -> None:
        await bus.welcome()

    async with fake_bus(leave) as address:
        bus = await connect(address)
        lost = []
        bus.on_lost = lambda: lost.append(1)
        await asyncio.sleep(0.1)
        assert not bus.connected
        bus.abort()
        bus._finalize(None)
        assert lost == [1]


async def test_what_ends_late_leaves_a_new_connection_with_the_same_descriptor_alone() -> None:
    async with fake_bus(_stay) as address:
        old = await connect(address)
        fd = old._fd
        old.abort()
        new = await connect(address)
        assert new._fd == fd
        with pytest.raises(ConnectionError):
            await old.send(Message.new_signal("/a", "a.b", "C"))
        with pytest.raises(BlockingIOError):
            old.send_now(Message.new_signal("/a", "a.b", "C"))
        old._finalize(None)
        old._out.write_callback()
        assert asyncio.get_running_loop()._selector.get_key(fd).data[0] is not None  # type: ignore[attr-defined]
        new.abort()


async def test_garbage_from_the_bus_ends_the_connection(caplog: pytest.LogCaptureFixture) -> None:
    go = asyncio.Event()

    async def garbage(bus: FakeBus) -> None:
        await bus.welcome()
        await go.wait()
        bus.writer.write(bytes(range(256)))
        await bus.reader.read()

    async with fake_bus(garbage) as address:
        bus = await connect(address)
        lost = asyncio.Event()
        bus.on_lost = lost.set
        go.set()
        async with asyncio.timeout(5):
            await lost.wait()
        with pytest.raises(ConnectionError):
            await bus.request_name("org.a.b")
    assert "Traceback" not in caplog.text
    assert [r.levelno for r in caplog.records] == [logging.WARNING]


def ask(destination: str = "org.a.b") -> Message:
    return Message(destination=destination, path="/a", interface="a.b", member="C")


ANSWERS: dict[str, tuple[str, dict[str, Any], bool]] = {
    "of a service": ("org.a.b", {"sender": ":1.9"}, True),
    "of the very connection": (":1.9", {"sender": ":1.9"}, True),
    "of the bus, an error in its stead": (
        "org.a.b",
        {"message_type": MessageType.ERROR, "error_name": "org.freedesktop.DBus.Error.NoReply"},
        True,
    ),
    "of another than the one asked": (":1.9", {"sender": ":1.10"}, False),
    "of the bus, as if it were the service": ("org.a.b", {}, False),
    "of somebody as if he were the bus": ("org.freedesktop.DBus", {"sender": ":1.10"}, False),
    "to somebody else": ("org.a.b", {"sender": ":1.9", "destination": ":1.77"}, False),
}


@pytest.mark.parametrize("name", ANSWERS)
async def test_answers(name: str) -> None:
    to, fields, taken = ANSWERS[name]

    async def serve(bus: FakeBus) -> None:
        await bus.welcome()
        serial = (await bus.message()).serial
        bus.answer(serial + 1, "s", ["to nothing"], sender=":1.9")
        bus.answer(serial, **fields)
        await bus.reader.read()

    async with fake_bus(serve) as address:
        bus = await connect(address)
        waiting = asyncio.create_task(bus.call(ask(to)))
        done, _ = await asyncio.wait([waiting], timeout=5 if taken else 0.2)
        assert bool(done) == taken
        assert bus.connected
        bus.abort()
        with contextlib.suppress(Exception):
            await waiting


async def test_an_answer_that_is_no_message_is_an_error_for_whoever_waits(caplog: pytest.LogCaptureFixture) -> None:
    async def serve(bus: FakeBus) -> None:
        await bus.welcome()
        bus.answer((await bus.message()).serial, "s", ["\x01"], sender=":1.9")
        await bus.writer.drain()
        await bus.reader.read()

    async def spoilt(bus: FakeBus) -> None:
        write = bus.writer.write
        bus.writer.write = lambda data: write(bytes(data[:-2]) + b"\xff\0" if data[-2:] == b"\x01\0" else data)  # type: ignore[method-assign]
        await serve(bus)

    async with fake_bus(spoilt) as address:
        bus = await connect(address)
        async with asyncio.timeout(5):
            reply = await bus.call(ask())
        assert reply is not None
        assert (reply.message_type, reply.error_name) == (MessageType.ERROR, FAILED)
        assert "UTF-8" in reply.body[0]
        assert bus.connected
        bus.abort()
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(("mib", "taken"), [(1, True), (7, True), (9, False)])
async def test_large_answers(mib: int, taken: bool) -> None:
    async def serve(bus: FakeBus) -> None:
        await bus.welcome()
        bus.answer((await bus.message()).serial, "s", ["x" * (mib << 20)], sender=":1.9")
        await bus.writer.drain()
        await bus.reader.read()

    async with fake_bus(serve) as address:
        bus = await connect(address)
        async with asyncio.timeout(20):
            reply = await bus.call(ask())
        assert reply is not None
        assert (reply.message_type is MessageType.METHOD_RETURN) == taken
        assert bus.held == Held(awaited=0, incoming_bytes=0, outgoing_bytes=0)
        bus.abort()


async def test_a_full_socket_is_no_broken_one() -> None:
    """dbus-next gives the connection up when the bus reads slowly."""
    go = asyncio.Event()

    async def slow(bus: FakeBus) -> None:
        await bus.welcome()
        await go.wait()
        for _ in range(150):
            await bus.message()
        bus.writer.write(b"x" * 16)
        await bus.reader.read()

    async with fake_bus(slow) as address:
        bus = await connect(address)
        lost = asyncio.Event()
        bus.on_lost = lost.set
        for _ in range(150):
            bus.send(Message.new_signal("/a", "a.b", "C", "s", ["x" * 5000])).cancel()
        await asyncio.sleep(0.1)
        assert bus.connected
        assert bus.held.outgoing_bytes > 0
        with pytest.raises(BlockingIOError):
            bus.send_now(ask())
        go.set()
        async with asyncio.timeout(10):
            await lost.wait()  # all 150 came, then the x that is no D-Bus


async def test_signals_are_dropped_while_the_bus_takes_nothing() -> None:
    async def stuck(bus: FakeBus) -> None:
        await bus.welcome()
        await asyncio.sleep(60)

    async with fake_bus(stuck) as address:
        bus = await connect(address)
        for _ in range(5000):
            bus.send(Message.new_signal("/a", "a.b", "C", "s", ["x" * 5000]))
        assert bus.held.outgoing_bytes < 2 << 20
        bus.abort()


async def test_a_call_is_waited_for_until_it_is_forgotten() -> None:
    async with fake_bus(_stay) as address:
        bus = await connect(address)
        calls = [ask() for _ in range(3000)]
        for call in calls:
            bus.send(call)
        assert bus.held.awaited == 1000
        bus.forget(calls[0].serial)  # nobody has waited for it for long
        assert bus.held.awaited == 1000
        bus.forget(calls[-1].serial)
        assert bus.held.awaited == 999
        bus.abort()


async def test_serials_begin_again_after_32_bits() -> None:
    async with fake_bus(_stay) as address:
        bus = await connect(address)
        bus._serial = 0xFFFFFFFE
        assert [bus.next_serial() for _ in range(3)] == [0xFFFFFFFF, 1, 2]
        bus.abort()


async def test_asking_the_bus_for_a_name_it_refuses() -> None:
    async def serve(bus: FakeBus) -> None:
        await bus.welcome()
        error = {"message_type": MessageType.ERROR, "error_name": "org.freedesktop.DBus.Error.AccessDenied"}
        bus.answer((await bus.message()).serial, "s", ["not you"], **error)
        await bus.reader.read()

    async with fake_bus(serve) as address:
        bus = await connect(address)
        with pytest.raises(DBusError, match="not you"):
            await bus.request_name("org.a.b")
        bus.abort()
