"""The crash latch's file: only the one word clears it."""

from collections.abc import Hashable

from fuzz.parts.world import as_file
from fuzz.target import Target
from vehicle_agent.latch_file import read_latch, write_latch


def run(data: bytes) -> Hashable:
    path = as_file("latch", data)
    latched = read_latch(path)
    assert latched or data.strip() == b"clear" or data.split() == [b"clear"], "cleared by something else"
    return latched


def seeds() -> list[bytes]:
    path = as_file("latch", b"")
    both = []
    for latched in (True, False):
        write_latch(path, latched=latched)
        both.append(path.read_bytes())
        assert read_latch(path) is latched
    return [*both, b"", b"CLEAR", b"clear\0", b"\xff", b"clear clear"]


TARGET = Target(
    name="latch",
    run=run,
    allowed=(),
    seeds=seeds,
    form="text",
    dictionary=(b"clear", b"latched"),
    max_bytes=64,
    share=0,
)
