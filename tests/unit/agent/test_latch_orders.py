"""The crash latch through every order of crashes, ignition, restarts, power cuts and a disk that fails, against a plain
reading of the rule: once detected it holds until the ignition goes off and on, and no restart forgets it."""

import errno
import itertools
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.car import signals

from state_machines.crash_latch import CLEAR, CrashLatch, Latch
from vehicle_agent.latch_file import RECORD_BYTES, LatchFile, decode, encode

PATH = Path("/somewhere/crash")
CRASH = signals("D", 0, crash="detected", ignition=None)
OFF, ON = (signals("P", 0, crash="none", ignition=word) for word in ("off", "on"))
EVENTS = ("crash", "off", "on", "restart", "cut", "full", "ok", "torn")
TORN_AT = (1, 2, 5, 8)  # bytes after the first one that is different


class PowerCut(Exception):
    """In the middle of a write."""


@dataclass
class FakeDisk:
    """``in_place``: a full one still takes what is written over; else (copy on write) it does not.

    ``torn_at``: the next write over a file ends so many bytes after the first that changes it, and all with it.
    """

    in_place: bool = True
    full: bool = False
    torn_at: int | None = None
    files: dict[Path, bytes] = field(default_factory=dict)

    def read(self, path: Path) -> bytes:
        if path not in self.files:
            raise FileNotFoundError(errno.ENOENT, "No such file")
        return self.files[path]

    def create(self, path: Path, data: bytes) -> None:
        self._needs_space()
        self.files[path] = data

    def overwrite(self, path: Path, data: bytes) -> None:
        if not self.in_place:
            self._needs_space()
        old = self.read(path)
        if self.torn_at is not None and old != data:
            n = next(i for i, (a, b) in enumerate(zip(old, data, strict=True)) if a != b) + self.torn_at
            self.torn_at = None
            self.files[path] = data[:n] + old[n:]
            raise PowerCut
        self.files[path] = data

    def rename(self, path: Path, to: Path) -> None:
        self.files[to] = self.files.pop(path)

    def _needs_space(self) -> None:
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")


class Car:
    """The latch with its file, as the daemon has them: what could not be stored is stored at the next occasion."""

    def __init__(self, *, in_place: bool = True, powered_by_ignition: bool = False) -> None:
        self.disk = FakeDisk(in_place=in_place)
        self._powered_by_ignition = powered_by_ignition
        self._boot = self._now = 0
        self._start()

    def _start(self) -> None:
        name = f"{self._boot:08d}-0000-0000-0000-000000000000"
        self.file = LatchFile(PATH, boot=name, powered_by_ignition=self._powered_by_ignition, disk=self.disk)
        stored = self.file.read()
        self._pending: Latch | None = stored
        self.latch = CrashLatch(stored, on_change=self._changed)
        self._store()

    def _changed(self, latch: Latch) -> None:
        self._pending = latch

    def _store(self) -> None:
        if self._pending is not None:
            try:
                self.file.keep(self._pending)
            except OSError:
                return
            except PowerCut:
                self._boot += 1
                self._start()
                return
            self._pending = None

    def happens(self, event: str, torn_at: int) -> None:
        self._now += 1
        match event:
            case "restart":
                self._start()
            case "cut":
                self._boot += 1
                self._start()
            case "full":
                self.disk.full = True
            case "ok":
                self.disk.full, self.disk.torn_at = False, None
            case "torn":
                self.disk.torn_at = torn_at
            case _:
                self.latch.observe({"crash": CRASH, "off": OFF, "on": ON}[event], float(self._now))
        self._store()


@dataclass
class Oracle:
    """The rule read plainly. ``off``: the ignition has been off. What a power cut tears is a crash and nothing more."""

    powered_by_ignition: bool = False
    latched: bool = False
    off: bool = False
    armed: bool = False

    def happens(self, event: str) -> None:
        before = (self.latched, self.off and self.latched)
        match event:
            case "crash":
                self.latched = True
            case "off":
                self.off = True
            case "on":
                if self.off:
                    self.latched = False
                self.off = False
            case "restart" | "cut":
                self.off = self.latched and (self.off or (event == "cut" and self.powered_by_ignition))
            case "ok":
                self.armed = False
            case "torn":
                self.armed = True
        boot_is_new = event == "cut" and self.latched  # the record names it
        if self.armed and (boot_is_new or before != (self.latched, self.off and self.latched)):
            self.armed, self.latched, self.off = False, True, False


@pytest.mark.parametrize("powered_by_ignition", [False, True])
def test_every_order_of_five(powered_by_ignition: bool) -> None:
    orders = 0
    for number, order in enumerate(itertools.product(EVENTS, repeat=5)):
        car, oracle = Car(powered_by_ignition=powered_by_ignition), Oracle(powered_by_ignition)
        for event in order:
            car.happens(event, TORN_AT[number % len(TORN_AT)])
            oracle.happens(event)
            assert car.latch.latched is oracle.latched, order
        orders += 1
    assert orders == 8**5


@settings(max_examples=500)
@given(st.lists(st.sampled_from(EVENTS), max_size=20), st.sampled_from(TORN_AT), st.booleans())
def test_longer_orders(order: list[str], torn_at: int, powered_by_ignition: bool) -> None:
    car, oracle = Car(powered_by_ignition=powered_by_ignition), Oracle(powered_by_ignition)
    for event in order:
        car.happens(event, torn_at)
        oracle.happens(event)
        assert car.latch.latched is oracle.latched


def test_a_disk_that_is_full_and_copies_on_write_forgets_no_crash_and_recovers() -> None:
    for order in itertools.product([e for e in EVENTS if e != "torn"], repeat=5):
        car, oracle = Car(in_place=False), Oracle()
        for event in order:
            car.happens(event, 0)
            oracle.happens(event)
            assert car.latch.latched or not oracle.latched, order  # held longer perhaps, never forgotten
        for event in ("ok", "restart", "off", "on", "restart"):
            car.happens(event, 0)
        assert not car.latch.latched, order


STORED = (CLEAR, Latch(latched=True), Latch(latched=True, was_off=True))
BOOT, NEXT = "6c1f0f5e-9a35-4f0b-a6a0-0d8a8d6a2f11", "aa1f0f5e-0a35-4f0b-b6a0-fd8a8d6a2f00"


@pytest.mark.parametrize("old", STORED)
@pytest.mark.parametrize("new", STORED)
@pytest.mark.parametrize("boot", [BOOT, NEXT, ""])
def test_a_write_cut_off_at_any_byte_is_the_old_the_new_or_a_crash(old: Latch, new: Latch, boot: str) -> None:
    before, after = encode(old, BOOT), encode(new, boot)
    assert len(before) == len(after) == RECORD_BYTES
    for n in range(RECORD_BYTES + 1):
        for mixed in (after[:n] + before[n:], before[:n] + after[n:]):
            assert decode(mixed)[0] in {old, new, Latch(latched=True)}
            if mixed not in {before, after} and mixed.strip() not in {before.strip(), after.strip()}:
                assert decode(mixed) == (Latch(latched=True), "")  # and no boot that never was
        assert decode(after[:n])[0] in {new, Latch(latched=True)} or n == 0


@pytest.mark.parametrize("latch", STORED)
@pytest.mark.parametrize("boot", [BOOT, ""])
def test_what_is_stored_is_read(latch: Latch, boot: str) -> None:
    assert decode(encode(latch, boot)) == (latch, boot if latch.latched else "")


@pytest.mark.parametrize("byte", range(0, 70, 3))
def test_no_single_flipped_bit_clears_a_crash(byte: int) -> None:
    for latch in STORED[1:]:
        record = bytearray(encode(latch, BOOT))
        for bit in range(8):
            record[byte] ^= 1 << bit
            found, boot = decode(bytes(record))
            assert (found.latched, found.was_off, boot) in {(True, False, ""), (True, latch.was_off, BOOT)}
            record[byte] ^= 1 << bit


@given(st.binary(max_size=200))
def test_any_bytes_are_read(data: bytes) -> None:
    latch, _ = decode(data)
    assert latch.latched or data.strip() == b"clear"


@pytest.mark.parametrize("known", [True, False])
def test_a_boot_that_is_not_known_is_no_ignition_cycle(known: bool) -> None:
    disk = FakeDisk(files={PATH: encode(Latch(latched=True), BOOT if known else "")})
    file = LatchFile(PATH, boot=NEXT if not known else "", powered_by_ignition=True, disk=disk)
    assert file.read() == Latch(latched=True)


@pytest.mark.parametrize(("boot", "powered", "off"), [(BOOT, True, False), (NEXT, True, True), (NEXT, False, False)])
def test_another_boot_counts_as_ignition_off_only_where_the_ignition_powers_the_computer(
    boot: str, powered: bool, off: bool
) -> None:
    disk = FakeDisk(files={PATH: encode(Latch(latched=True), BOOT)})
    assert LatchFile(PATH, boot=boot, powered_by_ignition=powered, disk=disk).read() == Latch(latched=True, was_off=off)


def test_the_file_s_name_alone_is_a_crash() -> None:
    crashed = PATH.with_name("crash.crashed")
    for record in (encode(CLEAR, ""), b"", b"clear\n"):
        disk = FakeDisk(files={crashed: record, PATH: encode(CLEAR, "")})
        assert LatchFile(PATH, boot=BOOT, disk=disk).read() == Latch(latched=True)
    disk = FakeDisk(files={crashed: encode(Latch(latched=True, was_off=True), BOOT)})
    file = LatchFile(PATH, boot=BOOT, disk=disk)
    assert file.read() == Latch(latched=True, was_off=True)
    file.keep(CLEAR)
    assert (list(disk.files), file.read()) == ([PATH], CLEAR)
