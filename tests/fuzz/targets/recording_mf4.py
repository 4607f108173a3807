"""Recordings in MDF 4, where the package that reads them is installed. Not part of a campaign: see `targets.OPEN`."""

import importlib.util
from collections.abc import Hashable

from fuzz.parts.world import as_file
from fuzz.target import Target
from fuzz.targets.recording import recorded
from simulators.errors import RecordingError
from simulators.recording import read_log


def run(data: bytes) -> Hashable:
    frames = list(read_log(as_file("x.mf4", data)))
    assert frames
    assert [f.timestamp for f in frames] == sorted(f.timestamp for f in frames), "time runs backwards"
    return len(frames)


TARGET = (
    Target(
        name="recording_mf4",
        run=run,
        allowed=(RecordingError,),
        seeds=lambda: [recorded(".mf4"), b"", b"MDF     4.10"],
        dictionary=(b"##HD", b"##DG", b"##CG", b"##CN", b"##DT", b"##DZ", b"##TX", b"\xff\xff\xff\xff\xff\xff\xff\xff"),
        max_bytes=40_000,
        share=0,
    )
    if importlib.util.find_spec("asammdf")
    else None
)
