"""A stream in pieces of any size: what is wanted comes out whole, the rest is never kept."""

import random

import pytest
from dbus_next.constants import MessageType
from dbus_next.message import Message
from support.dbus_bytes import marshalled

from vehicle_agent.message_bus.intake import MAX_HEADER_BYTES, Intake, Parcel, Passed
from vehicle_agent.message_bus.malformed import Malformed, NotDBus
from vehicle_agent.message_bus.wire import SIGNAL, Header


def call(serial: int, text: str = "hi", member: str = "Ask", path: str = "/a") -> bytes:
    message = Message(path=path, interface="a.b", member=member, signature="s", body=[text], serial=serial)
    return marshalled(message)


def signal(interface: str = "a.b", text: str = "hi") -> bytes:
    message = Message(
        path="/a",
        interface=interface,
        member="S",
        message_type=MessageType.SIGNAL,
        signature="s",
        body=[text],
        serial=9,
    )
    return marshalled(message)


class Ear:
    def __init__(self, refused: str = "Refused") -> None:
        self.asked: list[Header] = []
        self.malformed: list[Malformed] = []
        self.most = 0
        self._refused = refused
        self.intake = Intake(self._wants, self.malformed.append)

    def _wants(self, header: Header) -> bool:
        self.asked.append(header)
        return header.member != self._refused

    def hear(self, data: bytes, chunk: int) -> list[Parcel]:
        found = []
        for at in range(0, len(data), chunk):
            self.intake.feed(memoryview(data)[at : at + chunk])
            while (taken := self.intake.take()) is not None:
                if isinstance(taken, Parcel):
                    found.append(taken)
            self.most = max(self.most, self.intake.kept_bytes)
        return found


@pytest.mark.parametrize("chunk", [1, 7, 64, 100_000])
def test_pieces_of_any_size(chunk: int) -> None:
    stream = call(1) + signal() + call(2, "x" * 500, member="Refused") + call(3, "y" * 300) + signal() + call(4)
    ear = Ear()
    found = ear.hear(stream, chunk)
    assert [parcel.header.serial for parcel in found] == [1, 3, 4]
    assert found[1].body[4:-1] == b"y" * 300
    assert [header.serial for header in ear.asked] == [1, 2, 3, 4]  # once each, and no foreign signal
    assert ear.intake.kept_bytes == 0


def test_pieces_by_chance() -> None:
    rng = random.Random(1)
    ear, wanted, stream = Ear(), [], b""
    for serial in range(1, 400):
        kind = rng.randrange(3)
        if kind == 0:
            wanted.append(serial)
        stream += (
            call(serial, "x" * rng.randrange(3000))
            if kind == 0
            else call(serial, "x" * rng.randrange(3000), member="Refused")
            if kind == 1
            else signal(text="x" * rng.randrange(3000))
        )
    found = []
    while stream:
        size = rng.choice((1, 16, 200, 5000))
        found += ear.hear(stream[:size], size)
        stream = stream[size:]
    assert [parcel.header.serial for parcel in found] == wanted


def test_what_is_not_wanted_is_not_kept() -> None:
    ear = Ear()
    large = call(1, "x" * 5_000_000, member="Refused") + signal(text="x" * 5_000_000) + call(2)
    assert [p.header.serial for p in ear.hear(large, 65_536)] == [2]
    assert ear.most <= 65_536


def test_signals_that_may_be_the_bus_s_own_are_looked_at() -> None:
    ear = Ear()
    ear.hear(signal("org.freedesktop.DBus") + signal("org.freedesktop.DBus.Properties") + signal(), 1000)
    assert [h.interface for h in ear.asked] == ["org.freedesktop.DBus", "org.freedesktop.DBus.Properties"]
    assert all(h.kind == SIGNAL for h in ear.asked)


def test_a_header_that_is_none_costs_that_message_only() -> None:
    ear = Ear()
    assert [p.header.serial for p in ear.hear(call(1).replace(b"a.b", b"a.!") + call(2), 1000)] == [2]
    assert len(ear.malformed) == 1


@pytest.mark.parametrize(("path_bytes", "taken"), [(60_000, True), (65_500, False), (1_000_000, False)])
def test_an_endless_path_is_passed_over(path_bytes: int, taken: bool) -> None:
    ear = Ear()
    found = ear.hear(call(1, path="/" + "x" * path_bytes) + call(2), 10_000)
    assert [p.header.serial for p in found] == ([1, 2] if taken else [2])
    assert len(ear.malformed) == (not taken)
    assert ear.most <= MAX_HEADER_BYTES + 10_000


def test_a_stream_that_is_no_dbus() -> None:
    with pytest.raises(NotDBus):
        Ear().hear(call(1) + b"HTTP/1.1 200 OK\r\n\r\n", 1000)


def test_one_message_at_a_time() -> None:
    """Whoever takes may stop after each, however many have come in."""
    ear = Ear()
    ear.intake.feed(memoryview(signal() * 3 + call(1)))
    assert [ear.intake.take() for _ in range(3)] == [Passed.OVER] * 3
    assert isinstance(ear.intake.take(), Parcel)
    assert ear.intake.take() is None
