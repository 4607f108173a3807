"""Vector's text format (ASC). Every line is a frame, part of the file's frame, or counted.

Identifiers and data are in the base that the header names. Times count from the start of the measurement, or each from
the line before (``timestamps relative``).
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

import can

from simulators.reading.frame import MAX_EXTENDED
from simulators.reading.report import Report
from simulators.reading.text import Line, is_zeros

_NANO: Final = 1_000_000_000
_FLAGS = re.ASCII | re.IGNORECASE
_BASE: Final = re.compile(r"base\s+(hex|dec)(?:\s+timestamps\s+(absolute|relative))?", _FLAGS)
_HEADER: Final = re.compile(r"(?:date\b.*|(?:no\s+)?internal\s+events\s+logged|end\s*triggerblock.*)", _FLAGS)
_BLOCK: Final = re.compile(r"begin\s*triggerblock.*", _FLAGS)
_TIMED: Final = re.compile(r"([+-]?(?:\d+(?:[.,]\d*)?(?:e[+-]?\d+)?|nan|inf))(?:\s+(.*))?", _FLAGS)
_START: Final = re.compile(r"start of measurement.*", _FLAGS)
_FRAME: Final = re.compile(r"(\d+)\s+([0-9A-F]+)(x?)\s+(Rx|Tx|TxRq)\s+([dr])(?:\s+(.*))?", _FLAGS)
_ERROR: Final = re.compile(r"(?:CANFD\s+)?(\d+)\s+(?:(?:Rx|Tx)\s+)?ErrorFrame\b.*", _FLAGS)
_FD: Final = re.compile(
    r"CANFD\s+(\d+)\s+(Rx|Tx|TxRq)\s+([0-9A-F]+)(x?)\s+(?:(\S+)\s+)??([01])\s+([01])\s+([0-9A-F])\s+(\d+)(?:\s+(.*))?",
    _FLAGS,
)
_FRAME_LIKE: Final = re.compile(r"(?:CANFD\b.*|\d+(?:\s+[0-9A-F]+x?(?:\s.*)?)?)", _FLAGS)
_FD_LENGTH: Final = (0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64)
# of the flags behind the data
_REMOTE: Final = 0x10
_EDL: Final = 0x1000
_BLOCK_NOTE: Final = "its times start again at a trigger block ({place}); that block follows the one before at once"


def parse_asc(lines: Iterable[Line], report: Report) -> Iterator[tuple[int, can.Message]]:
    """Line numbers and frames of every kind; stamps in seconds from the start, channels as numbered in the file."""
    parser = _Parser(report)
    for line in lines:
        message = parser.line(line)
        if message is not None:
            yield line.number, message


class _Parser:
    def __init__(self, report: Report) -> None:
        self._report = report
        self._base = 16
        self._is_relative = False
        self._sum_ns = 0
        self._offset_s = 0.0
        self._last_s = 0.0
        self._block_at: int | None = None

    def line(self, line: Line) -> can.Message | None:
        if is_zeros(line):
            return self._skip("cut off", line, "zero bytes, as a power failure leaves them")
        if line.is_long:
            return self._skip("too long", line)
        if line.text.startswith("//"):
            return self._skip("comment", line)
        if timed := _TIMED.fullmatch(line.text):
            return self._timed(line, timed[1], timed[2] or "")
        if self._is_header(line):
            return None
        return self._skip("not understood" if line.is_whole else "cut off", line)

    def _is_header(self, line: Line) -> bool:
        if base := _BASE.fullmatch(line.text):
            self._base = 16 if base[1].lower() == "hex" else 10
            self._is_relative = (base[2] or "").lower() == "relative"
            if self._is_relative:
                self._report.note("its times count from line to line (timestamps relative): summed up")
            return True
        if _BLOCK.fullmatch(line.text):
            self._block_at = line.number
            return True
        return _HEADER.fullmatch(line.text) is not None

    def _skip(self, reason: str, line: Line, why: str = "") -> can.Message | None:
        """What is counted is no frame: returns None, in place of one."""
        self._report.skip(reason, line.number, why)
        return None

    def _timed(self, line: Line, stamp: str, event: str) -> can.Message | None:
        time_s = self._time_s(stamp.replace(",", "."))
        if found := _FRAME.fullmatch(event):
            return self._classic(line, time_s, found)
        if found := _ERROR.fullmatch(event):
            return can.Message(timestamp=time_s, is_error_frame=True, channel=found[1])
        if found := _FD.fullmatch(event):
            return self._fd(line, time_s, found)
        if _START.fullmatch(event):
            return None
        if event.startswith("//"):
            return self._skip("comment", line)
        if not event or _FRAME_LIKE.fullmatch(event):
            return self._skip("incomplete" if line.is_whole else "cut off", line)
        if not line.is_whole:
            return self._skip("cut off", line)
        return self._skip("event", line)

    def _time_s(self, stamp: str) -> float:
        time_s = float(stamp)
        if self._is_relative:
            if 0 <= time_s < _NANO:
                self._sum_ns += round(time_s * _NANO)
                return self._sum_ns / _NANO
            return time_s if time_s < 0 else float("nan")
        if self._block_at is not None:
            # a block whose times start again has a clock of its own
            if 0 <= time_s + self._offset_s < self._last_s:
                self._report.note(_BLOCK_NOTE.format(place=self._report.place(self._block_at)))
                self._offset_s = self._last_s - time_s
            self._block_at = None
        if not 0 <= time_s < _NANO:
            return time_s
        self._last_s = round(time_s + self._offset_s, 9)
        return self._last_s

    # --- frames -----------------------------------------------------------------------------------------------------

    def _classic(self, line: Line, time_s: float, found: re.Match[str]) -> can.Message | None:
        channel, identifier, extended, direction, kind, rest = found.groups()
        message = self._message(line, time_s, channel, identifier, extended, direction)
        if message is None:
            return None
        length, _, rest = (rest or "").partition(" ")
        code = self._length_code(length)
        if kind.lower() == "r":
            message.is_remote_frame = True
            message.dlc = code or 0
            return message
        if code is None:
            return self._skip("incomplete" if line.is_whole else "cut off", line)
        return self._with_data(line, message, code, min(code, 8), rest)

    def _fd(self, line: Line, time_s: float, found: re.Match[str]) -> can.Message | None:
        channel, direction, identifier, extended, _name, brs, esi, code, length, rest = found.groups()
        message = self._message(line, time_s, channel, identifier, extended, direction)
        if message is None:
            return None
        wanted = int(length)
        fields = (rest or "").split()
        flags = self._flags(fields[wanted:])
        # such a line may also hold a classic frame, when it was recorded by a channel that can do FD
        message.is_fd = flags is None or bool(flags & _EDL)
        message.is_remote_frame = not message.is_fd and flags is not None and bool(flags & _REMOTE)
        message.bitrate_switch = brs == "1"
        message.error_state_indicator = esi == "1"
        if message.is_remote_frame:
            message.dlc = int(code, 16)
            return message
        dlc = int(code, 16)
        if wanted != (_FD_LENGTH[dlc] if message.is_fd else min(dlc, 8)):
            return self._skip("incomplete", line, f"its length code {code} says another length than {wanted} bytes")
        return self._with_data(line, message, wanted if message.is_fd else dlc, wanted, rest or "")

    @staticmethod
    def _flags(behind: list[str]) -> int | None:
        """Behind the data: duration, length, flags."""
        if len(behind) > 2 and re.fullmatch(r"[0-9A-Fa-f]+", behind[2], re.ASCII):
            return int(behind[2], 16)
        return None

    def _message(
        self, line: Line, time_s: float, channel: str, identifier: str, extended: str, direction: str
    ) -> can.Message | None:
        if self._base == 10 and not identifier.isdecimal():
            return self._skip("not understood", line, "the header says that numbers are decimal")
        number = int(identifier, self._base)
        if number > MAX_EXTENDED:
            return self._skip("identifier", line, f"{identifier} is no identifier of a CAN frame")
        return can.Message(
            timestamp=time_s,
            arbitration_id=number,
            is_extended_id=bool(extended),
            is_rx=direction.lower() == "rx",
            channel=channel,
        )

    def _length_code(self, text: str) -> int | None:
        if self._base == 10 and re.fullmatch(r"\d{1,2}", text, re.ASCII):
            code = int(text)
        elif re.fullmatch(r"[0-9A-Fa-f]", text, re.ASCII):
            code = int(text, 16)
        else:
            return None
        return code if code <= 15 else None

    def _with_data(self, line: Line, message: can.Message, dlc: int, wanted: int, text: str) -> can.Message | None:
        tokens = text.split()[:wanted]
        pattern = r"[0-9A-Fa-f]{1,2}" if self._base == 16 else r"\d{1,3}"
        data = [int(t, self._base) for t in tokens if re.fullmatch(pattern, t, re.ASCII)]
        is_cut = not line.is_whole and self._base == 16 and text.split()[-1:] == tokens[-1:] and len(tokens[-1:]) == 1
        if is_cut and len(data) == wanted and len(tokens[-1]) == 1 and any(len(t) == 2 for t in tokens):
            return self._skip("cut off", line, "the last byte has one digit only")
        if len(data) < wanted:
            why = f"{len(data)} bytes of data are there, its length says {wanted}"
            return self._skip("incomplete" if line.is_whole else "cut off", line, why)
        if any(byte > 255 for byte in data):
            return self._skip("not understood", line, "a byte above 255")
        message.data = bytearray(data)
        message.dlc = dlc
        return message
