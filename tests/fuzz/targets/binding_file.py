"""The form of a binding file alone."""

from collections.abc import Hashable

from fuzz.parts.world import as_file
from fuzz.target import Target
from fuzz.targets import binding
from vehicle_apis.binding import BindingError, read_binding_file


def run(data: bytes) -> Hashable:
    file = read_binding_file(as_file("b.toml", data))
    assert file.version == 1
    return (len(file.functions), len(file.e2e), file.gate is not None, len(file.absent))


def seeds() -> list[bytes]:
    return [binding.example()[0].encode(), b"version = 1", b"", b"version = 1\n[functions.x]\nby = 1"]


TARGET = Target(
    name="binding_file",
    run=run,
    allowed=(BindingError,),
    seeds=seeds,
    form="toml",
    dictionary=binding.TARGET.dictionary,
    max_bytes=8000,
    share=0,
)
