"""What can be made to go wrong in the simulated car."""

from dataclasses import dataclass
from typing import Final, TypeAlias

from simulators.errors import BadValue


@dataclass(frozen=True, slots=True)
class Unplug:
    """A control unit falls silent and deaf."""

    node: str


@dataclass(frozen=True, slots=True)
class Silence:
    """One message is no longer sent."""

    message: str


@dataclass(frozen=True, slots=True)
class CorruptCrc:
    """The check value of every frame of one protected message is wrong."""

    message: str


@dataclass(frozen=True, slots=True)
class FreezeCounter:
    """The counter of one protected message stands still; the CRC fits."""

    message: str


@dataclass(frozen=True, slots=True)
class SpeedsApart:
    """The second speed source shows so much more (or, negative, less) than the first."""

    kmh: float


@dataclass(frozen=True, slots=True)
class Jam:
    """Something is in the way of one motor."""

    motor: str


Fault: TypeAlias = Unplug | Silence | CorruptCrc | FreezeCounter | SpeedsApart | Jam

_KINDS: Final[dict[str, type[Unplug | Silence | CorruptCrc | FreezeCounter | Jam]]] = {
    "unplug": Unplug,
    "silence": Silence,
    "corrupt_crc": CorruptCrc,
    "freeze_counter": FreezeCounter,
    "jam": Jam,
}


def parse_fault(text: str) -> Fault:
    """A fault in words: "unplug Windows", "silence Gear", "corrupt_crc Gear", "freeze_counter Gear",
    "speeds_apart 20", "jam driver_window". Raises BadValue. Whether the part exists is checked by the car.
    """
    words = text.split()
    if len(words) == 2:
        kind, what = words
        if kind in _KINDS:
            return _KINDS[kind](what)
        if kind == "speeds_apart":
            try:
                return SpeedsApart(float(what))
            except ValueError:
                raise BadValue(f"speeds_apart takes a number in km/h, not {what!r}") from None
    kinds = ", ".join([*_KINDS, "speeds_apart"])
    raise BadValue(f"a fault is one of {kinds} followed by what it strikes, such as 'unplug Windows', not {text!r}")
