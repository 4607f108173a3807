"""Bytes to messages, as strictly as the D-Bus specification asks (0.43, "Message Protocol").

A message is read in two steps: its header, which says who sends what and how large it is, and, if somebody wants it,
its body.
"""

import re
import struct
from typing import Any, Final, NamedTuple

from dbus_next.constants import MessageFlag, MessageType
from dbus_next.message import Message
from dbus_next.signature import SignatureType, Variant

from vehicle_agent.message_bus import signatures
from vehicle_agent.message_bus.malformed import Malformed, NotDBus

FIXED_BYTES: Final = 16
MAX_MESSAGE_BYTES: Final = 1 << 27
MAX_ARRAY_BYTES: Final = 1 << 26
MAX_VALUE_DEPTH: Final = 64
MAX_NAME_BYTES: Final = 255

NO_REPLY: Final = 1
CALL, RETURN, ERROR, SIGNAL = 1, 2, 3, 4

_LOCAL_PATH: Final = "/org/freedesktop/DBus/Local"
_LOCAL_INTERFACE: Final = "org.freedesktop.DBus.Local"

_PREFIX: Final = {ord("l"): "<", ord("B"): ">"}
_FIXED: Final = {e: struct.Struct(f"{p}BBBBIII") for e, p in _PREFIX.items()}
_U32: Final = {e: struct.Struct(f"{p}I") for e, p in _PREFIX.items()}
# token -> size and how it is read; alignment equals size
_NUMBERS: Final = {
    e: {t: (struct.calcsize(f"={c}"), struct.Struct(p + c)) for t, c in zip("nqiuxtdh", "hHiIqQdI", strict=True)}
    for e, p in _PREFIX.items()
}
_ALIGNED_TO_8: Final = frozenset("xtd({")

_PATH: Final = re.compile(r"/|(?:/[A-Za-z0-9_]+)+")
_INTERFACE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)+")
_MEMBER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BUS_NAME: Final = re.compile(r":[A-Za-z0-9_.-]+|[A-Za-z_-][A-Za-z0-9_-]*(?:\.[A-Za-z_-][A-Za-z0-9_-]*)+")

# header field code -> name in Header, its type, what it must look like (None: any)
_FIELDS: Final[dict[int, tuple[str, str, re.Pattern[str] | None]]] = {
    1: ("path", "o", None),
    2: ("interface", "s", _INTERFACE),
    3: ("member", "s", _MEMBER),
    4: ("error_name", "s", _INTERFACE),
    5: ("reply_serial", "u", None),
    6: ("destination", "s", _BUS_NAME),
    7: ("sender", "s", _BUS_NAME),
    8: ("signature", "g", None),
    9: ("unix_fds", "u", None),
}
_REQUIRED: Final[dict[int, tuple[str, ...]]] = {
    CALL: ("path", "member"),
    RETURN: ("reply_serial",),
    ERROR: ("error_name", "reply_serial"),
    SIGNAL: ("path", "interface", "member"),
}


class Preamble(NamedTuple):
    """What the first 16 bytes say. ``header_bytes`` includes them and the padding before the body."""

    endian: int
    kind: int
    flags: int
    body_bytes: int
    serial: int
    fields_bytes: int
    header_bytes: int


class Header(NamedTuple):
    """``kind``: a message type, also one that does not exist yet. Texts that a message has not are ""."""

    endian: int
    kind: int
    flags: int
    body_bytes: int
    serial: int
    path: str = ""
    interface: str = ""
    member: str = ""
    error_name: str = ""
    reply_serial: int = 0
    destination: str = ""
    sender: str = ""
    signature: str = ""
    unix_fds: int = 0

    @property
    def wants_reply(self) -> bool:
        return self.kind == CALL and not self.flags & NO_REPLY


def read_frame(data: bytes | bytearray, at: int = 0) -> Preamble:
    """From 16 bytes. Raises NotDBus."""
    endian = data[at]
    fixed = _FIXED.get(endian)
    if fixed is None:
        raise NotDBus("a message that begins with neither l nor B")
    _, kind, flags, version, body_bytes, serial, fields_bytes = fixed.unpack_from(data, at)
    if version != 1:
        raise NotDBus(f"a message of protocol version {version}")
    header_bytes = FIXED_BYTES + (fields_bytes + 7 & ~7)
    if fields_bytes > MAX_ARRAY_BYTES or header_bytes + body_bytes > MAX_MESSAGE_BYTES:
        raise NotDBus("a message that is longer than 128 MiB")
    if kind == 0:
        raise NotDBus("a message of type 0")
    return Preamble(endian, kind, flags, body_bytes, serial, fields_bytes, header_bytes)


def read_header(frame: Preamble, data: bytes) -> Header:
    """``data``: the ``frame.header_bytes`` bytes of the header. Raises Malformed."""
    if not frame.serial:
        raise Malformed("a message with serial 0")
    reader = _Reader(data, frame.endian, FIXED_BYTES, FIXED_BYTES + frame.fields_bytes, max_values=64)
    found: dict[str, Any] = {}
    while reader.at < reader.end:
        _read_field(reader, found)
    reader.must_be_zero(reader.end, len(data))
    for name in _REQUIRED.get(frame.kind, ()):
        if not found.get(name):
            raise Malformed(f"a message without {name}")
    if found.get("path") == _LOCAL_PATH or found.get("interface") == _LOCAL_INTERFACE:
        raise Malformed("a message that pretends to come from the library itself")
    header = Header(frame.endian, frame.kind, frame.flags, frame.body_bytes, frame.serial, **found)
    if header.body_bytes and not header.signature:
        raise Malformed("a body without a signature")
    return header


def _read_field(reader: "_Reader", found: dict[str, Any]) -> None:
    reader.align(8)
    code = reader.byte()
    wanted = _FIELDS.get(code)
    if wanted is None:
        if code == 0:
            raise Malformed("a header field of code 0")
        reader.variant(1)  # fields of a later version are ignored
        return
    name, kind, pattern = wanted
    if name in found:
        raise Malformed(f"a header with two fields {name}")
    if reader.signature() != kind:
        raise Malformed(f"a header field {name} of another type")
    value = reader.basic(kind)
    if pattern is not None and (len(value) > MAX_NAME_BYTES or not pattern.fullmatch(value)):
        raise Malformed(f"a header field {name} that is no such name")
    found[name] = value


def read_message(header: Header, body: bytes, *, max_values: int) -> Message:
    """The whole message, as dbus-next has it. Raises Malformed, also for more than ``max_values`` values."""
    signature = signatures.tree(header.signature)
    reader = _Reader(body, header.endian, 0, len(body), max_values=max_values)
    values = [reader.value(kind, 0) for kind in signature.types]
    if reader.at != reader.end:
        raise Malformed("a body that is longer than its signature says")
    try:
        return Message(
            destination=header.destination or None,  # type: ignore[arg-type]  # its annotations forget None
            path=header.path or None,  # type: ignore[arg-type]
            interface=header.interface or None,  # type: ignore[arg-type]
            member=header.member or None,  # type: ignore[arg-type]
            message_type=MessageType(header.kind),
            flags=MessageFlag(header.flags & 7),
            error_name=header.error_name or None,  # type: ignore[arg-type]
            reply_serial=header.reply_serial or None,  # type: ignore[arg-type]
            sender=header.sender or None,  # type: ignore[arg-type]
            unix_fds=[],
            signature=signature,  # type: ignore[arg-type]  # a tree is what its own reader gives, too
            body=values,
            serial=header.serial,
        )
    except (TypeError, ValueError) as e:  # what is left of its own checks
        raise Malformed(f"a message that dbus-next does not take: {e}") from e


def error_reply(header: Header, serial: int, error: str, text: str) -> bytes:
    """The wire form of an error in answer to ``header``.

    Written by hand: under a flood it costs a tenth of what a Message costs.
    """
    said = text.encode("utf-8", "replace")
    body = struct.pack("<I", len(said)) + said + b"\0"
    fields = b""
    for code, token, value in ((4, b"s", error), (5, b"u", header.serial), (6, b"s", header.sender), (8, b"g", "s")):
        if value == "":
            continue
        fields += b"\0" * (-len(fields) % 8) + bytes((code, 1)) + token + b"\0"
        if isinstance(value, int):
            fields += struct.pack("<I", value)
        elif token == b"g":
            fields += bytes((len(value),)) + value.encode() + b"\0"
        else:
            raw = value.encode()
            fields += struct.pack("<I", len(raw)) + raw + b"\0"
    fixed = struct.pack("<BBBBIII", ord("l"), ERROR, NO_REPLY, 1, len(body), serial, len(fields))
    return fixed + fields + b"\0" * (-len(fields) % 8) + body


class _Reader:
    """Values one after another from ``at`` to ``end``; every method raises Malformed."""

    def __init__(self, data: bytes, endian: int, at: int, end: int, *, max_values: int) -> None:
        self._data = data
        self._u32 = _U32[endian]
        self._numbers = _NUMBERS[endian]
        self._left = max_values
        self.at = at
        self.end = end

    def must_be_zero(self, at: int, end: int) -> None:
        if self._data.count(0, at, end) != end - at:
            raise Malformed("padding that is not zero")

    def align(self, size: int) -> None:
        at = self.at
        pad = -at & size - 1
        if pad:
            self._take(pad)
            self.must_be_zero(at, at + pad)

    def _take(self, count: int) -> int:
        """Where the next ``count`` bytes begin."""
        at = self.at
        if count > self.end - at:
            raise Malformed("a value that ends beyond its message")
        self.at = at + count
        return at

    def byte(self) -> int:
        return self._data[self._take(1)]

    def _length(self) -> int:
        self.align(4)
        return int(self._u32.unpack_from(self._data, self._take(4))[0])

    def _text(self, length: int) -> str:
        at = self._take(length + 1)
        raw = self._data[at : at + length]
        if self._data[at + length] or 0 in raw:
            raise Malformed("a text with a zero byte within, or none at its end")
        try:
            return raw.decode()
        except UnicodeDecodeError as e:
            raise Malformed("a text that is no UTF-8") from e

    def signature(self) -> str:
        text = self._text(self.byte())
        if not text.isascii():
            raise Malformed("a signature that is no ASCII")
        return text

    def basic(self, kind: str) -> Any:  # noqa: ANN401 - typed by its D-Bus signature
        number = self._numbers.get(kind)
        if number is not None:
            size, form = number
            self.align(size)
            value = form.unpack_from(self._data, self._take(size))[0]
            if kind == "h":
                raise Malformed("a file descriptor, and none was agreed on")
            return value
        match kind:
            case "y":
                return self.byte()
            case "b":
                truth = self._length()
                if truth > 1:
                    raise Malformed("a boolean that is neither 0 nor 1")
                return truth == 1
            case "g":
                signature = self.signature()
                signatures.check(signature)
                return signature
            case "s" | "o":
                text = self._text(self._length())
                if kind == "o" and not _PATH.fullmatch(text):
                    raise Malformed("an object path that is none")
                return text
            case _:
                raise Malformed("a value of an unknown type")

    def value(self, kind: SignatureType, depth: int) -> Any:  # noqa: ANN401 - typed by its D-Bus signature
        self._left -= 1
        if self._left < 0:
            raise Malformed("more values than anybody takes")
        if depth > MAX_VALUE_DEPTH:
            raise Malformed("values that are nested too deep")
        match kind.token:
            case "v":
                return self.variant(depth)
            case "a":
                return self._array(kind.children[0], depth)
            case "(":
                self.align(8)
                return [self.value(child, depth + 1) for child in kind.children]
            case basic:
                return self.basic(basic)

    def variant(self, depth: int) -> Variant:
        tree = signatures.tree(self.signature())
        if len(tree.types) != 1:
            raise Malformed("a variant of no type, or of several")
        made: Variant = Variant.__new__(Variant)  # its constructor would check the value a second time
        made.type = tree.types[0]
        made.signature = tree.signature
        made.value = self.value(tree.types[0], depth + 1)
        return made

    def _array(self, element: SignatureType, depth: int) -> Any:  # noqa: ANN401 - typed by its D-Bus signature
        length = self._length()
        if length > MAX_ARRAY_BYTES:
            raise Malformed("an array that is longer than 64 MiB")
        if element.token in _ALIGNED_TO_8:
            self.align(8)
        at = self._take(length)
        if element.signature == "y":
            return bytes(self._data[at : at + length])
        outer, self.at, self.end = self.end, at, at + length
        result: Any
        if len(element.children) == 2 and element.signature.startswith("{"):
            result = {}
            key, content = element.children
            while self.at < self.end:
                self.align(8)
                name = self.value(key, depth + 1)
                result[name] = self.value(content, depth + 1)
        else:
            result = []
            while self.at < self.end:
                result.append(self.value(element, depth + 1))
        self.end = outer
        return result


def written(message: Message) -> bytes:
    """The bytes of ``message``. Raises TypeError or ValueError where it cannot be sent."""
    return bytes(message._marshall())  # type: ignore[no-untyped-call]  # dbus-next has no public way
