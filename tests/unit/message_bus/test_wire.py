"""Bytes to messages: as dbus-next reads them where they are D-Bus, and refused where they are not."""

import struct
from typing import Any

import pytest
from dbus_next.constants import MessageFlag, MessageType
from dbus_next.message import Message
from dbus_next.signature import Variant
from support.dbus_bytes import kept_signatures, marshalled, unmarshalled

from vehicle_agent.message_bus import signatures, wire
from vehicle_agent.message_bus.malformed import Malformed, NotDBus

VALUES: list[tuple[str, list[Any]]] = [
    ("", []),
    ("s", ["open the window"]),
    ("s", ["ö\U0001f697"]),
    ("ybnqiuxtd", [255, True, -2, 65535, -70000, 4294967295, -(1 << 60), 1 << 63, 2.5]),
    ("sa{ss}", ["control_window", {"position": "50", "window": "driver"}]),
    ("ub", [7, False]),
    ("ayas", [b"abc", ["a", "", "c"]]),
    ("og", ["/org/vehicleagent/Agent", "a{sv}"]),
    ("a{sv}", [{"Title": Variant("s", "x"), "Deep": Variant("a{sv}", {"n": Variant("(ii)", [1, 2])})}]),
    ("a(oa{sv})", [[["/modem", {"Online": Variant("b", True)}]]]),
    ("aax(y(sd))", [[[1, 2], []], [1, ["s", 1.5]]]),
    ("v", [Variant("av", [Variant("y", 1), Variant("s", "two")])]),
]


def call(signature: str = "", body: list[Any] | None = None, **fields: Any) -> Message:  # noqa: ANN401
    given = {"path": "/a/b", "interface": "a.b", "member": "C", "destination": "org.a.b", "sender": ":1.7", "serial": 9}
    return Message(**{**given, **fields}, signature=signature, body=body or [])


def bytes_of(message: Message) -> bytes:
    """With the sender, which the bus adds."""
    data = marshalled(message)
    return with_field(data, 7, "s", message.sender) if message.sender else data


def with_field(data: bytes, code: int, kind: str, value: Any) -> bytes:  # noqa: ANN401
    """One more header field, at the end."""
    frame = wire.read_frame(data)
    fields, body = data[16 : 16 + frame.fields_bytes], data[frame.header_bytes :]
    fields += b"\0" * (-len(fields) % 8) + bytes((code, len(kind))) + kind.encode() + b"\0"
    if kind == "u":
        fields += struct.pack("<I", value)
    elif kind == "y":
        fields += bytes((value,))
    else:
        fields += struct.pack("<I", len(value)) + value.encode() + b"\0"
    return with_fields(data, fields, body)


def with_fields(data: bytes, fields: bytes, body: bytes) -> bytes:
    fixed = data[:4] + struct.pack("<I", len(body)) + data[8:12] + struct.pack("<I", len(fields))
    return fixed + fields + b"\0" * (-len(fields) % 8) + body


def read(data: bytes, max_values: int = 1000) -> Message:
    frame = wire.read_frame(data)
    header = wire.read_header(frame, data[: frame.header_bytes])
    return wire.read_message(header, data[frame.header_bytes :], max_values=max_values)


def told(message: Message) -> tuple[Any, ...]:
    names = ("message_type", "flags", "path", "interface", "member", "destination", "sender", "error_name")
    return (*(getattr(message, n) for n in (*names, "reply_serial", "serial", "signature")), message.body)


@pytest.mark.parametrize(("signature", "body"), VALUES)
def test_a_message_is_read_as_dbus_next_reads_it(signature: str, body: list[Any]) -> None:
    data = bytes_of(call(signature, body))
    assert told(read(data)) == told(unmarshalled(data))
    assert read(data).body == body


@pytest.mark.parametrize(
    "message",
    [
        call(flags=MessageFlag.NO_REPLY_EXPECTED),
        call(interface=None),
        call(message_type=MessageType.SIGNAL, destination=None),
        call("u", [1], message_type=MessageType.METHOD_RETURN, reply_serial=4),
        call("s", ["no"], message_type=MessageType.ERROR, reply_serial=4, error_name="a.b.C"),
    ],
)
def test_every_type_of_message(message: Message) -> None:
    data = bytes_of(message)
    assert told(read(data)) == told(unmarshalled(data))


def big_endian() -> bytes:
    path = struct.pack(">BBBBI", 1, 1, ord("o"), 0, 2) + b"/a\0" + b"\0" * 5
    member = struct.pack(">BBBBI", 3, 1, ord("s"), 0, 1) + b"M\0" + b"\0" * 6
    signature = struct.pack(">BBBB", 8, 1, ord("g"), 0) + b"\2su\0"
    fields = path + member + signature
    body = struct.pack(">I", 2) + b"hi\0\0" + struct.pack(">I", 258)
    return struct.pack(">BBBBIII", ord("B"), 1, 0, 1, len(body), 5, len(fields)) + fields + body


def test_big_endian() -> None:
    assert read(big_endian()).body == ["hi", 258]
    assert told(read(big_endian())) == told(unmarshalled(big_endian()))


GOOD = bytes_of(call("s", ["hi"]))


@pytest.mark.parametrize(
    ("at", "value"),
    [(0, b"x"), (3, b"\2"), (1, b"\0"), (4, b"\xff\xff\xff\xff"), (12, b"\1\0\0\4"), (4, b"\0\0\0\x08")],
    ids=["endian", "version", "type 0", "body 4 GB", "header 64 MiB", "in all 128 MiB"],
)
def test_a_stream_that_cannot_be_followed(at: int, value: bytes) -> None:
    with pytest.raises(NotDBus):
        wire.read_frame(GOOD[:at] + value + GOOD[at + len(value) :])


def test_the_longest_message() -> None:
    most = wire.MAX_MESSAGE_BYTES - wire.read_frame(GOOD).header_bytes
    for body_bytes in (most, most + 1):
        data = GOOD[:4] + struct.pack("<I", body_bytes) + GOOD[8:16]
        if body_bytes == most:
            assert wire.read_frame(data).body_bytes == most
        else:
            with pytest.raises(NotDBus):
                wire.read_frame(data)


def spoiled(data: bytes, old: bytes, new: bytes) -> bytes:
    assert old in data
    return data.replace(old, new, 1)


NO_MESSAGES = {
    "serial 0": GOOD[:8] + b"\0\0\0\0" + GOOD[12:],
    "path": spoiled(GOOD, b"/a/b\0", b"/a//\0"),
    "path ends in a slash": spoiled(GOOD, b"/a/b\0", b"/ab/\0"),
    "interface": spoiled(GOOD, b"\3\0\0\0a.b\0", b"\3\0\0\0a..\0"),
    "interface with a line": spoiled(GOOD, b"\3\0\0\0a.b\0", b"\3\0\0\0a.\n\0"),
    "member": spoiled(GOOD, b"\1\0\0\0C\0", b"\1\0\0\0.\0"),
    "sender": spoiled(GOOD, b":1.7", b":1 7"),
    "two members": with_field(GOOD, 3, "s", "D"),
    "member of another type": with_field(marshalled(call()), 4, "u", 3),
    "field 0": with_field(GOOD, 0, "s", "D"),
    "no member": with_fields(GOOD, GOOD[16:24] + b"", b""),
    "reply serial 0": bytes_of(call("", [], message_type=MessageType.METHOD_RETURN, reply_serial=4)).replace(
        b"\5\1u\0\4\0\0\0", b"\5\1u\0\0\0\0\0"
    ),
    "from the library": bytes_of(call(path="/org/freedesktop/DBus/Local")),
    "body without signature": bytes_of(call())[:4] + b"\4\0\0\0" + bytes_of(call())[8:] + b"abcd",
    "padding in the header": spoiled(GOOD, b"/a/b\0\0\0\0", b"/a/b\0\0\1\0"),
    "padding behind the header": bytes_of(call())[:-1] + b"\1",
    "body too short": GOOD[:4] + b"\6\0\0\0" + GOOD[8:-1],
    "body too long": GOOD[:4] + b"\x08\0\0\0" + GOOD[8:] + b"\0",
    "text without its end": GOOD[:-1] + b"x",
    "text with a zero": spoiled(GOOD, b"hi\0", b"\0i\0"),
    "no UTF-8": spoiled(GOOD, b"hi\0", b"\xffi\0"),
    "surrogate": spoiled(bytes_of(call("s", ["abc"])), b"abc\0", b"\xed\xa0\x80\0"),
    "length beyond": spoiled(GOOD, b"\2\0\0\0hi", b"\xf0\xff\xff\xffhi"),
    "boolean": bytes_of(call("b", [True]))[:-4] + b"\2\0\0\0",
    "object path": spoiled(bytes_of(call("o", ["/x/y"])), b"/x/y", b"/x /"),
    "signature": spoiled(bytes_of(call("g", ["as"])), b"\2as\0", b"\2aa\0"),
    "variant of two": spoiled(bytes_of(call("v", [Variant("q", 1)])), b"\1q\0\0\1\0", b"\2yy\0\1\1"),
    "variant of none": bytes_of(call("v", [Variant("y", 1)]))[:-4] + b"\0\0\0\0",
    "a file descriptor": spoiled(bytes_of(call("u", [0])), b"\1u\0", b"\1h\0"),
    "array beyond": spoiled(bytes_of(call("au", [[5, 6]])), b"\x08\0\0\0\5", b"\x09\0\0\0\5"),
    "array of 64 MiB": bytes_of(call("ay", [b""]))[:-4] + b"\1\0\0\4",
    "padding in a struct": bytes_of(call("(yu)", [[1, 2]]))[:-6] + b"\1\0" + b"\2\0\0\0",
}  # fmt: skip


@pytest.mark.parametrize("name", NO_MESSAGES)
def test_what_is_no_message(name: str) -> None:
    with pytest.raises(Malformed) as e:
        read(NO_MESSAGES[name])
    assert not isinstance(e.value, NotDBus)
    assert "\n" not in str(e.value)


def test_fields_of_a_later_version_are_ignored() -> None:
    assert read(with_field(GOOD, 77, "s", "new")).body == ["hi"]
    assert read(with_field(GOOD, 200, "u", 5)).body == ["hi"]


def test_flags_and_types_of_a_later_version() -> None:
    assert read(GOOD[:2] + b"\xf8" + GOOD[3:]).flags == MessageFlag.NONE
    assert wire.read_frame(GOOD[:1] + b"\5" + GOOD[2:]).kind == 5


def test_more_values_than_anybody_takes() -> None:
    data = bytes_of(call("ay(y)as", [b"x" * 500, [1], ["x"] * 10]))
    assert read(data, max_values=14).body[2] == ["x"] * 10
    with pytest.raises(Malformed, match="more values"):
        read(data, max_values=13)


def nested(depth: int) -> bytes:
    """Variants in variants."""
    return b"\1v\0" * depth + b"\1y\0\7"


@pytest.mark.parametrize(("depth", "taken"), [(62, True), (63, True), (64, False), (80, False), (5000, False)])
def test_variants_nested(depth: int, taken: bool) -> None:
    body = nested(depth)
    data = bytes_of(call("v", [Variant("y", 7)]))
    data = data[:-4][:4] + struct.pack("<I", len(body)) + data[8:-4] + body
    if taken:
        value = read(data, max_values=10_000).body[0]
        for _ in range(depth + 1):
            value = value.value
        assert value == 7
    else:
        with pytest.raises(Malformed, match="nested"):
            read(data, max_values=10_000)


@pytest.mark.parametrize(
    "signature",
    ["a" * 32 + "y", "(" * 32 + "y" + ")" * 32, "a{s" * 31 + "a{sv}" + "}" * 31, "a{sv}", "a{ss}(yy)", "", "y" * 255],
)
def test_signatures(signature: str) -> None:
    signatures.check(signature)
    assert signatures.tree(signature).signature == signature


@pytest.mark.parametrize(
    "signature",
    [
        *("a" * 33 + "y", "(" * 33 + "y" + ")" * 33, "a" * 255, "(" * 255, "y" * 256),
        *("a", "(", "()", "(y", "y)", "{ss}", "a{vs}", "a{s}", "a{sss}", "a{(y)s}", "a{", "a{s", "z", "\0", "é"),
    ],
)
def test_what_is_no_signature(signature: str) -> None:
    with pytest.raises(Malformed):
        signatures.tree(signature)


def test_signatures_of_others_are_not_kept() -> None:
    signatures._kept.cache_clear()
    before = kept_signatures()
    for n in range(5000):
        letters = f"{n:013b}".replace("0", "y").replace("1", "g")
        text = f"({letters})"
        value = bytes((len(text),)) + text.encode() + b"\0"
        value += b"\0" * (-len(value) % 8) + b"\0" * sum(1 if c == "y" else 2 for c in letters)
        head = wire.Header(ord("l"), 4, 0, len(value), 1, path="/a", interface="a.b", member="C", signature="v")
        assert wire.read_message(head, value, max_values=100).body[0].signature == text
    assert kept_signatures() == before
    assert signatures._kept.cache_info().currsize <= 128


@pytest.mark.parametrize("text", ["No.", "Nein, schön \U0001f697", "x" * 300])
def test_an_error_written_by_hand_is_what_dbus_next_reads(text: str) -> None:
    data = bytes_of(call())
    frame = wire.read_frame(data)
    header = wire.read_header(frame, data[: frame.header_bytes])
    answer = unmarshalled(wire.error_reply(header, 3, "org.vehicleagent.Error.Busy", text))
    assert (answer.message_type, answer.serial, answer.reply_serial) == (MessageType.ERROR, 3, 9)
    assert (answer.destination, answer.error_name, answer.body) == (":1.7", "org.vehicleagent.Error.Busy", [text])
    assert told(read(wire.error_reply(header, 3, "org.vehicleagent.Error.Busy", text))) == told(answer)
