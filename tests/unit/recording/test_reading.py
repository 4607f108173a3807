"""Recordings as other tools, other days and full disks leave them: what is used, what is left out, and what is told."""

import gzip
import os
import struct
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import can
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.errors import RecordingError
from simulators.reading import Recording, Report, open_recording, read_log
from simulators.reading.candump import parse_candump, stamps_of
from simulators.reading.pauses import duration
from simulators.reading.text import LONGEST, Line
from simulators.recording import LogWriter


def shown(message: can.Message) -> str:
    """A frame in one word: time, bus, identifier (x: extended), kind, data."""
    extended = "x" if message.is_extended_id else ""
    if message.is_error_frame:
        return f"{message.timestamp:g} {message.channel} error"
    kind = f"R{message.dlc}" if message.is_remote_frame else ("FD:" if message.is_fd else "") + message.data.hex()
    raw = f"_{message.dlc:X}" if message.dlc > 8 and not message.is_fd else ""
    return f"{message.timestamp:g} {message.channel} {message.arbitration_id:x}{extended} {kind}{raw}".strip()


@dataclass(frozen=True, kw_only=True)
class Case:
    """``left_out``: reason -> first places; ``notes``: beginnings."""

    name: str
    text: str
    frames: tuple[str, ...]
    left_out: dict[str, list[int]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    clamped: int = 0


def check(case: Case, path: Path) -> None:
    report = Report()
    found = [shown(m) for m in read_log(path, report=report)]
    assert tuple(found) == case.frames
    assert {reason: lo.first for reason, lo in report.left_out.items()} == {
        reason: [f"line {n}" for n in numbers] for reason, numbers in case.left_out.items()
    }
    assert len(report.notes) == len(case.notes)
    for note, beginning in zip(report.notes, case.notes, strict=True):
        assert note.startswith(beginning)
    assert report.clamped == case.clamped
    assert report.used == len(found)


# --- candump ----------------------------------------------------------------------------------------------------------

DELTA = "its times are differences"
VIEW = "it is what candump shows without -L"

CANDUMP = (
    Case(
        name="every kind of frame",
        text="(1.0) can0 123#1122 R\n(2.0) can0 00000123#33 T\n(3.0) can0 123#R\n(4.0) can0 123#R5\n(5.0) can0 123#\n"
        "(6.0) can0 123##0AABB\n(7.0) can0 123##3\n(8.0) can0 1FFFFFFF#DEADBEEF\n",
        frames=(
            *("1 can0 123 1122", "2 can0 123x 33", "3 can0 123 R0", "4 can0 123 R5", "5 can0 123"),
            *("6 can0 123 FD:aabb", "7 can0 123 FD:", "8 can0 1fffffffx deadbeef"),
        ),
    ),
    Case(
        name="error frames of every class",
        text="".join(f"({n}.0) can0 {0x20000000 | 1 << n:08X}#0000000000000000\n" for n in range(10)),
        frames=tuple(f"{n} can0 error" for n in range(10)),
    ),
    Case(
        name="an error frame of several classes, with a direction",
        text="(1.0) can0 2000008C#0008000000000000 R\n",
        frames=("1 can0 error",),
    ),
    Case(
        name="raw length codes",
        text="(1.0) can0 123#1122334455667788_F\n(2.0) can0 123#1122334455667788_9 R\n(3.0) can0 123#R8_C\n",
        frames=("1 can0 123 1122334455667788_F", "2 can0 123 1122334455667788_9", "3 can0 123 R12_C"),
    ),
    Case(
        name="a raw length code without eight bytes",
        text="(1.0) can0 123#1122_F\n(2.0) can0 123#11\n",
        frames=("2 can0 123 11",),
        left_out={"incomplete": [1]},
    ),
    Case(name="dots between bytes", text="(1.0) can0 123#11.22.33\n", frames=("1 can0 123 112233",)),
    Case(name="lower case", text="(1.0) can0 1ab#ff00 r\n", frames=("1 can0 1ab ff00",)),
    Case(name="FD flags of hexadecimal digits", text="(1.0) can0 123##Faa\n", frames=("1 can0 123 FD:aa",)),
    Case(
        name="an impossible FD length",
        text=f"(1.0) can0 123##0{'11' * 9}\n(2.0) can0 123##0{'11' * 12}\n",
        frames=(f"2 can0 123 FD:{'11' * 12}",),
        left_out={"incomplete": [1]},
    ),
    Case(
        name="an XL frame",
        text="(1.0) can0 123#81:00:12345678#00112233\n(2.0) can0 123#11\n",
        frames=("2 can0 123 11",),
        left_out={"XL": [1]},
    ),
    Case(
        name="garbage lines",
        text="interface = can0\n(1.0) can0 123#11\nrubbish\n(2.0) can0\n(2.0) can0 12X#11\n(soon) can0 123#11\n",
        frames=("1 can0 123 11",),
        left_out={"not understood": [1, 3, 4]},
    ),
    Case(
        name="comments and blank lines",
        text="# a drive\n\n(1.0) can0 123#11\n   \n# the end\n",
        frames=("1 can0 123 11",),
        left_out={"comment": [1, 5]},
    ),
    Case(
        name="impossible identifiers",
        text="(1.0) can0 9FF#01\n(1.0) can0 123456789#01\n(1.0) can0 80000123#01\n(1.0) can0 123#01\n",
        frames=("1 can0 123 01",),
        left_out={"identifier": [1, 2, 3]},
    ),
    Case(
        name="impossible times",
        text="(nan) can0 1#01\n(-1.5) can0 1#01\n(1e30) can0 1#01\n(inf) can0 1#01\n(1.0) can0 1#01\n",
        frames=("1 can0 1 01",),
        left_out={"time": [1, 2, 3]},
    ),
    Case(
        name="a time in nanoseconds",
        text="(1.0) can0 1#01\n(1700000000010158000) can0 1#01\n",
        frames=("1 can0 1 01",),
        left_out={"time": [2]},
    ),
    Case(
        name="half a byte in the middle",
        text="(1.0) can0 1#010\n(2.0) can0 1#01\n",
        frames=("2 can0 1 01",),
        left_out={"incomplete": [1]},
    ),
    Case(
        name="nine bytes",
        text="(1.0) can0 1#010203040506070809\n(2.0) can0 1#01\n",
        frames=("2 can0 1 01",),
        left_out={"incomplete": [1]},
    ),
    Case(
        name="cut off in the time",
        text="(1.0) can0 1#01 R\n(2.",
        frames=("1 can0 1 01",),
        left_out={"cut off": [2]},
    ),
    Case(
        name="cut off in the identifier",
        text="(1.0) can0 123#01 R\n(2.0) can0 12",
        frames=("1 can0 123 01",),
        left_out={"cut off": [2]},
    ),
    Case(
        name="cut off before the data",
        text="(1.0) can0 123#0102\n(2.0) can0 123#",
        frames=("1 can0 123 0102",),
        left_out={"cut off": [2]},
    ),
    Case(
        name="cut off between two bytes",
        text="(1.0) can0 123#0102\n(2.0) can0 123#01",
        frames=("1 can0 123 0102",),
        left_out={"cut off": [2]},
    ),
    Case(
        name="cut off in a byte",
        text="(1.0) can0 123#0102\n(2.0) can0 123#010",
        frames=("1 can0 123 0102",),
        left_out={"cut off": [2]},
    ),
    Case(
        name="cut off before the direction that the others have",
        text="(1.0) can0 123#01 R\n(1.5) can0 124#0102 R\n(2.0) can0 124#0102",
        frames=("1 can0 123 01", "1.5 can0 124 0102"),
        left_out={"cut off": [3]},
    ),
    Case(
        name="no line end, yet whole",
        text="(1.0) can0 123#0102 R\n(2.0) can0 123#0304 R",
        frames=("1 can0 123 0102", "2 can0 123 0304"),
    ),
    Case(
        name="zero bytes at the end",
        text="(1.0) can0 123#0102 R\n" + "\0" * 500,
        frames=("1 can0 123 0102",),
        left_out={"cut off": [2]},
    ),
    Case(name="CRLF", text="(1.0) can0 123#01 R\r\n(2.0) can0 123#02\r\n", frames=("1 can0 123 01", "2 can0 123 02")),
    Case(
        name="a very long line",
        text="(1.0) can0 123#01\n" + "x" * (3 * LONGEST) + "\n(2.0) can0 123#02\n",
        frames=("1 can0 123 01", "2 can0 123 02"),
        left_out={"too long": [2]},
    ),
    Case(
        name="microseconds back",
        text="(1.000010) can0 1#01\n(1.000007) can1 2#01\n(1.000020) can0 1#02\n",
        frames=("1.00001 can0 1 01", "1.00001 can1 2 01", "1.00002 can0 1 02"),
        clamped=1,
    ),
    Case(
        name="ten milliseconds back, and no more",
        text="(2.0) can0 1#01\n(1.99) can0 2#01\n",
        frames=("2 can0 1 01", "2 can0 2 01"),
        clamped=1,
    ),
    Case(
        name="the same time again",
        text="(1.0) can0 1#01\n(1.0) can0 2#01\n",
        frames=("1 can0 1 01", "1 can0 2 01"),
    ),
    Case(
        name="differences (-t d)",
        text="(000.000000) can0 1#01\n(000.500000) can0 1#02\n(000.250000) can0 1#03\n(001.000000) can0 1#04\n",
        frames=("0 can0 1 01", "0.5 can0 1 02", "0.75 can0 1 03", "1.75 can0 1 04"),
        notes=(DELTA,),
    ),
    Case(
        name="differences that are all the same",
        text="(000.000000) can0 1#01\n(000.500000) can0 1#02\n(000.500000) can0 1#03\n(000.500000) can0 1#04\n",
        frames=("0 can0 1 01", "0.5 can0 1 02", "1 can0 1 03", "1.5 can0 1 04"),
        notes=(DELTA,),
    ),
    Case(
        name="differences count through what is left out",
        text="(000.000000) can0 1#01\n(000.500000) can0 1#020\n(000.250000) can0 1#03\n(000.125000) can0 1#04\n",
        frames=("0 can0 1 01", "0.75 can0 1 03", "0.875 can0 1 04"),
        left_out={"incomplete": [2]},
        notes=(DELTA,),
    ),
    Case(
        name="from zero (-t z)",
        text="(000.000000) can0 1#01\n(000.500000) can0 1#02\n(000.750000) can0 1#03\n(001.000000) can0 1#04\n",
        frames=("0 can0 1 01", "0.5 can0 1 02", "0.75 can0 1 03", "1 can0 1 04"),
    ),
    Case(
        name="a date (-t A)",
        text="(2023-11-14 22:13:20.500000) can0 1#01\n(2023-11-14 22:13:21.000000) can0 1#02\n",
        frames=("1.7e+09 can0 1 01", "1.7e+09 can0 1 02"),
    ),
    Case(
        name="nanoseconds (-N)",
        text="(1.000000001) can0 1#01\n(1.500000000) can0 1#02\n",
        frames=("1 can0 1 01", "1.5 can0 1 02"),
    ),
    # without -L
    Case(
        name="the view",
        text=" (1.010158)  can0  1A0   [2]  11 22\n (1.020151)  can0  20000004   [8]  00 08 00 00 00 00 00 00   "
        "ERRORFRAME\n (1.5)  can0  1A0   [0]  remote request\n (1.6)  can0  1A0   [4]  remote request\n"
        " (1.7)  can0  18FF1234   [3]  01 02 03\n (1.8)  can0  1A0  [12]  01 02 03 04 05 06 07 08 09 0A 0B 0C\n"
        " (1.9)  can0  1A0   [0] \n",
        frames=(
            *("1.01016 can0 1a0 1122", "1.02015 can0 error", "1.5 can0 1a0 R0", "1.6 can0 1a0 R4"),
            *("1.7 can0 18ff1234x 010203", "1.8 can0 1a0 FD:0102030405060708090a0b0c", "1.9 can0 1a0"),
        ),
        notes=(VIEW,),
    ),
    Case(
        name="the view with all that candump can add",
        text="\x1b[32m (1.0)  can0  RX - -  1A0   [2]  11 27   '.''\x1b[0m\n (2.0)  can0  TX B E  1A0   [2]  11 22\n"
        " (3.0)  can0  1A0   [2]  00010001 00100010\n (4.0)  can0  1A0   {F}  01 02 03 04 05 06 07 08\n",
        frames=("1 can0 1a0 1127", "2 can0 1a0 1122", "3 can0 1a0 1122", "4 can0 1a0 0102030405060708_F"),
        notes=(VIEW,),
    ),
    Case(
        name="the view with explained errors",
        text=" (1.0)  can0  20000004   [8]  00 08 00 00 00 00 00 00   ERRORFRAME\n"
        "\tcontroller-problem{tx-error-warning}\n (2.0)  can0  1A0   [2]  11 22\n",
        frames=("1 can0 error", "2 can0 1a0 1122"),
        left_out={"comment": [2]},
        notes=(VIEW,),
    ),
    Case(
        name="the view cut off in the data",
        text=" (1.0)  can0  1A0   [2]  11 22\n (2.0)  can0  1A0   [2]  11",
        frames=("1 can0 1a0 1122",),
        left_out={"cut off": [2]},
        notes=(VIEW,),
    ),
    Case(
        name="the view with less data than its length",
        text=" (1.0)  can0  1A0   [4]  11 22\n (2.0)  can0  1A0   [2]  11 22\n",
        frames=("2 can0 1a0 1122",),
        left_out={"incomplete": [1]},
        notes=(VIEW,),
    ),
    Case(
        name="the view with differences",
        text="".join(f" (000.{t}00000)  can0  1A0   [1]  1{n}\n" for n, t in enumerate((0, 5, 2), 1)),
        frames=("0 can0 1a0 11", "0.5 can0 1a0 12", "0.7 can0 1a0 13"),
        notes=(DELTA, VIEW),
    ),
    Case(
        name="the view with dates",
        text=" (1970-01-01 00:00:01.5)  can0  1A0   [1]  11\n",
        frames=("1.5 can0 1a0 11",),
        notes=(VIEW,),
    ),
)


@pytest.mark.parametrize("case", CANDUMP, ids=lambda case: case.name)
def test_candump(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.write_bytes(case.text.encode())
    check(case, path)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("suffix", [".log", ".asc"])
def test_how_a_text_was_saved_does_not_matter(encoding: str, suffix: str, tmp_path: Path) -> None:
    text = {
        ".log": "(1.0) can0 123#0102 R\r\n(2.0) can0 123#0304 R\r\n",
        ".asc": " 1.0 1 123 Rx d 2 01 02\r\n 2.0 1 123 Rx d 2 03 04\r\n",
    }
    path = tmp_path / f"x{suffix}"
    path.write_bytes(text[suffix].encode(encoding))
    report = Report()
    assert [bytes(m.data) for m in read_log(path, report=report)] == [b"\x01\x02", b"\x03\x04"]
    assert not report.left_out


# --- ASC --------------------------------------------------------------------------------------------------------------

HEAD = "date Mon Nov 17 09:00:00.000 am 2025\nbase hex  timestamps absolute\ninternal events logged\n"
RELATIVE = "its times count from line to line"

ASC = (
    Case(
        name="every kind of frame",
        text=HEAD
        + "Begin Triggerblock Mon Nov 17 09:00:00.000 am 2025\n   0.000000 Start of measurement\n"
        + "   0.100000 1  1A0             Rx   d 2 11 22\n   0.200000 2  18FF1234x       Tx   d 0\n"
        + "   0.300000 1  1A0             Rx   r\n   0.400000 1  1A0             Rx   r 8\n   0.500000 1  ErrorFrame\n"
        + "   0.600000 CANFD   1 Rx        1A0                                  1 0 9 12 "
        + "01 02 03 04 05 06 07 08 09 0A 0B 0C  0  0  3000  0 0 0 0 0\n"
        + "   0.700000 1  1A0             TxRq d 1 33  Length = 100000 BitCount = 52 ID = 416\nEnd TriggerBlock\n",
        frames=(
            *("0.1 1 1a0 1122", "0.2 2 18ff1234x", "0.3 1 1a0 R0", "0.4 1 1a0 R8", "0.5 1 error"),
            *("0.6 1 1a0 FD:0102030405060708090a0b0c", "0.7 1 1a0 33"),
        ),
    ),
    Case(
        name="relative times",
        text=HEAD.replace("absolute", "relative") + "".join(f" 0.500000 1 1A0 Rx d 1 {n:02}\n" for n in range(4)),
        frames=("0.5 1 1a0 00", "1 1 1a0 01", "1.5 1 1a0 02", "2 1 1a0 03"),
        notes=(RELATIVE,),
    ),
    Case(
        name="relative times count through events",
        text=HEAD.replace("absolute", "RELATIVE")
        + " 0.5 1 1A0 Rx d 1 01\n 0.25 1 Statistic: D 1 R 0 XD 0\n 0.25 1 ErrorFrame\n 0.5 1 1A0 Rx d 1 02\n",
        frames=("0.5 1 1a0 01", "1 1 error", "1.5 1 1a0 02"),
        left_out={"event": [5]},
        notes=(RELATIVE,),
    ),
    Case(
        name="cut off after the identifier",
        text=HEAD + " 0.0 1 1A0 Rx d 2 11 22\n 0.1 1  1A0       ",
        frames=("0 1 1a0 1122",),
        left_out={"cut off": [5]},
    ),
    *(
        Case(
            name=f"cut off: {end!r}",
            text=HEAD + " 0.0 1 1A0 Rx d 2 11 22\n" + end,
            frames=("0 1 1a0 1122",),
            left_out={"cut off": [5]},
        )
        for end in (
            " 0.",
            " 0.1 1",
            " 0.1 1 1A0 R",
            " 0.1 1 1A0 Rx d",
            " 0.1 1 1A0 Rx d 2 11",
            " 0.1 1 1A0 Rx d 2 11 2",
            " 0.1 CANFD 1",
        )
    ),
    Case(
        name="no line end, yet whole",
        text=HEAD + " 0.0 1 1A0 Rx d 2 11 22",
        frames=("0 1 1a0 1122",),
    ),
    Case(
        name="less data than its length, in the middle",
        text=HEAD + " 0.0 1 1A0 Rx d 8 11 22\n 0.1 1 1A0 Rx d 2 11 22\n 0.2 1 1A0\n 0.3 1 1A0 Rx d\n",
        frames=("0.1 1 1a0 1122",),
        left_out={"incomplete": [4, 6, 7]},
    ),
    Case(
        name="decimal",
        text="base dec  timestamps absolute\n 0.0 1 416 Rx d 2 17 255\n 0.1 1 416 Rx d 1 256\n 0.2 1 1A0 Rx d 1 1\n",
        frames=("0 1 1a0 11ff",),
        left_out={"not understood": [3, 4]},
    ),
    Case(
        name="raw length codes",
        text=HEAD + " 0.0 1 1A0 Rx d F 01 02 03 04 05 06 07 08\n",
        frames=("0 1 1a0 0102030405060708_F",),
    ),
    Case(
        name="events, statistics, comments and garbage",
        text="// a comment\n"
        + HEAD
        + " 0.0 SV: 3 0 1 ::System::x = 1\n 0.1 1 Statistic: D 0 R 0\n 0.1 CAN 1 Status:chip status error active\n"
        + " 0.1 J1939TP FEE3p 6 0 0 - Rx d 23 A0\n 0.2 // inside\n 0.3 1 1A0 Rx d 1 11\n???\n 0.4 LIN 1 2\n",
        frames=("0.3 1 1a0 11",),
        left_out={"comment": [1, 9], "event": [5, 6, 7], "not understood": [11]},
    ),
    Case(
        name="no internal events, other languages",
        text="date Mo Nov 17 09:00:00.000 2025\nbase hex timestamps absolute\nno internal events logged\n"
        "Begin TriggerBlock Mo März 17 09:00:00.000 2025\n 0.1 1 1A0 Rx d 1 11\nEnd Triggerblock\n",
        frames=("0.1 1 1a0 11",),
    ),
    Case(
        name="no header at all, lower case",
        text=" 0.1 1 1a0x rx D 1 fF\n",
        frames=("0.1 1 1a0x ff",),
    ),
    Case(
        name="blocks whose times start again",
        text=HEAD
        + "Begin Triggerblock\n 0.5 1 1A0 Rx d 1 01\n 1.0 1 1A0 Rx d 1 02\nEnd TriggerBlock\n"
        + "Begin Triggerblock\n 0.25 1 1A0 Rx d 1 03\n 0.5 1 1A0 Rx d 1 04\nEnd TriggerBlock\n",
        frames=("0.5 1 1a0 01", "1 1 1a0 02", "1 1 1a0 03", "1.25 1 1a0 04"),
        notes=("its times start again at a trigger block (line 8)",),
    ),
    Case(
        name="a classic frame of an FD channel",
        text=" 0.1 CANFD 1 Rx 1A0 0 0 2 2 11 22 0 0 0 0\n 0.2 CANFD 1 Rx 1A0 Some_Name 0 0 2 2 11 22 0 0 1000 0\n"
        " 0.3 CANFD 1 Rx 1A0 0 0 8 0 0 0 10 0\n 0.4 CANFD 1 Rx ErrorFrame 1 2\n",
        frames=("0.1 1 1a0 1122", "0.2 1 1a0 FD:1122", "0.3 1 1a0 R8", "0.4 1 error"),
    ),
    Case(
        name="an FD frame with less data than its length",
        text=" 0.1 CANFD 1 Rx 1A0 0 0 9 12 11 22\n 0.2 1 1A0 Rx d 1 11\n",
        frames=("0.2 1 1a0 11",),
        left_out={"incomplete": [1]},
    ),
    Case(
        name="impossible identifiers and times",
        text=" 0.1 1 FFFFFFFFx Rx d 1 11\n 0.1 1 900 Rx d 1 11\n -1.0 1 1A0 Rx d 1 11\n 0.2 1 1A0 Rx d 1 11\n",
        frames=("0.2 1 1a0 11",),
        left_out={"identifier": [1, 2], "time": [3]},
    ),
    Case(
        name="a decimal comma",
        text=" 0,5 1 1A0 Rx d 1 11\n",
        frames=("0.5 1 1a0 11",),
    ),
)


@pytest.mark.parametrize("case", ASC, ids=lambda case: case.name)
def test_asc(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "x.asc"
    path.write_bytes(case.text.encode("utf-8"))
    check(case, path)


# --- what cannot be used ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("x.log", b"", "holds no CAN frames"),
        ("x.asc", b"", "holds no CAN frames"),
        ("x.log", b"  can0  1A0   [2]  11 22\n", "line 1: there is no time; record with `candump -L`"),
        ("x.log", b"LOGG" + bytes(200), "is a BLF file by its content; let its name end in .blf"),
        ("x.asc", b"MDF     4.10" + bytes(200), "is an MF4 file by its content"),
        ("x.log", gzip.compress(b"(1.0) can0 1#01\n", mtime=0), "unpack it with `gunzip` first"),
        ("x.log", b"PK\x03\x04" + bytes(50), "a ZIP archive"),
        ("x.blf", b"(1.0) can0 1#01\n", "no file in Vector's binary format"),
        ("x.log", b" 0.1 1 1A0 Rx d 1 11\n", "left out: 1 line not understood"),
        ("x.asc", b"(1.0) can0 1#01\n", "left out: 1 line not understood"),
        ("x.log", b"(1700000010.0) can0 1#01\n(1700000009.9) can0 1#01\n", "line 2: its time .* sort the recording"),
        ("x.log.gz", b"", "the suffix decides the format .* `gunzip`"),
        ("x.log", b"(1.0) can0 1#0\n", "1 incomplete frame .line 1: half a byte is missing"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_sentence(name: str, content: bytes, told: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=told) as failure:
        list(read_log(path))
    assert "\n" not in str(failure.value)
    assert str(path) in str(failure.value)


def test_a_pipe_is_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.log")
    with pytest.raises(RecordingError, match="no pipe or device"):
        list(read_log(tmp_path / "x.log"))


# --- several buses ----------------------------------------------------------------------------------------------------


def opened(path: Path, text: str) -> Recording:
    path.write_text(text, encoding="utf-8")
    with open_recording(path) as recording:  # of a text, nothing is left behind
        return recording


TWO = "(1.0) can0 1#01\n(1.1) can1 2#01\n(1.2) can0 1#02\n(1.3) can1 20000004#00\n"


def test_buses_are_counted_and_one_is_chosen(tmp_path: Path) -> None:
    recording = opened(tmp_path / "x.log", TWO)
    survey = recording.survey()
    assert survey.buses == {"can0": 2, "can1": 2}
    report = Report()
    assert [m.arbitration_id for m in recording.frames(bus="can0", report=report)] == [1, 1]
    assert report.counts == survey.report("can0").counts == {"other bus": 2}
    assert survey.report("can0").used == 2
    assert "2 buses: can0 (2 frames), can1 (2 frames)" in survey.report("can0").sentences()


def test_a_bus_of_errors_alone_is_no_bus_to_choose(tmp_path: Path) -> None:
    survey = opened(tmp_path / "x.log", "(1.0) can0 1#01\n(1.1) can1 20000004#00\n").survey({"data"})
    assert list(survey.buses) == ["can0"]


@pytest.mark.parametrize(
    ("names", "wanted", "found"),
    [
        (("can0", "can1"), "can1", "can1"),
        (("can0", "can1"), "1", "can1"),
        (("can0", "vcan0"), "can0", "can0"),
        (("can0", "vcan0"), "0", None),
        (("can0", "can1"), "vcan1", None),
        (("can0", "can1"), "2", None),
        (("can0", "can1"), "", None),
    ],
)
def test_how_a_bus_is_called(names: tuple[str, ...], wanted: str, found: str | None, tmp_path: Path) -> None:
    survey = opened(tmp_path / "x.log", "".join(f"(1.0) {name} 1#01\n" for name in names)).survey()
    if found is not None:
        assert survey.named(wanted) == found
        return
    with pytest.raises(RecordingError, match=r"holds no bus .*; it holds can0"):
        survey.named(wanted)


@pytest.mark.parametrize("wanted", ["2", "can2", "CAN 2"])
def test_how_a_numbered_channel_is_called(wanted: str, tmp_path: Path) -> None:
    text = " 0.1 1 1A0 Rx d 1 11\n 0.2 2 1A0 Rx d 1 12\n"
    assert opened(tmp_path / "x.asc", text).survey().named(wanted) == "2"


def test_each_bus_has_its_own_order(tmp_path: Path) -> None:
    """Two files behind each other, one of each bus."""
    recording = opened(tmp_path / "x.log", "(1.0) can0 1#01\n(5.0) can0 1#02\n(2.0) can1 1#01\n(6.0) can1 1#02\n")
    assert recording.survey().report("can1").used == 2
    assert len(list(recording.frames(bus="can1"))) == 2
    with pytest.raises(RecordingError, match="line 3: its time"):
        list(recording.frames())


# --- pauses -----------------------------------------------------------------------------------------------------------

PAUSES = "(1.0) can0 1#01\n(61.0) can0 1#02\n(3661.0) can0 1#03\n(315576000.0) can0 1#04\n(315576001.0) can0 1#05\n"


def test_pauses_are_told_and_kept(tmp_path: Path) -> None:
    """A minute is no pause, an hour and ten years are."""
    recording = opened(tmp_path / "x.log", PAUSES)
    report = recording.survey().report()
    assert "2 long pauses: 10.0 years after line 3, 1.0 h after line 2" in report.sentences()
    assert [m.timestamp for m in recording.frames()] == [1, 61, 3661, 315576000, 315576001]


def test_pauses_can_be_skipped(tmp_path: Path) -> None:
    recording = opened(tmp_path / "x.log", PAUSES)
    assert [m.timestamp for m in recording.frames(skip_pauses=True)] == [1, 61, 62, 63, 64]


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(60.0, "1.0 min"), (59.9, "59.9 s"), (3600, "1.0 h"), (86400, "1.0 days"), (2 * 31557600, "2.0 years")],
)
def test_durations(seconds: float, told: str) -> None:
    assert duration(seconds) == told


# --- BLF --------------------------------------------------------------------------------------------------------------


def blf(*objects: bytes, compressed: bool = True) -> bytes:
    """A file of one container with these objects."""
    content = b"".join(o + bytes(len(o) % 4) for o in objects)
    packed = zlib.compress(content) if compressed else content
    container = struct.pack("<4sHHLLH6xL4x", b"LOBJ", 16, 1, 32 + len(packed), 10, 2 if compressed else 0, len(content))
    body = container + packed + bytes((32 + len(packed)) % 4)
    header = struct.pack("<4sLBBBBBBBBQQLL8H8H", b"LOGG", 144, *([0] * 8), 144 + len(body), 0, 0, 0, *([0] * 16))
    return header.ljust(144, b"\0") + body


def blf_object(kind: int, data: bytes, *, time_ns: int = 0, version: int = 1) -> bytes:
    head = struct.pack("<4sHHLLLHHQ", b"LOBJ", 32, version, 32 + len(data), kind, 2, 0, 0, time_ns)
    return head + data


def blf_frame(number: int, *, channel: int = 1, time_ns: int | None = None) -> bytes:
    data = struct.pack("<HBBL8s", channel, 0, 1, 0x100 + number, bytes([number]) + bytes(7))
    return blf_object(1, data, time_ns=number * 1_000_000 if time_ns is None else time_ns)


@pytest.mark.parametrize("compressed", [True, False])
def test_other_objects_of_a_blf_are_counted(compressed: bool, tmp_path: Path) -> None:
    path = tmp_path / "x.blf"
    marker, error, unknown = blf_object(96, bytes(40)), blf_object(2, bytes(8)), blf_object(1, bytes(16), version=9)
    path.write_bytes(blf(blf_frame(1), marker, error, blf_frame(2, channel=2), unknown, compressed=compressed))
    report = Report(unit="frame")
    assert [shown(m) for m in read_log(path, report=report)] == ["0.001 1 101 01", "0.002 2 102 02"]
    assert {k: v.first for k, v in report.left_out.items()} == {
        "event": ["frame 2"],
        "error": ["frame 3"],
        "damaged": ["frame 5"],
    }


def test_a_blf_cut_off_in_its_container(tmp_path: Path) -> None:
    path = tmp_path / "x.blf"
    whole = blf(*(blf_frame(n) for n in range(100)), compressed=False)
    path.write_bytes(whole[:-100])
    report = Report(unit="frame")
    assert len(list(read_log(path, report=report))) == 97
    assert report.left_out["cut off"].first == ["frame 98"]
    assert report.notes == [f"it is cut off: {len(whole) - 100} of {len(whole)} bytes are there"]


def test_a_damaged_place_of_a_blf_costs_no_more_than_itself(tmp_path: Path) -> None:
    path = tmp_path / "x.blf"
    whole = bytearray(blf(*(blf_frame(n) for n in range(10)), compressed=False))
    at = whole.index(b"LOBJ", whole.index(b"LOBJ", 200) + 4)
    whole[at : at + 4] = b"\xff\xff\xff\xff"
    path.write_bytes(whole)
    report = Report(unit="frame")
    assert len(list(read_log(path, report=report))) == 9
    assert report.counts == {"damaged": 1}


def test_frames_of_a_blf_outside_of_containers_are_read(tmp_path: Path) -> None:
    path = tmp_path / "x.blf"
    header = blf()[:144]
    path.write_bytes(header + blf_frame(1) + blf_frame(2))
    assert [m.arbitration_id for m in read_log(path)] == [0x101, 0x102]


def test_a_blf_that_says_to_unpack_to_gigabytes(tmp_path: Path) -> None:
    path = tmp_path / "x.blf"
    packed = zlib.compress(bytes(200 << 20), 9)
    container = struct.pack("<4sHHLLH6xL4x", b"LOBJ", 16, 1, 32 + len(packed), 10, 2, 200 << 20)
    path.write_bytes(blf()[:144] + container + packed)
    with pytest.raises(RecordingError, match="holds no CAN frames"):
        list(read_log(path))


# --- what is written is read again ------------------------------------------------------------------------------------

classic = st.builds(
    lambda number, extended, data, raw, rx: can.Message(
        arbitration_id=number if extended else number & 0x7FF,
        is_extended_id=extended,
        data=data,
        dlc=raw if raw is not None and len(data) == 8 else len(data),
        is_rx=rx,
    ),
    st.integers(0, 0x1FFFFFFF),
    st.booleans(),
    st.binary(max_size=8),
    st.none() | st.integers(9, 15),
    st.booleans(),
)
remote = st.builds(
    lambda number, extended, dlc: can.Message(
        arbitration_id=number if extended else number & 0x7FF, is_extended_id=extended, is_remote_frame=True, dlc=dlc
    ),
    st.integers(0, 0x1FFFFFFF),
    st.booleans(),
    st.integers(0, 8),
)
fd = st.builds(
    lambda number, length, brs, esi: can.Message(
        arbitration_id=number,
        is_extended_id=False,
        is_fd=True,
        data=bytes(length),
        bitrate_switch=brs,
        error_state_indicator=esi,
    ),
    st.integers(0, 0x7FF),
    st.sampled_from([*range(9), 12, 16, 20, 24, 32, 48, 64]),
    st.booleans(),
    st.booleans(),
)


def fields(m: can.Message) -> tuple[object, ...]:
    return (
        *(m.arbitration_id, m.is_extended_id, m.is_remote_frame, m.is_fd, m.is_error_frame, m.dlc, bytes(m.data)),
        *(m.bitrate_switch, m.error_state_indicator, m.is_rx),
    )


@pytest.mark.parametrize("suffix", [".log", ".asc", ".blf"])
@given(frames=st.lists(st.one_of(classic, remote, fd), min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_read_again(
    suffix: str, frames: list[can.Message], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("back") / f"x{suffix}"
    with LogWriter(path) as writer:
        for number, frame in enumerate(frames):
            frame.timestamp = 1_750_000_000 + number * 0.25
            writer.write(frame)
    report = Report()
    back = list(read_log(path, report=report))
    assert [fields(m) for m in back] == [fields(m) for m in frames]
    assert [m.timestamp - back[0].timestamp for m in back] == [n * 0.25 for n in range(len(frames))]
    assert not report.left_out
    assert not report.notes


def test_error_frames_keep_their_class_and_data_in_candump(tmp_path: Path) -> None:
    error = can.Message(
        timestamp=1, arbitration_id=0x4, is_error_frame=True, is_extended_id=True, data=b"\0\x08" + bytes(6)
    )
    with LogWriter(tmp_path / "x.log") as writer:
        writer.write(error)
    assert (tmp_path / "x.log").read_text(encoding="ascii") == "(1.000000) can0 20000004#0008000000000000\n"
    (back,) = read_log(tmp_path / "x.log")
    assert (back.arbitration_id, bytes(back.data)) == (0x4, b"\0\x08" + bytes(6))


# --- nothing is lost --------------------------------------------------------------------------------------------------

PIECES = st.lists(
    st.sampled_from(
        [
            *("(1.0) can0 123#1122 R", "(1.0) can0 123#112", "(nan) can0 123#11", "rubbish", "(1.0) can0 20000004#00"),
            *("(1.0) can1 9FF#11", "(1.0) can0 123#R4", "# x", " (1.0)  can0  123   [2]  11 22", "(1.0) can0 1##0AA"),
        ]
    ),
    min_size=1,
    max_size=20,
)


@given(pieces=PIECES)
@settings(max_examples=200, deadline=None)
def test_every_line_is_a_frame_or_counted(pieces: list[str]) -> None:
    report = Report()
    lines = [Line(n, text.strip(), is_whole=True, is_long=False) for n, text in enumerate(pieces, 1)]
    frames = list(parse_candump(lines, report, stamps_of(lines)))
    assert len(frames) + sum(report.counts.values()) == len(pieces)
