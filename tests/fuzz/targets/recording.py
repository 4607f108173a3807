"""Recordings of a bus, as other tools write them. The first byte says which format."""

import tempfile
from collections.abc import Hashable
from pathlib import Path

import can

from fuzz.parts.world import as_file
from fuzz.target import Target
from simulators.errors import RecordingError
from simulators.recording import LogWriter, read_log

_FORMATS = {b"l": ".log", b"a": ".asc", b"b": ".blf"}


def run(data: bytes) -> Hashable:
    suffix = _FORMATS.get(data[:1], ".log")
    kinds = set()
    last_s = 0.0
    count = 0
    for message in read_log(as_file(f"x{suffix}", data[1:])):
        count += 1
        assert message.timestamp >= last_s, "time runs backwards"
        last_s = message.timestamp
        assert 0 <= message.arbitration_id <= (0x1FFFFFFF if message.is_extended_id else 0x7FF)
        assert len(message.data) <= 64
        kinds.add((message.is_extended_id, message.is_remote_frame, message.is_error_frame, message.is_fd))
    assert count, "a recording without frames passed"
    return (suffix, count.bit_length(), tuple(sorted(kinds)))


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
    return [written[0], *written[1:], log, asc, fd, b"l", b"b", b"a"]


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
