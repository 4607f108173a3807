"""The crash latch: set by one valid frame, held whatever happens, cleared by ignition off -> on."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from state_machines import limits
from state_machines.driving_state import crash_seen, word_of
from vehicle_apis.signals import Reading, Signals


@dataclass(frozen=True, slots=True, kw_only=True)
class Latch:
    """What a restart must know. ``was_off``: the ignition has been off since; its next "on" clears the crash."""

    latched: bool = False
    was_off: bool = False

    @property
    def word(self) -> str:
        if not self.latched:
            return "clear"
        return "latched, ignition off" if self.was_off else "latched"


CLEAR = Latch()


class CrashLatch:
    """``on_change`` hears of each change, so that the shell can store it; ``stored`` restores it.

    Without a crash it is not stored whether the ignition is off: a crash is what has to be held.
    """

    def __init__(self, stored: Latch = CLEAR, *, on_change: Callable[[Latch], None] | None = None) -> None:
        self._latched = stored.latched
        self._on_change = on_change
        self._ignition_was_off = stored.latched and stored.was_off
        self._cleared_s = -math.inf

    @property
    def latched(self) -> bool:
        return self._latched

    def _after(self, signals: Signals, now_s: float) -> tuple[bool, bool, float]:
        """Whether a crash is latched, whether the ignition has been off, when that cleared it: after this snapshot."""
        latched, was_off, cleared_s = self._latched, self._ignition_was_off, self._cleared_s
        ignition = word_of(signals.ignition, limits.IGNITION_MAX_AGE_MS, ("on", "off"))
        if ignition == "on" and was_off and signals.ignition is not None:
            latched, was_off, cleared_s = False, False, _arrival_s(signals.ignition, now_s)
        elif ignition == "off":
            was_off = True
        # a frame from before the ignition came back says what was cleared; written so that a NaN age latches
        if signals.crash is not None and not _arrival_s(signals.crash, now_s) < cleared_s and crash_seen(signals):
            latched = True
        return latched, was_off, cleared_s

    def would_be_latched(self, signals: Signals, now_s: float) -> bool:
        """What `observe` would return; changes nothing and tells nobody."""
        return self._after(signals, now_s)[0]

    def observe(self, signals: Signals, now_s: float) -> bool:
        """Takes the snapshot of ``now_s`` (seconds, monotonic); returns whether a crash is latched now."""
        before = self.stored
        self._latched, self._ignition_was_off, self._cleared_s = self._after(signals, now_s)
        after = self.stored
        if after != before and self._on_change is not None:
            self._on_change(after)
        return self._latched

    @property
    def stored(self) -> Latch:
        """What a restart must know now."""
        return Latch(latched=True, was_off=self._ignition_was_off) if self._latched else CLEAR


def _arrival_s(reading: Reading, now_s: float) -> float:
    return now_s - reading.age_ms / 1000
