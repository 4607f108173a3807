"""The crash latch's file: only the one word clears it, only a whole record tells more than that there was a crash."""

from collections.abc import Hashable

from fuzz.parts.world import as_file
from fuzz.target import Target
from state_machines.crash_latch import CLEAR, Latch
from vehicle_agent import latch_file
from vehicle_agent.latch_file import LatchFile, encode

_BOOT = "5b2f"


def run(data: bytes) -> Hashable:
    latch = LatchFile(as_file("latch", data), boot=_BOOT, powered_by_ignition=True).read()
    assert latch.latched or data.strip() == b"clear", "cleared by something else"
    if latch.latched and latch.was_off:
        kept, boot = latch_file.decode(data)
        assert encode(kept, boot).split() == data.split(), "the ignition was seen off by no whole record"
    return (latch.latched, latch.was_off)


def seeds() -> list[bytes]:
    path = as_file("latch", b"")
    records = []
    for latch in (Latch(latched=True), Latch(latched=True, was_off=True), CLEAR):
        LatchFile(path, boot=_BOOT).keep(latch)
        records.append(path.read_bytes())
        assert LatchFile(path, boot=_BOOT).read() == latch
    another_boot = encode(Latch(latched=True), "77aa")
    return [*records, another_boot, b"", b"CLEAR", b"clear\0", b"\xff", b"clear clear"]


TARGET = Target(
    name="latch",
    run=run,
    allowed=(),
    seeds=seeds,
    form="text",
    dictionary=(b"clear", b"latched", b"ignition=off", b"boot=", b"crc="),
    max_bytes=192,
    share=0,
)
