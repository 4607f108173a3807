"""A recording sent onto a bus again, with a clock of the test's own."""

from dataclasses import dataclass, field

import can
import pytest
from support.car import Clock

from simulators.errors import BadValue, BusUnavailable
from simulators.reading import kind_of
from simulators.replaying import MAX_FRAMES_PER_S, replay


class Bus(can.BusABC):
    """Remembers what was sent and when; refuses the first ``refusals`` frames."""

    def __init__(self, clock: Clock, refusals: int = 0) -> None:
        self.sent: list[tuple[float, can.Message]] = []
        self._clock = clock
        self._refusals = refusals
        super().__init__(channel="test")

    def send(self, msg: can.Message, timeout: float | None = None) -> None:
        del timeout
        if self._refusals:
            self._refusals -= 1
            raise can.CanOperationError("no buffer space")
        self.sent.append((self._clock(), msg))

    def _recv_internal(self, timeout: float | None) -> tuple[can.Message | None, bool]:
        raise NotImplementedError


@dataclass
class Sleeper:
    clock: Clock
    extra_s: float = 0.0
    slept: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.advance(seconds + self.extra_s)


def frames(*times_s: float) -> list[can.Message]:
    return [can.Message(timestamp=t, arbitration_id=n, data=bytes([n % 256])) for n, t in enumerate(times_s)]


@pytest.mark.parametrize(
    ("speed", "expected"), [(1, [0, 1, 1, 4]), (2, [0, 0.5, 0.5, 2]), (0.5, [0, 2, 2, 8]), (0, [0, 0, 0, 0])]
)
def test_the_pauses_are_the_recorded_ones_by_the_speed(speed: float, expected: list[float]) -> None:
    clock = Clock(50.0)
    with Bus(clock) as bus:
        done = replay(frames(1e9, 1e9 + 1, 1e9 + 1, 1e9 + 4), bus, speed=speed, clock=clock, sleep=Sleeper(clock))
        assert [at_s - 50 for at_s, _ in bus.sent] == pytest.approx(expected, abs=0.001)
        assert [m.arbitration_id for _, m in bus.sent] == [0, 1, 2, 3]
    assert done.sent == 4
    assert done.seconds == pytest.approx(expected[-1], abs=0.001)


def test_no_more_than_a_bus_carries() -> None:
    """Whatever the speed: UDP has no way to say that it is too much."""
    for speed in (0, 1000):
        clock = Clock()
        with Bus(clock) as bus:
            done = replay(frames(*[n * 0.01 for n in range(401)]), bus, speed=speed, clock=clock, sleep=Sleeper(clock))
        assert done.seconds == pytest.approx(400 / MAX_FRAMES_PER_S)


def test_sleeping_too_long_does_not_add_up() -> None:
    clock = Clock()
    with Bus(clock) as bus:
        replay(frames(*range(11)), bus, clock=clock, sleep=Sleeper(clock, extra_s=0.3))
        late = [at_s - 1000 - n for n, (at_s, _) in enumerate(bus.sent)]
    assert max(late) == pytest.approx(0.3)


def test_kinds_of_frames() -> None:
    clock = Clock()
    given = [
        can.Message(timestamp=1, arbitration_id=1, data=b"\x01\x02"),
        can.Message(timestamp=2, is_error_frame=True),
        can.Message(timestamp=3, arbitration_id=0x18DAF110, is_extended_id=True, data=bytes(8)),
        can.Message(timestamp=4, arbitration_id=2, is_fd=True, data=bytes(12)),
        can.Message(timestamp=5, arbitration_id=3, is_remote_frame=True, dlc=4),
    ]
    assert [kind_of(m) for m in given] == ["data", "error", "data", "FD", "remote"]
    with Bus(clock) as bus:
        done = replay(given, bus, speed=0, clock=clock, sleep=Sleeper(clock))
        sent = [m for _, m in bus.sent]
    assert done.sent == 3
    assert done.left_out == {"error": 1, "FD": 1}
    assert [(m.arbitration_id, m.is_extended_id, m.is_remote_frame, m.dlc) for m in sent] == [
        (1, True, False, 2),
        (0x18DAF110, True, False, 8),
        (3, True, True, 4),
    ]


def test_a_full_bus_is_waited_for_and_no_frame_is_lost() -> None:
    clock = Clock()
    with Bus(clock, refusals=20) as bus:
        done = replay(frames(1, 1, 1), bus, speed=0, clock=clock, sleep=Sleeper(clock))
        assert [m.arbitration_id for _, m in bus.sent] == [0, 1, 2]
    assert done.sent == 3


def test_a_dead_bus_is_told() -> None:
    clock = Clock()
    with (
        Bus(clock, refusals=1_000_000) as bus,
        pytest.raises(BusUnavailable, match=r"takes no frames.*no buffer space"),
    ):
        replay(frames(1), bus, clock=clock, sleep=Sleeper(clock))


@pytest.mark.parametrize("speed", [-1, float("nan"), float("inf")])
def test_a_speed_is_a_factor(speed: float) -> None:
    clock = Clock()
    with Bus(clock) as bus, pytest.raises(BadValue, match="0 for no pauses"):
        replay([], bus, speed=speed, clock=clock, sleep=Sleeper(clock))
