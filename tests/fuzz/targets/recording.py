"""Recordings of a bus, as other tools write them. The first byte says which format.

Every line is a frame or counted; what is found in advance is what is then read; one bus alone has no frame of another.
"""

import json
import tempfile
from collections.abc import Hashable
from itertools import pairwise
from pathlib import Path

import can

from fuzz.parts.world import as_file
from fuzz.target import Target
from simulators.errors import RecordingError
from simulators.reading import Report, open_recording
from simulators.reading.text import lines
from simulators.recording import LogWriter, read_log
from simulators.replaying import SENT_KINDS

_FORMATS = {b"l": ".log", b"a": ".asc", b"b": ".blf"}


def run(data: bytes) -> Hashable:
    suffix = _FORMATS.get(data[:1], ".log")
    kinds = set()
    last_s = 0.0
    count = 0
    path = as_file(f"x{suffix}", data[1:])
    report = Report()
    for message in read_log(path, report=report):
        count += 1
        assert message.timestamp >= last_s, "time runs backwards"
        last_s = message.timestamp
        assert 0 <= message.arbitration_id <= (0x1FFFFFFF if message.is_extended_id else 0x7FF)
        assert len(message.data) <= 64
        kinds.add((message.is_extended_id, message.is_remote_frame, message.is_error_frame, message.is_fd))
    assert count, "a recording without frames passed"
    assert count == report.used
    if suffix == ".log":
        there = sum(1 for _ in lines(path, path))
        assert there == count + sum(report.counts.values()), "a line is lost"
    assert not any("\n" in sentence for sentence in report.sentences())
    json.dumps(report.to_json())
    _survey(path)
    return (suffix, count.bit_length(), tuple(sorted(kinds)), tuple(report.counts))


def _survey(path: Path) -> None:
    with open_recording(path) as recording:
        survey = recording.survey(SENT_KINDS)
        for bus in survey.buses:
            assert survey.named(bus) == bus
            report = recording.new_report()
            try:
                expected = survey.report(bus)
            except RecordingError:  # its times go back
                continue
            frames = list(recording.frames(bus=bus, kinds=SENT_KINDS, report=report))
            assert len(frames) == expected.used == report.used
            assert report.counts == expected.counts
            assert {str(message.channel) for message in frames} <= {bus}
            times = [m.timestamp for m in recording.frames(bus=bus, kinds=SENT_KINDS, skip_pauses=True)]
            assert times == sorted(times)
            assert all(b - a <= 60 + 1e-3 for a, b in pairwise(times)), "a pause is left"


def recorded(suffix: str) -> bytes:
    """A short recording in one format."""
    frames = [
        can.Message(timestamp=1.0, arbitration_id=0x100, is_extended_id=False, data=bytes(range(8))),
        can.Message(timestamp=1.02, arbitration_id=0x18FF1234, is_extended_id=True, data=b"\xff" * 4),
        can.Message(timestamp=1.5, arbitration_id=0x101, is_extended_id=False, is_remote_frame=True, dlc=2),
        can.Message(timestamp=2.0, arbitration_id=0x102, is_extended_id=False, data=b""),
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"seed{suffix}"
        with LogWriter(path) as log:
            for frame in frames:
                log.write(frame)
        return path.read_bytes()


def seeds() -> list[bytes]:
    asc = b"adate Wed Jun 1 10:00:00.000 am 2026\nbase hex  timestamps absolute\n"
    asc += b" 0.1 1  100x Rx d 2 01 02\n 0.2 1 ErrorFrame\n"
    log = b"l(1436509052.249713) vcan0 044#2A366C2BBA\n(1436509053.850870) vcan0 0AD#R\n(1.0) can0 123##1aabb\n"
    written = [start + recorded(suffix) for start, suffix in _FORMATS.items()]
    fd = b"a 1.0 CANFD 1 Rx 3e7 1 0 f 32 00 11 22 33 44 55 66 77\n"
    delta = b"l(000.000000) can0 1#01\n(000.500000) can1 1#02\n(000.200000) can0 20000004#00\n(000.2"
    view = b"l (1.0)  can0  1A0   [2]  11 22\n (2.0)  can0  20000004   [1]  00   ERRORFRAME\n\tcontroller\n"
    view += b" (3.0)  can1  RX - -  123   {F}  01 02 03 04 05 06 07 08\n (99.0) can1 1A0 [4] remote request\n"
    raw = b"l(1.0) can0 123#1122334455667788_F T\n(1.0) can0 123#R8_C\n(1.0) can0 123#81:00:12345678#0011\n"
    relative = b"abase dec  timestamps relative\n 0.5 1 416 Rx d 2 17 18\n 0.5 2 Statistic: D 1\n 0.5 1 416 Rx d 2 17"
    return [written[0], *written[1:], log, asc, fd, delta, view, raw, relative, b"l", b"b", b"a"]


TARGET = Target(
    name="recording",
    run=run,
    allowed=(RecordingError,),
    seeds=seeds,
    form="text",
    dictionary=(
        *(b"(1.5) can0 100#0011\n", b"#R8", b"##0", b"(nan)", b"(1e999)", b"(-1)", b"base dec", b"timestamps relative"),
        *(
            b"Begin Triggerblock",
            b"ErrorFrame",
            b"CANFD",
            b"LOGG",
            b"LOBJ",
            b"Rx",
            b"Tx",
            b"r",
            b"1F334455x",
            b"\xff\xff\xff\xff",
        ),
    ),
    max_bytes=3_000,
    share=0,
)
