"""What the gate may know of the car: readings with age and validity, never "the last value"."""

from dataclasses import dataclass
from typing import Literal

Gear = Literal["P", "R", "N", "D"]


@dataclass(frozen=True, slots=True)
class Reading:
    """One signal as last received.

    ``value``: number or word as decoded; ``age_ms``: since its frame arrived (>= 0); ``valid``: the frame passed
    length, range and E2E checks.
    """

    value: float | str
    age_ms: float = 0.0
    valid: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """A snapshot for one judgement. None = never received. ``speed_kmh``: the two sources in fixed order."""

    speed_kmh: tuple[Reading | None, Reading | None] = (None, None)
    gear: Reading | None = None
    crash: Reading | None = None
    ignition: Reading | None = None
    ambient_light: Reading | None = None
    rain: Reading | None = None
    plugged_in: Reading | None = None
