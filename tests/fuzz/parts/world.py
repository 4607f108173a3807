"""What is built once and used by many inputs."""

import asyncio
import atexit
import os
import shutil
import tempfile
from functools import cache
from multiprocessing.util import Finalize
from pathlib import Path

from safety_spec.oracle import Json, Oracle

from simulators.car import Wiring, load_wiring
from state_machines.gate import Judge
from vehicle_apis.binding import CarBinding, load_binding
from vehicle_apis.catalogue import Catalogue, load_catalogue
from vehicle_apis.params import EnumParam

STATES = ("parked", "standstill", "creeping", "driving", "fast", "unknown", "crashed")  # by restriction


@cache
def catalogue() -> Catalogue:
    return load_catalogue(with_packs=False)


@cache
def words_of_the_catalogue() -> tuple[bytes, ...]:
    """Functions, parameters and values."""
    words = [word for spec in catalogue() for word in (spec.name, *spec.by_name)]
    words += [value for spec in catalogue() for p in spec.params if isinstance(p, EnumParam) for value in p.values]
    return tuple(word.encode() for word in dict.fromkeys(words))


@cache
def judge() -> Judge:
    return Judge(catalogue())


@cache
def binding() -> CarBinding:
    return load_binding(catalogue())


@cache
def wiring() -> Wiring:
    return load_wiring()


@cache
def oracle() -> "HeldOracle":
    return HeldOracle()


@cache
def loop() -> asyncio.AbstractEventLoop:
    made = asyncio.new_event_loop()
    atexit.register(made.close)
    return made


@cache
def _folder() -> Path:
    memory = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it; a disk is many times slower
    folder = Path(tempfile.mkdtemp(prefix="fuzz-", dir=memory if os.access(memory, os.W_OK) else None))
    Finalize(None, shutil.rmtree, (folder,), {"ignore_errors": True}, exitpriority=1)  # in a pool's processes as well
    return folder


def as_file(name: str, data: bytes) -> Path:
    """``data`` as a file; the next input of the same name overwrites it."""
    path = _folder() / name
    path.write_bytes(data)
    return path


class HeldOracle(Oracle):
    """The second reading of the rules, in a driving state that is given where ``held`` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.held: str | None = None

    def state(self, line: Json) -> str:
        return super().state(line) if self.held is None else self.held
