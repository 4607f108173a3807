"""A stream of bytes to the messages that somebody wants; the rest is passed over as it comes in."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

from vehicle_agent.message_bus.malformed import Malformed
from vehicle_agent.message_bus.wire import FIXED_BYTES, SIGNAL, Header, Preamble, read_frame, read_header

MAX_HEADER_BYTES: Final = 1 << 16
"""A path may be as long as its sender likes; what is longer than this is nobody's business here."""

_THE_BUS: Final = b"org.freedesktop.DBus"


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message that somebody wants."""

    header: Header
    body: bytes


class Passed(Enum):
    """A message nobody wants, or one that is none."""

    OVER = 1


Wants: TypeAlias = Callable[[Header], bool]


class Intake:
    """``wants`` is asked once for each message, before its body has come in. What it wants is kept until it is
    complete, so it has to say no to what is too large.

    ``malformed`` hears of messages that are passed over because their header is none.
    """

    def __init__(self, wants: Wants, malformed: Callable[[Malformed], None]) -> None:
        self._wants = wants
        self._malformed = malformed
        self._buffer = bytearray()
        self._at = 0
        self._discard = 0
        self._wanted: Header | None = None

    @property
    def kept_bytes(self) -> int:
        return len(self._buffer) - self._at

    def feed(self, data: memoryview) -> None:
        if self._discard and not self.kept_bytes:
            over = min(self._discard, len(data))
            self._discard -= over
            data = data[over:]
        self._buffer += data

    def take(self) -> Parcel | Passed | None:
        """The next message; None where more bytes are needed. Raises NotDBus."""
        taken = self._take()
        if taken is None and self._at:
            del self._buffer[: self._at]
            self._at = 0
        return taken

    def _take(self) -> Parcel | Passed | None:
        if self._discard:
            over = min(self._discard, self.kept_bytes)
            self._at += over
            self._discard -= over
            return None if self._discard else Passed.OVER
        if self._wanted is not None:
            return self._complete(self._wanted)
        if self.kept_bytes < FIXED_BYTES:
            return None
        frame = read_frame(self._buffer, self._at)
        if frame.header_bytes > MAX_HEADER_BYTES:
            self._malformed(Malformed(f"a header of {frame.header_bytes} bytes"))
            return self._pass_over(frame.header_bytes + frame.body_bytes)
        if self.kept_bytes < frame.header_bytes:
            return None
        end = self._at + frame.header_bytes
        if frame.kind == SIGNAL and self._buffer.find(_THE_BUS, self._at, end) < 0:
            # most of what a flood is made of; whoever sends, these bytes would name the bus if it was the bus
            return self._pass_over(frame.header_bytes + frame.body_bytes)
        header = self._header(frame, bytes(self._buffer[self._at : end]))
        if header is None or not self._wants(header):
            return self._pass_over(frame.header_bytes + frame.body_bytes)
        self._at = end
        self._wanted = header
        return self._complete(header)

    def _header(self, frame: Preamble, data: bytes) -> Header | None:
        try:
            return read_header(frame, data)
        except Malformed as e:
            self._malformed(e)
            return None

    def _complete(self, header: Header) -> Parcel | None:
        if self.kept_bytes < header.body_bytes:
            return None
        body = bytes(self._buffer[self._at : self._at + header.body_bytes])
        self._at += header.body_bytes
        self._wanted = None
        return Parcel(header, body)

    def _pass_over(self, count: int) -> Passed | None:
        self._discard = count
        return self._take()  # type: ignore[return-value]  # while something is passed over nothing else is taken
