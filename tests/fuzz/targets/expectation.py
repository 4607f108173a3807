"""What a recorded drive should give, read back."""

import json
from collections.abc import Hashable

from fuzz.mutate import nested
from fuzz.parts.world import as_file
from fuzz.target import Target
from vehicle_agent.errors import ConfigError
from vehicle_agent.record.drives.drive import Drive, StateChange, Verdicts
from vehicle_agent.record.drives.expectation import differences, lines, read_expectation


def run(data: bytes) -> Hashable:
    drive = read_expectation(as_file("drive.expect", data))
    assert differences(drive, drive) == [] or drive.seconds != drive.seconds, "it differs from itself"
    json.dumps(list(lines(drive))).encode()
    return (len(drive.changes), len(drive.verdicts), len(drive.messages))


def seeds() -> list[bytes]:
    change = StateChange(at_s=1.5, old="unknown", new="parked", by="Gear", because="gear P, 0 km/h")
    verdicts = Verdicts(at_s=1.5, state="parked", of={"play_video(title=x)": "allow", "operate_trunk": "deny"})
    counts = {"Gear": {"ok": 20, "wrong_crc": 1}}
    drive = Drive(frames=21, seconds=2.5, changes=(change,), verdicts=(verdicts,), messages=counts)
    text = "\n".join(json.dumps(line) for line in lines(drive)).encode()
    return [text, b"", b"[]", b'{"kind": "drive", "version": 1}', nested(b"[")]


TARGET = Target(
    name="expectation",
    run=run,
    allowed=(ConfigError,),
    seeds=seeds,
    form="jsonl",
    dictionary=(b"kind", b"drive", b"state", b"verdicts", b"message", b"version", b"counts", b"at_s", b"allow", b"NaN"),
    share=0,
)
