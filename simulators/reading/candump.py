"""candump's text: as `candump -L` and `-l` write it, and as it shows frames without -L. And a writer of the former.

Every line is either a frame or counted. The grammar is that of can-utils' lib.c, with lower-case letters as well.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import IO, Final, NamedTuple

import can

from simulators.reading.frame import MAX_EXTENDED
from simulators.reading.report import Report
from simulators.reading.text import Line, is_zeros

ERROR_FLAG: Final = 0x20000000
_BUS_ERROR: Final = 0x80
_NANO: Final = 1_000_000_000
_BRS: Final = 0x1
_ESI: Final = 0x2

_LOG: Final = re.compile(r"\(([^()]*)\)\s+(\S+)\s+([0-9A-Fa-f]+)#(\S*)(?:\s+([RTrt]))?", re.ASCII)
_VIEW: Final = re.compile(
    r"(?:\(([^()]*)\)\s+)?(\S+)\s+(?:([RT]X) [B-] [E-]\s+)?([0-9A-Fa-f]{3}|[0-9A-Fa-f]{8})\s+"
    r"(?:\[(\d{1,2})\]|\{([0-9A-Fa-f])\})(?:\s+(.*))?",
    re.ASCII,
)
_COLOURS: Final = re.compile(r"\x1b\[[0-9;]*m")
_REMOTE: Final = re.compile(r"[Rr]([0-8])?(?:_([9A-Fa-f]))?", re.ASCII)
_DATA: Final = re.compile(r"((?:[0-9A-Fa-f]{2}\.?)*)(?:_([9A-Fa-f]))?", re.ASCII)
_FD: Final = re.compile(r"#([0-9A-Fa-f])((?:[0-9A-Fa-f]{2}\.?)*)", re.ASCII)
_XL: Final = re.compile(r"#?[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}:[0-9A-Fa-f]*#[0-9A-Fa-f.]*", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?(?:\d+(?:\.\d*)?(?:e[+-]?\d+)?|nan|inf(?:inity)?)", re.ASCII | re.IGNORECASE)
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})?", re.ASCII)
_SHORT_STAMP: Final = re.compile(r"\((\d{3,}\.\d+)\)", re.ASCII)
_TAIL: Final = re.compile(r"(?:ERRORFRAME\b.*|'.*'?)?", re.ASCII)


class NoTimes(Exception):
    """Frames without times cannot be played. The message names the line and the remedy."""


class Stamps(NamedTuple):
    """``are_differences``: each counts from the frame before (candump -t d)."""

    are_differences: bool = False


def stamps_of(lines: Iterable[Line]) -> Stamps:
    """How the stamps of a recording count. Reads on only where they may be differences.

    Stamps from the start never go back; a difference is as often below the one before as above, or the same again.
    """
    steps = fewer = same = 0
    before = None
    for line in lines:
        found = _SHORT_STAMP.search(line.text)
        if found is None:
            continue
        if before is None and not found[1].startswith("0"):
            return Stamps()  # seconds since 1970 have ten digits
        now = float(found[1])
        if before is not None and (now > 0 or before == 0):
            steps += 1
            fewer += now < before
            same += now == before > 0
        before = now
    return Stamps(are_differences=steps > 0 and (fewer * 5 >= steps or same * 2 >= steps))


def parse_candump(lines: Iterable[Line], report: Report, stamps: Stamps) -> Iterator[tuple[int, can.Message]]:
    """Line numbers and frames of every kind, stamps in seconds; whatever is none is counted in ``report``.

    Raises NoTimes.
    """
    return _Parser(report, stamps).parse(lines)


class _Parser:
    def __init__(self, report: Report, stamps: Stamps) -> None:
        self._report = report
        self._stamps = stamps
        self._sum_ns = 0
        self._directions = 0
        self._frames = 0
        self._lengths: dict[str, int] = {}  # data of the last frame of each identifier
        self._after_error = False

    def parse(self, lines: Iterable[Line]) -> Iterator[tuple[int, can.Message]]:
        if self._stamps.are_differences:
            self._report.note("its times are differences from frame to frame (candump -t d): summed up")
        for line in lines:
            message = self._line(line)
            if message is not None:
                self._frames += 1
                yield line.number, message

    def _line(self, line: Line) -> can.Message | None:
        was_error, self._after_error = self._after_error, False
        if is_zeros(line):
            return self._skip("cut off", line, "zero bytes, as a power failure leaves them")
        if line.is_long:
            return self._skip("too long", line)
        if found := _LOG.fullmatch(line.text):
            return self._logged(line, found)
        text = _COLOURS.sub("", line.text) if "\x1b" in line.text else line.text
        if found := _VIEW.fullmatch(text.strip()):
            return self._viewed(line, found)
        if line.text.startswith("#"):
            return self._skip("comment", line)
        if was_error:  # candump -e explains the error frame on the lines below
            self._after_error = True
            return self._skip("comment", line)
        if not line.is_whole:
            return self._skip("cut off", line)
        return self._skip("not understood", line, _shown(line.text))

    def _skip(self, reason: str, line: Line, why: str = "") -> can.Message | None:
        """What is counted is no frame: returns None, in place of one."""
        self._report.skip(reason, line.number, why)
        return None

    # --- times ------------------------------------------------------------------------------------------------------

    def _time_s(self, text: str) -> float | None:
        text = text.strip()
        if (text.replace(".", "", 1).isdecimal() and text.isascii()) or _NUMBER.fullmatch(text):  # as nearly all are
            time_s = float(text)
        elif _DATE.fullmatch(text):
            seconds, _, fraction = text.partition(".")
            try:
                whole_s = datetime.fromisoformat(seconds).replace(tzinfo=UTC).timestamp()
            except ValueError:
                return None
            time_s = whole_s + (float(f"0.{fraction}") if fraction else 0.0)
        else:
            return None
        if not self._stamps.are_differences:
            return time_s
        if 0 <= time_s < _NANO:
            self._sum_ns += round(time_s * _NANO)
        return self._sum_ns / _NANO

    # --- candump -L -------------------------------------------------------------------------------------------------

    def _logged(self, line: Line, found: re.Match[str]) -> can.Message | None:
        stamp, bus, identifier, payload, direction = found.groups()
        time_s = self._time_s(stamp)
        if time_s is None:
            return self._skip("not understood", line, _shown(line.text))
        if not line.is_whole and self._may_be_cut(identifier, payload, direction):
            return self._skip("cut off", line)
        self._directions += direction is not None
        number = int(identifier, 16)
        is_extended = len(identifier) > 3
        is_rx = direction is None or direction in "Rr"
        if len(identifier) > 8 or (number > MAX_EXTENDED and not _is_error(number)):
            return self._skip("identifier", line, f"0x{identifier.lower()} is no identifier of a CAN frame")
        message = can.Message(
            timestamp=time_s,
            arbitration_id=number & MAX_EXTENDED,
            is_extended_id=is_extended,
            is_error_frame=_is_error(number),
            is_rx=is_rx,
            channel=bus,
        )
        return self._with_payload(line, message, identifier, payload)

    def _may_be_cut(self, identifier: str, payload: str, direction: str | None) -> bool:
        """The last line has no end, and shows less than those before it did."""
        if direction is None and self._directions * 2 > self._frames:
            return True
        return len(payload) < self._lengths.get(identifier, 0)

    def _with_payload(self, line: Line, message: can.Message, identifier: str, payload: str) -> can.Message | None:
        first = payload[:1]
        if first in "Rr" and (found := _REMOTE.fullmatch(payload)):
            message.is_remote_frame = not message.is_error_frame
            message.dlc = int(found[2] or found[1] or "0", 16)
            return message
        if first == "#" and (found := _FD.fullmatch(payload)):
            flags = int(found[1], 16)
            message.is_fd = True
            message.bitrate_switch = bool(flags & _BRS)
            message.error_state_indicator = bool(flags & _ESI)
            message.data = bytearray.fromhex(found[2].replace(".", ""))
            message.dlc = len(message.data)
            return message
        if found := _DATA.fullmatch(payload):
            self._lengths[identifier] = len(payload)
            message.data = bytearray.fromhex(found[1].replace(".", ""))
            message.dlc = int(found[2], 16) if found[2] else len(message.data)
            if len(message.data) > 8:
                return self._skip("incomplete", line, f"{len(message.data)} bytes of data are no classic frame")
            return message
        if _XL.fullmatch(payload):
            return self._skip("XL", line)
        if not line.is_whole:
            return self._skip("cut off", line)
        if re.fullmatch(r"[#0-9A-Fa-f._]*", payload, re.ASCII):
            return self._skip("incomplete", line, "half a byte is missing")
        return self._skip("not understood", line, _shown(line.text))

    # --- candump without -L -----------------------------------------------------------------------------------------

    def _viewed(self, line: Line, found: re.Match[str]) -> can.Message | None:
        stamp, bus, direction, identifier, length, raw_length, rest = found.groups()
        if stamp is None:
            if self._frames:
                return self._skip("time", line, "it has none")
            raise NoTimes(f"line {line.number}: there is no time; record with `candump -L`, which writes times")
        time_s = self._time_s(stamp)
        if time_s is None:
            return self._skip("not understood", line, _shown(line.text))
        self._report.note("it is what candump shows without -L; `candump -L` writes more exactly")
        number = int(identifier, 16)
        wanted = 8 if raw_length else int(length)
        if len(identifier) == 8 and number > MAX_EXTENDED and not _is_error(number):
            return self._skip("identifier", line, f"0x{identifier.lower()} is no identifier of a CAN frame")
        message = can.Message(
            timestamp=time_s,
            arbitration_id=number & MAX_EXTENDED,
            is_extended_id=len(identifier) > 3,
            is_error_frame=_is_error(number),
            is_fd=length is not None and len(length) == 2,  # of a classic frame it is one digit
            is_rx=direction != "TX",
            channel=bus,
            dlc=int(raw_length, 16) if raw_length else wanted,
        )
        rest = rest or ""
        if rest.startswith("remote request"):
            message.is_remote_frame = True
            return message
        data, tail = _bytes_of(rest, wanted)
        if len(data) < wanted:
            why = f"{len(data)} bytes of data are there, its length says {wanted}"
            return self._skip("incomplete" if line.is_whole else "cut off", line, why)
        if not _TAIL.fullmatch(tail):
            return self._skip("not understood", line, _shown(line.text))
        self._after_error = message.is_error_frame
        message.data = data
        return message


def _is_error(number: int) -> bool:
    """Error frames carry the flag of linux/can.h, and no other one above 29 bits."""
    return number & ERROR_FLAG != 0 and number >> 30 == 0


def _bytes_of(text: str, wanted: int) -> tuple[bytearray, str]:
    """The first ``wanted`` bytes, as hexadecimal or (candump -i) binary digits, and what follows them."""
    data = bytearray()
    while len(data) < wanted:
        token, _, rest = text.partition(" ")
        if re.fullmatch(r"[0-9A-Fa-f]{2}", token, re.ASCII):
            data.append(int(token, 16))
        elif re.fullmatch(r"[01]{8}", token):
            data.append(int(token, 2))
        else:
            break
        text = rest.lstrip()
    return data, text


def _shown(text: str) -> str:
    """The beginning of a line that was not understood, fit to be printed."""
    beginning = text[:40]
    plain = "".join(c if c.isprintable() else "?" for c in beginning)
    return f"{plain!r}{'...' if len(text) > len(beginning) else ''}"


# --- writing --------------------------------------------------------------------------------------------------------


class CandumpWriter:
    """Frames as `candump -L` writes them, with what python-can's writer loses: lengths of remote frames, raw length
    codes, classes and data of error frames. Times never go back."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._last_s = 0.0

    def on_message_received(self, message: can.Message) -> None:
        self._last_s = max(self._last_s, message.timestamp or 0.0)
        self._file.write(candump_line(message, self._last_s))

    def stop(self) -> None:
        self._file.close()


def candump_line(message: can.Message, time_s: float) -> str:
    """One line with its end."""
    if message.is_error_frame:
        identifier = f"{ERROR_FLAG | (message.arbitration_id or _BUS_ERROR):08X}"
    else:
        identifier = f"{message.arbitration_id:08X}" if message.is_extended_id else f"{message.arbitration_id:03X}"
    raw = f"_{message.dlc:X}" if 8 < message.dlc <= 15 and not message.is_fd else ""
    if message.is_remote_frame:
        payload = f"R{'8' if raw else message.dlc or ''}{raw}"
    elif message.is_fd:
        flags = _BRS * message.bitrate_switch | _ESI * message.error_state_indicator
        payload = f"#{flags:X}{message.data.hex().upper()}"
    else:
        payload = f"{message.data.hex().upper()}{raw if len(message.data) == 8 else ''}"
    direction = "" if message.is_error_frame else " R" if message.is_rx else " T"
    return f"({time_s:.6f}) {message.channel} {identifier}#{payload}{direction}\n"
