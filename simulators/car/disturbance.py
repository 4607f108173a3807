"""What the active faults do to frames: the state and the randomness behind `faults`."""

import random
from dataclasses import dataclass, field
from typing import Final

from cantools.database.can import Signal

from simulators.car.faults import (
    CorruptCrc,
    Delay,
    Fault,
    Freeze,
    FreezeCounter,
    Offset,
    OutOfRange,
    Silence,
    SpeedsApart,
    Stuck,
    WireFault,
    WrongCounter,
)
from simulators.car.wiring import Published

MAX_DELTA_COUNTER: Final = 2  # a receiver accepts an advance of one or two
_BURST_S: Final = 0.005  # a babbling node is looked after so often, and sends what is due by then in one go
_CATCH_UP_S: Final = 0.1  # what it missed while the computer was busy is sent up to here


@dataclass(slots=True)
class Active:
    """A fault at work. ``until_s``: when it ends by itself; ``held``: the raw value that a signal was found with."""

    fault: Fault
    seed: str
    until_s: float = float("inf")
    held: int | float = 0
    _streams: dict[str, random.Random] = field(default_factory=dict, repr=False)

    def rng(self, message: str) -> random.Random:
        """A stream of random numbers for each message, so that no other one can shift it."""
        if message not in self._streams:
            self._streams[message] = random.Random(f"{self.seed} {message}")
        return self._streams[message]


@dataclass(slots=True)
class Disturbance:
    """What strikes one message, put together anew whenever a fault comes or goes.

    ``is_silent``: not made at all; ``is_off_bus``: made and counted, but not on the wire. ``raw``: signals whose raw
    value stands; ``offsets``: those that show more or less than there is.
    """

    is_silent: bool = False
    is_off_bus: bool = False
    is_frozen: bool = False
    counter_stands: bool = False
    counter_jumps: random.Random | None = None
    raw: dict[str, int | float] = field(default_factory=dict)
    offsets: dict[str, float] = field(default_factory=dict)
    wire: list[tuple[WireFault, random.Random]] = field(default_factory=list)

    def add(self, active: Active, published: Published) -> None:
        """What a fault of a message does to this one."""
        rng = active.rng(published.name)
        match active.fault:
            case Silence():
                self.is_silent = True
            case Freeze():
                self.is_frozen = True
            case FreezeCounter():
                self.counter_stands = True
            case WrongCounter():
                self.counter_jumps = rng
            case CorruptCrc() if published.protection is None:
                pass  # struck as one of its unit's messages; it has no CRC
            case WireFault() as fault:
                self.add_wire(fault, rng)
            case _:
                pass

    def add_signal(self, active: Active, signal: str) -> None:
        """What a fault of this signal does."""
        match active.fault:
            case OutOfRange() | Stuck():
                self.raw[signal] = active.held
            case Offset(_, by) | SpeedsApart(by):
                self.offsets[signal] = self.offsets.get(signal, 0.0) + by
            case _:
                pass

    def add_wire(self, fault: WireFault, rng: random.Random) -> None:
        """In the order in which a frame meets them."""
        self.wire.append((fault, rng))
        self.wire.sort(key=lambda entry: entry[0].order)

    def on_wire(self, data: bytes) -> list[bytes]:
        """The frames that one frame becomes."""
        frames = [data]
        for fault, rng in self.wire:
            frames = [struck for frame in frames for struck in fault.strike(frame, rng)]
        return frames

    def delay_s(self) -> float | None:
        """How late the next frame comes; None when frames come in time."""
        delays = [fault.draw_s(rng) for fault, rng in self.wire if isinstance(fault, Delay)]
        return sum(delays) if delays else None

    @property
    def may_overtake(self) -> bool:
        return any(isinstance(fault, Delay) and fault.jitter_ms for fault, _ in self.wire)


class Babbler:
    """A node that sends garbage; ``period_s`` apart on average, in small bursts."""

    def __init__(
        self, *, frame_id: int, extended: bool, length: int, period_s: float, now_s: float, rng: random.Random
    ) -> None:
        self.frame_id = frame_id
        self.extended = extended
        self.next_s = now_s
        self._due_s = now_s
        self._length = length
        self._period_s = period_s
        self._rng = rng

    def due(self, now_s: float) -> list[bytes]:
        if now_s < self.next_s:
            return []
        self._due_s = max(self._due_s, now_s - _CATCH_UP_S)
        frames = []
        while self._due_s <= now_s:
            frames.append(self._rng.randbytes(self._length))
            self._due_s += self._period_s
        self.next_s = max(self._due_s, now_s + _BURST_S)
        return frames


def farthest_raw(signal: Signal) -> int | None:
    """A raw value beyond the DBC's range and value table, else the last one its bits can hold; None: all have a word.

    A signal of words alone has no range: any number without a word is beyond.
    """
    if signal.conversion.is_float:
        return None
    words = set(signal.choices or ())
    low, high = raw_limits(signal)
    ends = []
    for end, step in ((high, -1), (low, 1)):
        raw = end
        while raw in words:
            raw += step
        if low <= raw <= high:
            ends.append(raw)
    return next((raw for raw in ends if _is_beyond(signal, raw)), ends[0] if ends else None)


def raw_limits(signal: Signal) -> tuple[int, int]:
    """What the bits of a whole number can hold."""
    bits = signal.length
    return (-(1 << bits - 1), (1 << bits - 1) - 1) if signal.is_signed else (0, (1 << bits) - 1)


def _is_beyond(signal: Signal, raw: int) -> bool:
    value = raw * signal.scale + signal.offset
    slack = abs(signal.scale) / 2
    too_high = signal.maximum is not None and value > signal.maximum + slack
    return too_high or (signal.minimum is not None and value < signal.minimum - slack)
