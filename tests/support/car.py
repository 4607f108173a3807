"""Snapshots of the car for tests of the safety logic."""

import time
from typing import Any

from vehicle_apis.signals import Reading, Signals


def signals(gear: str | None = "P", v: Any = 0.0, second: Any = ..., **words: Any) -> Signals:  # noqa: ANN401
    """Fresh and valid readings; a word may be a Reading of its own."""
    readings = {k: w if isinstance(w, Reading | None) else Reading(w) for k, w in words.items()}
    sources = (v, v if second is ... else second)
    first, other = (s if isinstance(s, Reading | None) else Reading(s) for s in sources)
    return Signals(speed_kmh=(first, other), gear=None if gear is None else Reading(gear), **readings)


PARKED = signals("P", 0)
STANDSTILL = signals("D", 0)
CREEPING = signals("D", 5)
DRIVING = signals("D", 50)
FAST = signals("D", 140)
UNKNOWN = Signals()
CRASHED = signals("D", 0, crash="detected")
BY_STATE = {
    "parked": PARKED,
    "standstill": STANDSTILL,
    "creeping": CREEPING,
    "driving": DRIVING,
    "fast": FAST,
    "unknown": UNKNOWN,
    "crashed": CRASHED,
}


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now_s: float = 1000.0) -> None:
        self.now_s = now_s

    def __call__(self) -> float:
        return self.now_s

    def advance(self, seconds: float) -> None:
        self.now_s += seconds


class RunningClock(Clock):
    """A clock that runs, and can be moved as well."""

    def __init__(self) -> None:
        super().__init__(0.0)

    def __call__(self) -> float:
        return time.monotonic() + self.now_s
