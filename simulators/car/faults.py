"""What can be made to go wrong in the simulated car: the faults, in words and as data."""

import difflib
import random
from collections.abc import Iterator
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, ClassVar, Final, TypeAlias, get_args

from simulators.car.ecu import Reason
from simulators.errors import BadValue
from vehicle_apis.numbers import any_float, whole_number

Data: TypeAlias = bytes

_MAX_FLIPS: Final = 4
_HOUR_S: Final = 3600.0
_HUGE: Final = 1e12
JITTER: Final = "jitter"


@dataclass(frozen=True, slots=True)
class FaultKind:
    """``syntax``: how it is written, optional parts in brackets; ``about``: one sentence; ``example``: in words."""

    name: str
    syntax: str
    about: str
    example: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Goes wrong until it is cleared. `str` gives the words `parse_fault` takes. Raises BadValue."""

    kind: ClassVar[FaultKind]

    def __post_init__(self) -> None:
        for f in fields(self):
            low, high = f.metadata.get("limits", (None, None))
            value = getattr(self, f.name)
            if low is not None and value is not None and not low <= value <= high:
                raise BadValue(
                    f"{self.kind.name}: {f.name} must be from {low:g} to {high:g}, not {value:g}; "
                    f"write {self.kind.syntax!r}"
                )

    def __str__(self) -> str:
        return " ".join(self.words())

    @property
    def target(self) -> str:
        """What it strikes; "" when the kind says it all."""
        first = getattr(self, fields(self)[0].name)
        return first if isinstance(first, str) else ""

    def words(self) -> Iterator[str]:
        yield self.kind.name
        for f in fields(self):
            value = getattr(self, f.name)
            if value is not None:
                yield value if isinstance(value, str) else f"{value:g}"


def _number(low: float, high: float, default: Any = MISSING) -> Any:  # noqa: ANN401  # as `dataclasses.field` itself
    return field(default=default, metadata={"limits": (low, high)})


# --- of a whole control unit ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Unplug(Fault):
    ecu: str
    kind = FaultKind("unplug", "unplug ECU", "the control unit falls silent and deaf", "unplug Windows")


@dataclass(frozen=True, slots=True)
class Reset(Fault):
    ecu: str
    seconds: float = _number(0.01, _HOUR_S, 1.0)
    kind = FaultKind(
        "reset",
        "reset ECU [SECONDS]",
        "it restarts: silent and deaf for so long (1), motions stop, what commands had set, its counters and the "
        "command under way are forgotten; measurements and positions stay",
        "reset Windows 0.5",
    )


@dataclass(frozen=True, slots=True)
class BusOff(Fault):
    ecu: str
    seconds: float = _number(0.01, _HOUR_S, 1.0)
    kind = FaultKind(
        "bus_off",
        "bus_off ECU [SECONDS]",
        "its controller is off the bus for so long (1): nothing is sent or received, but the unit goes on and its "
        "counters run",
        "bus_off Powertrain 2",
    )


@dataclass(frozen=True, slots=True)
class Ignore(Fault):
    ecu: str
    kind = FaultKind("ignore", "ignore ECU", "commands to it are not answered; its frames go on", "ignore Windows")


@dataclass(frozen=True, slots=True)
class Reject(Fault):
    group: str
    reason: Reason
    kind = FaultKind(
        "reject",
        "reject GROUP REASON",
        "commands of the group (Window for WindowCommand) are rejected with this reason",
        "reject Window busy",
    )

    def __post_init__(self) -> None:
        if self.reason not in get_args(Reason):
            raise BadValue(f"reject: there is no reason {self.reason!r}; there are: {', '.join(get_args(Reason))}")


# --- of one message, or of every message of a control unit ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MessageFault(Fault):
    """``message``: its name, or a control unit's for all that it sends."""

    message: str


@dataclass(frozen=True, slots=True)
class WireFault(MessageFault):
    """Strikes finished frames; the only kind that can also strike a command, as its unit receives it."""

    order: ClassVar[int]

    def strike(self, data: Data, rng: random.Random) -> tuple[Data, ...]:
        """What becomes of one frame: nothing, one or several."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Silence(WireFault):
    kind = FaultKind("silence", "silence MESSAGE", "the message is no longer sent", "silence Gear")
    order = 0

    def strike(self, data: Data, rng: random.Random) -> tuple[Data, ...]:  # noqa: ARG002  # as every one
        return ()


@dataclass(frozen=True, slots=True)
class CorruptCrc(WireFault):
    kind = FaultKind(
        "corrupt_crc",
        "corrupt_crc MESSAGE",
        "a wrong check value in every frame of a protected message",
        "corrupt_crc Gear",
    )
    order = 1

    def strike(self, data: Data, rng: random.Random) -> tuple[Data, ...]:  # noqa: ARG002  # as every one
        return (bytes([data[0] ^ 0x5A]) + data[1:],) if data else (data,)


@dataclass(frozen=True, slots=True)
class Corrupt(WireFault):
    share: float = _number(0, 1, 1.0)
    kind = FaultKind(
        "corrupt",
        "corrupt MESSAGE [SHARE]",
        f"1 to {_MAX_FLIPS} random bits of a frame are flipped, in this share of the frames (1 = all)",
        "corrupt VehicleSpeed 0.2",
    )
    order = 2

    def strike(self, data: Data, rng: random.Random) -> tuple[Data, ...]:
        if rng.random() >= self.share or not data:
            return (data,)
        flipped = int.from_bytes(data, "little")
        bits = 8 * len(data)
        for bit in rng.sample(range(bits), rng.randint(1, _MAX_FLIPS)):
            flipped ^= 1 << bit
        return (flipped.to_bytes(len(data), "little"),)


@dataclass(frozen=True, slots=True)
class Drop(WireFault):
    share: float = _number(0, 1)
    kind = FaultKind(
        "drop", "drop MESSAGE SHARE", "this share (0 to 1) of the frames is lost, at random", "drop Gear 0.5"
    )
    order = 3

    def strike(self, data: Data, rng: random.Random) -> tuple[Data, ...]:
        return () if rng.random() < self.share else (data,)


@dataclass(frozen=True, slots=True)
class Repeat(WireFault):
    times: int = _number(1, 100, 1)
    kind = FaultKind("repeat", "repeat MESSAGE [N]", "every frame is sent N more times (1), unchanged", "repeat Gear 2")
    order = 4

    def strike(self, data: Data, rng: random.Random) -> tuple[Data, ...]:  # noqa: ARG002  # as every one
        return (data,) * (1 + self.times)


@dataclass(frozen=True, slots=True)
class Delay(WireFault):
    delay_ms: float = _number(0, 60_000)
    jitter_ms: float = _number(0, 60_000, 0.0)
    kind = FaultKind(
        "delay",
        "delay MESSAGE MS [jitter MS]",
        "frames come so much later, in order; with jitter by up to so much more, and they may overtake each other",
        "delay Gear 200 jitter 100",
    )
    order = 5

    def words(self) -> Iterator[str]:
        yield from (self.kind.name, self.message, f"{self.delay_ms:g}")
        if self.jitter_ms:
            yield from (JITTER, f"{self.jitter_ms:g}")

    def strike(self, data: Data, rng: random.Random) -> tuple[Data, ...]:  # noqa: ARG002  # as every one
        return (data,)

    def draw_s(self, rng: random.Random) -> float:
        """The delay of one frame."""
        return (self.delay_ms + (rng.uniform(0, self.jitter_ms) if self.jitter_ms else 0.0)) / 1000


@dataclass(frozen=True, slots=True)
class Freeze(MessageFault):
    kind = FaultKind(
        "freeze", "freeze MESSAGE", "the contents stand still while counter and CRC go on", "freeze VehicleSpeed"
    )


@dataclass(frozen=True, slots=True)
class FreezeCounter(MessageFault):
    kind = FaultKind(
        "freeze_counter",
        "freeze_counter MESSAGE",
        "the counter of a protected message stands still, the CRC fits",
        "freeze_counter Gear",
    )


@dataclass(frozen=True, slots=True)
class WrongCounter(MessageFault):
    kind = FaultKind(
        "wrong_counter",
        "wrong_counter MESSAGE",
        "the counter of a protected message jumps by more than a receiver accepts, the CRC fits",
        "wrong_counter Gear",
    )


# --- of one signal ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OutOfRange(Fault):
    signal: str
    value: float | None = _number(-_HUGE, _HUGE, None)
    kind = FaultKind(
        "out_of_range",
        "out_of_range SIGNAL [VALUE]",
        "the signal carries this value, whatever the DBC's range says; without one, the farthest its bits can hold",
        "out_of_range VehicleSpeed 400",
    )


@dataclass(frozen=True, slots=True)
class Stuck(Fault):
    signal: str
    value: str | None = None
    kind = FaultKind(
        "stuck",
        "stuck SIGNAL [VALUE]",
        "the signal stands at this number or word, or at what it shows now",
        "stuck VehicleSpeed invalid",
    )


@dataclass(frozen=True, slots=True)
class Offset(Fault):
    signal: str
    by: float = _number(-_HUGE, _HUGE)
    kind = FaultKind(
        "offset", "offset SIGNAL BY", "the signal shows so much more (or, negative, less)", "offset FuelLevel -20"
    )


@dataclass(frozen=True, slots=True)
class SpeedsApart(Fault):
    kmh: float = _number(-1000, 1000)
    kind = FaultKind(
        "speeds_apart",
        "speeds_apart KMH",
        "the second speed source shows so much more than the first",
        "speeds_apart 20",
    )


# --- others -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Jam(Fault):
    motor: str
    kind = FaultKind(
        "jam", "jam MOTOR", "something is in the motor's way; it gives up after half a second", "jam driver_window"
    )


@dataclass(frozen=True, slots=True)
class Babble(Fault):
    frame: str
    frames_per_s: float = _number(0.1, 10_000)
    kind = FaultKind(
        "babble",
        "babble MESSAGE_OR_ID FRAMES_PER_S",
        "some node floods the bus with frames of this message or identifier (such as 0x123), full of garbage",
        "babble 0x7ff 500",
    )


_KINDS: Final[dict[str, type[Fault]]] = {
    made.kind.name: made
    for made in (
        Unplug,
        Reset,
        BusOff,
        Ignore,
        Reject,
        Silence,
        Drop,
        Delay,
        Repeat,
        Freeze,
        Corrupt,
        CorruptCrc,
        FreezeCounter,
        WrongCounter,
        OutOfRange,
        Stuck,
        Offset,
        SpeedsApart,
        Jam,
        Babble,
    )
}


def fault_kinds() -> tuple[FaultKind, ...]:
    """Every kind of fault, for a list on a page or a screen."""
    return tuple(made.kind for made in _KINDS.values())


def parse_fault(text: str) -> Fault:
    """A fault in words, as the table of `fault_kinds` has them: "unplug Windows", "drop Gear 0.5".

    Raises BadValue. Whether what it strikes exists is checked by the car.
    """
    name, *given = text.split() or [""]
    made = _KINDS.get(name)
    if made is None:
        near = difflib.get_close_matches(name, _KINDS, n=1)
        hint = f", did you mean {near[0]!r}" if near else ""
        raise BadValue(
            f"a fault is one of {', '.join(_KINDS)} followed by what it strikes, such as 'unplug Windows', "
            f"not {text!r}{hint}"
        )
    if made is Delay and len(given) == 4 and given[2] == JITTER:
        del given[2]
    places = fields(made)
    needed = sum(place.default is MISSING for place in places)
    wrong = BadValue(f"this fault is written {made.kind.syntax!r}, such as {made.kind.example!r}, not {text!r}")
    if not needed <= len(given) <= len(places):
        raise wrong
    values: list[str | float] = []
    for place, word in zip(places, given, strict=False):
        try:
            values.append(_read(place.type, word))
        except ValueError:
            raise wrong from None
    return made(*values)


def _read(wanted: object, word: str) -> str | float:
    """Raises ValueError."""
    if wanted is int:
        return whole_number(word)
    if wanted is float or wanted == float | None:
        return any_float(word)
    return word
