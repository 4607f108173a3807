"""What the car is doing: the raw state of one snapshot, and the live state over time."""

import math
from collections.abc import Callable
from enum import IntEnum
from typing import Final, TypeGuard

from transitions import Machine

from state_machines import limits
from vehicle_apis.signals import Reading, Signals


class DrivingState(IntEnum):
    """Ordered by restriction: a larger value is the more restrictive state."""

    PARKED = 0
    STANDSTILL = 1
    CREEPING = 2
    DRIVING = 3
    FAST = 4
    UNKNOWN = 5
    CRASHED = 6

    @property
    def word(self) -> str:
        return self.name.lower()


DRIVABLE: Final = (
    DrivingState.PARKED,
    DrivingState.STANDSTILL,
    DrivingState.CREEPING,
    DrivingState.DRIVING,
    DrivingState.FAST,
)


def is_fresh(reading: Reading, max_age_ms: float) -> bool:
    """Valid and of an age in [0, max_age_ms]; a NaN age is not."""
    return reading.valid and 0 <= reading.age_ms <= max_age_ms


def word_of(reading: Reading | None, max_age_ms: float, words: tuple[str, ...]) -> str | None:
    """The reading's word, None when missing, stale, invalid or not one of ``words``."""
    if reading is None or not is_fresh(reading, max_age_ms):
        return None
    return reading.value if isinstance(reading.value, str) and reading.value in words else None


def is_number(value: object) -> TypeGuard[float]:
    """A number; booleans and words are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _plausible_speed(reading: Reading | None) -> float | None:
    if reading is None or not is_fresh(reading, limits.SPEED_MAX_AGE_MS) or not is_number(reading.value):
        return None
    # compared before anything is calculated: a huge whole number is no OverflowError; NaN compares false
    return reading.value if 0 <= reading.value <= limits.SPEED_MAX_KMH else None


def crash_seen(signals: Signals) -> bool:
    """A valid frame says so, whatever its age."""
    return signals.crash is not None and signals.crash.valid and signals.crash.value == "detected"


def raw_state(signals: Signals, *, crash_latched: bool | None = None) -> DrivingState:
    """The state of this one snapshot; UNKNOWN unless everything needed is fresh, valid and plausible.

    ``crash_latched``: what the latch says after this snapshot; without a latch (None) the crash frame itself decides.
    """
    if crash_seen(signals) if crash_latched is None else crash_latched:
        return DrivingState.CRASHED
    gear = word_of(signals.gear, limits.GEAR_MAX_AGE_MS, ("P", "R", "N", "D"))
    first, second = (_plausible_speed(r) for r in signals.speed_kmh)
    if gear is None or first is None or second is None:
        return DrivingState.UNKNOWN
    speed = max(first, second)
    if abs(first - second) > max(limits.SOURCES_APART_KMH, limits.SOURCES_APART_SHARE * speed):
        return DrivingState.UNKNOWN
    if gear == "P" and speed > limits.PARK_GEAR_MAX_SPEED_KMH:
        return DrivingState.UNKNOWN
    if speed < limits.STANDING_BELOW_KMH:
        return DrivingState.PARKED if gear == "P" else DrivingState.STANDSTILL
    if speed < limits.CREEPING_BELOW_KMH:
        return DrivingState.CREEPING
    return DrivingState.DRIVING if speed < limits.FAST_FROM_KMH else DrivingState.FAST


class LiveState:
    """The most restrictive raw state of the last BETTER_AFTER_S: worse at once, better after unbroken evidence.

    ``on_change(old, new)`` is called for each change. Times are seconds of one monotonic clock.
    """

    state: str  # the name; kept by transitions

    def __init__(self, on_change: Callable[[DrivingState, DrivingState], None] | None = None) -> None:
        self._on_change = on_change
        self._raw = DrivingState.UNKNOWN  # at start nothing is known, up to the first observation
        self._held_until_s = dict.fromkeys(DrivingState, -math.inf)
        self._last_s = -math.inf
        self._machine = Machine(
            model=self,
            states=[s.name for s in DrivingState],
            initial=DrivingState.UNKNOWN.name,
            auto_transitions=False,
        )
        for target in DrivingState:
            self._machine.add_transition(f"become_{target.word}", "*", target.name)

    @property
    def current(self) -> DrivingState:
        return DrivingState[self.state]

    def would_be(self, raw: DrivingState, now_s: float) -> DrivingState:
        """What `observe` would return; changes nothing."""
        now_s = max(now_s, self._last_s)
        recent = [s for s, until_s in self._held_until_s.items() if now_s - until_s < limits.BETTER_AFTER_S]
        return max(raw, self._raw, *recent)

    def observe(self, raw: DrivingState, now_s: float) -> DrivingState:
        """Takes one raw state seen at ``now_s`` (never decreasing; an earlier time counts as the latest one)."""
        live = self.would_be(raw, now_s)
        self._last_s = max(now_s, self._last_s)
        # what was seen last held until now
        self._held_until_s[self._raw] = self._held_until_s[raw] = self._last_s
        self._raw = raw
        if live is not self.current:
            old = self.current
            self.trigger(f"become_{live.word}")  # type: ignore[attr-defined]  # added by transitions
            if self._on_change is not None:
                self._on_change(old, live)
        return live
