"""The stream of a message bus: whatever bytes, whatever pieces they come in.

The connection has no socket here: bytes are put where it reads, and what it would write is kept.
"""

import asyncio
import contextlib
import struct
from collections.abc import Hashable, Iterator
from typing import Any

from dbus_next.constants import MessageType
from dbus_next.message import Message
from dbus_next.service import ServiceInterface, method
from dbus_next.signature import Variant
from support.dbus_bytes import forgotten_signatures, kept_signatures, marshalled, read_values, unmarshalled

from fuzz.parts.world import loop
from fuzz.target import Target
from vehicle_agent.message_bus import INVALID, TOO_LONG, GuardedMessageBus, wire
from vehicle_agent.message_bus.intake import MAX_HEADER_BYTES, Parcel
from vehicle_agent.message_bus.malformed import Malformed, NotDBus
from vehicle_agent.message_bus.wire import Header
from vehicle_agent.service.dbus_service import _exported

_NAME = ":1.5"
_AWAITED = {3: "org.freedesktop.DBus", 4: "org.a.b", 5: ":1.9"}
_ERRORS = {INVALID, TOO_LONG}  # no defect
_OUR_OWN = (
    set("sogvu")
    | {"", "a{sv}", "oa{sa{sv}}", "a{oa{sa{sv}}}", "yyyyuua(yv)", "sa{ss}", "oas", "a{ss}"}
    | {
        *("ss", "as", "ssv", "sa{sv}as", "a{sa{sv}}"),  # what every object is described with
    }
)


class _Service(ServiceInterface):
    def __init__(self) -> None:
        super().__init__("a.b")

    @_exported(method, text="s", result="s")
    def Ask(self, text: str) -> str:  # noqa: N802 - D-Bus names
        return text

    @_exported(method, name="s", arguments="a{ss}", result="s")
    def Call(self, name: str, arguments: dict[str, str]) -> str:  # noqa: N802 - D-Bus names
        return name + "".join(sorted(arguments))

    @_exported(method, value="v", result="s")
    def Any(self, value: Variant) -> str:  # noqa: N802 - D-Bus names
        return value.signature


class _Out:
    """What would be written."""

    queued_bytes = 0
    is_idle = False

    def __init__(self) -> None:
        self.said: list[bytes] = []

    def put(self, data: bytes, _future: Any = None) -> None:  # noqa: ANN401
        self.said.append(data)

    def buffer_message(self, message: Message, _future: Any = None) -> None:  # noqa: ANN401
        self.said.append(marshalled(message))

    def begin(self) -> None:
        pass


class _Bus(GuardedMessageBus):
    def __init__(self) -> None:
        super().__init__("unix:path=/nowhere")
        self.unique_name = _NAME  # type: ignore[assignment]  # dbus-next declares it as None
        self.out = _Out()
        self._out = self.out  # type: ignore[assignment]
        self.service = _Service()
        self.export("/a", self.service)
        self.out.said.clear()
        self._awaited = dict(_AWAITED)
        self.wanted: list[tuple[Header, bytes]] = []
        self.heard: list[Message] = []

    def listen(self, data: bytes, piece: int) -> str:
        """How it ended."""
        try:
            for at in range(0, len(data), piece):
                self._intake.feed(memoryview(data)[at : at + piece])
                while (taken := self._intake.take()) is not None:
                    if isinstance(taken, Parcel):
                        self.wanted.append((taken.header, taken.body))
                        self._deliver(taken)
                assert self._intake.kept_bytes <= MAX_HEADER_BYTES + (8 << 20), "it keeps too much"
        except NotDBus:
            return "no D-Bus"
        return "left over" if self._intake.kept_bytes else "read"

    def _note_malformed(self, error: Malformed) -> None:
        assert str(error).isprintable()

    def _on_message(self, msg: Message) -> None:
        self.heard.append(msg)
        self._process_message(msg)  # without the net: a defect is a finding


def run(data: bytes) -> Hashable:
    before = kept_signatures()
    ends = [loop().run_until_complete(_listen(data, piece)) for piece in (1 if len(data) < 600 else 97, 1 << 20)]
    assert all(end == ends[0] for end in ends), "the pieces decide what is heard"
    assert kept_signatures() - before <= _OUR_OWN, "a signature of others is kept for ever"
    return ends[0][:2]


async def _listen(data: bytes, piece: int) -> tuple[str, tuple[str, ...], str, tuple[bytes, ...]]:
    bus = _Bus()
    end = bus.listen(data, piece)
    for message in bus.heard:
        _is_as_told(message, bus.wanted)
    callers = {header.sender for header, _ in bus.wanted}
    for said in bus.out.said:
        _check_answer(said, callers)
    kinds = tuple(sorted({message.message_type.name for message in bus.heard}))
    await asyncio.sleep(0)
    return end, kinds, repr([vars(m) | {"signature_tree": None} for m in bus.heard]), tuple(bus.out.said)


def _is_as_told(message: Message, wanted: list[tuple[Header, bytes]]) -> None:
    """dbus-next, which is more lenient, reads the same from the same bytes."""
    for header, body in wanted:
        if header.serial == message.serial and header.kind == message.message_type.value:
            with contextlib.suppress(Malformed):
                if repr(wire.read_message(header, body, max_values=100_000).body) == repr(message.body):
                    break
    else:
        assert message.message_type is MessageType.ERROR, "a message out of nothing"
        return
    with forgotten_signatures():
        values = read_values(body, message.signature, header.endian)
    assert repr(values) == repr(message.body), "dbus-next reads something else"


def _check_answer(said: bytes, callers: set[str]) -> None:
    with forgotten_signatures():
        answer = unmarshalled(said)
    assert answer.reply_serial, "an answer to nothing"
    assert answer.destination, "an answer to nobody"
    if answer.message_type is MessageType.METHOD_RETURN:
        assert answer.destination in callers, "an answer to somebody else"
    else:
        assert answer.message_type is MessageType.ERROR
        known = answer.error_name in _ERRORS or answer.error_name.startswith("org.freedesktop.DBus.Error.")
        assert known, "an error that no page names"
        (text,) = answer.body
        assert text.strip(), "an error without words"
        assert text.isprintable(), "an error of several lines"
        assert len(text) <= 300, "an error that is a page"
        assert "Traceback" not in text


def _from(sender: str, message: Message) -> bytes:
    """With the sender, as the bus writes it."""
    data = marshalled(message)
    frame = wire.read_frame(data)
    fields = data[16 : 16 + frame.fields_bytes]
    fields += b"\0" * (-len(fields) % 8) + b"\7\1s\0" + struct.pack("<I", len(sender)) + sender.encode() + b"\0"
    head = data[:12] + struct.pack("<I", len(fields)) + fields + b"\0" * (-len(fields) % 8)
    return head + data[frame.header_bytes :]


def _calls() -> Iterator[bytes]:
    requests: list[tuple[str, str, list[Any]]] = [
        ("Ask", "s", ["open the window"]),
        ("Ask", "s", ["x" * 20_000]),
        ("Call", "sa{ss}", ["control_window", {"position": "50", "window": "driver"}]),
        ("Any", "v", [Variant("a{sv}", {"a": Variant("(ii)", [1, 2]), "b": Variant("ab", [True])})]),
        ("Any", "v", [Variant("a(oayd)", [["/a/b", b"xyz", 1.5]])]),
        ("Fly", "", []),
    ]
    for member, signature, body in requests:
        message = Message(destination=_NAME, path="/a", interface="a.b", member=member, signature=signature, body=body)
        message.serial = 9
        yield _from(":1.7", message)
    for interface, member in (
        ("Introspectable", "Introspect"),
        ("Peer", "Ping"),
        ("ObjectManager", "GetManagedObjects"),
    ):
        message = Message(destination=_NAME, path="/a", interface=f"org.freedesktop.DBus.{interface}", member=member)
        message.serial = 9
        yield _from(":1.7", message)
    for member, signature, body in (
        ("Get", "ss", ["a.b", "X"]),
        ("GetAll", "s", ["a.b"]),
        ("Set", "ssv", ["a.b", "X", Variant("u", 1)]),
    ):
        interface = "org.freedesktop.DBus.Properties"
        message = Message(destination=_NAME, path="/a", interface=interface, member=member, signature=signature)
        message.body, message.serial = list(body), 9
        yield _from(":1.7", message)


def seeds() -> list[bytes]:
    calls = list(_calls())
    answers = []
    for serial, sender in ((3, "org.freedesktop.DBus"), (4, ":1.9"), (5, ":1.9")):
        for kind, name in ((MessageType.METHOD_RETURN, None), (MessageType.ERROR, "a.b.C")):
            answer = Message(
                destination=_NAME,
                message_type=kind,
                reply_serial=serial,
                error_name=name,  # type: ignore[arg-type]
                signature="sa{sv}",
                body=["x", {"Title": Variant("s", "y"), "n": Variant("x", -1)}],
                serial=2,
            )
            answers.append(_from(sender, answer))
    signals = [
        _from(
            sender,
            Message(
                destination=_NAME,
                path="/org/freedesktop/DBus",
                interface="org.freedesktop.DBus",
                member="NameLost",
                message_type=MessageType.SIGNAL,
                signature="s",
                body=["org.a.b"],
                serial=7,
            ),
        )
        for sender in ("org.freedesktop.DBus", ":1.7")
    ]
    calls.append(calls[3].replace(b"(ii)", b"(uu)"))  # a signature that nobody here has made
    return [
        *calls,
        *answers,
        *signals,
        b"".join(calls[:1] + answers + signals + calls[2:4]),
        b"HTTP/1.1 200 OK\r\n\r\n",
    ]


TARGET = Target(
    name="dbus_stream",
    run=run,
    allowed=(),
    seeds=seeds,
    dictionary=(
        *(b"l\1\0\1", b"B\1\0\1", b"l\2\1\1", b"l\4\1\1", b"\1\1o\0", b"\5\1u\0", b"\7\1s\0", b"\x08\1g\0", b"a{sv}\0"),
        *(b"org.freedesktop.DBus", b":1.9", b"(((", b"aaaa", b"\xff\xff\xff\xff", b"\0\0\0\4", b"\1v\0", b"\1h\0"),
    ),
    max_bytes=24_000,
)
