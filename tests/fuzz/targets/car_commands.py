"""Command frames at the simulated car: forged ones change nothing, sealed ones leave a car that still makes sense.

An input is a row of records of 12 bytes: how it is spoilt, which command, its data, its age, the time that passes.
"""

from collections.abc import Hashable

import can

from fuzz.parts.crc import is_authentic, sealed
from fuzz.parts.world import wiring
from fuzz.target import Target
from simulators.car import Car

_RECORD = 12
_MOST_RECORDS = 5


class _Clock:
    now_s = 50.0

    def __call__(self) -> float:
        return self.now_s


def run(data: bytes) -> Hashable:
    clock = _Clock()
    car = Car(wiring=wiring(), clock=clock, wall_clock=clock)
    commands = sorted(wiring().commanded.values(), key=lambda c: c.name)
    for at in range(0, min(len(data), _RECORD * _MOST_RECORDS), _RECORD):
        record = data[at : at + _RECORD].ljust(_RECORD, b"\0")
        commanded = commands[record[1] % len(commands)]
        frame = record[2:10]
        match record[0] & 3:
            case 0:
                frame = frame[: record[10] % 9]
            case 1 | 2 if commanded.protection is not None:
                frame = sealed(commanded.protection, frame, record[10])
        trusted = commanded.protection is None or is_authentic(commanded.protection, frame)
        before = {group: request.request_id for group, request in car.model.requests.items()}
        taken = car.counts["commands"]
        message = can.Message(
            arbitration_id=commanded.message.frame_id,
            is_extended_id=commanded.message.is_extended_frame,
            data=frame,
            timestamp=clock.now_s - record[11] / 100,
            is_remote_frame=record[0] & 0xF0 == 0xF0 and not frame,
        )
        car._offer(message)
        car._take_commands()
        if not trusted:
            assert car.counts["commands"] == taken, "a forged command was taken"
            assert before == {g: r.request_id for g, r in car.model.requests.items()}, "a forged command was answered"
        clock.now_s += (record[0] >> 2 & 3) * 0.05
    _check(car)
    results = tuple(sorted({(r.result, r.reason) for r in car.model.requests.values()}))
    return (car.counts["commands"].bit_length(), results)


def _check(car: Car) -> None:
    state = car.state()
    assert all(isinstance(value, str) or value == value for value in state.values()), "not a number"  # noqa: PLR0124
    for name, domain in wiring().domains.items():
        assert domain.holds(car.model.shown(name)) or not domain.words, f"{name} shows what its signal cannot"


def seeds() -> list[bytes]:
    commands = sorted(wiring().commanded.values(), key=lambda c: c.name)
    one_each = []
    for number in range(len(commands)):
        for selector in range(1, 4):
            body = bytes((0, selector << 4, 1 + selector, 50, 1, 50, 1, 1))
            one_each.append(bytes((0x09, number)) + body + b"\1\0")
    return [b"".join(one_each[i : i + 5]) for i in range(0, len(one_each), 5)] + [b"\0" * 24, bytes(range(48))]


TARGET = Target(name="car_commands", run=run, allowed=(), seeds=seeds, max_bytes=_RECORD * _MOST_RECORDS, share=0)
