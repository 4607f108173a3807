"""The crash latch: set by one valid frame, held whatever happens, cleared by ignition off -> on."""

import math
from collections.abc import Callable

from state_machines import limits
from state_machines.driving_state import crash_seen, word_of
from vehicle_apis.signals import Reading, Signals


class CrashLatch:
    """``on_change(latched)`` is called at each change, so that the shell can store it; ``latched`` restores it."""

    def __init__(self, *, latched: bool = False, on_change: Callable[[bool], None] | None = None) -> None:
        self._latched = latched
        self._on_change = on_change
        self._ignition_was_off = False
        self._cleared_s = -math.inf

    @property
    def latched(self) -> bool:
        return self._latched

    def observe(self, signals: Signals, now_s: float) -> bool:
        """Takes the snapshot of ``now_s`` (seconds, monotonic); returns whether a crash is latched now."""
        ignition = word_of(signals.ignition, limits.IGNITION_MAX_AGE_MS, ("on", "off"))
        if ignition == "on" and self._ignition_was_off and signals.ignition is not None:
            self._ignition_was_off = False
            self._cleared_s = _arrival_s(signals.ignition, now_s)
            self._set(latched=False)
        elif ignition == "off":
            self._ignition_was_off = True
        # a frame from before the ignition came back says what was cleared; written so that a NaN age latches
        if signals.crash is not None and not _arrival_s(signals.crash, now_s) < self._cleared_s and crash_seen(signals):
            self._set(latched=True)
        return self._latched

    def _set(self, *, latched: bool) -> None:
        if latched is not self._latched:
            self._latched = latched
            if self._on_change is not None:
                self._on_change(latched)


def _arrival_s(reading: Reading, now_s: float) -> float:
    return now_s - reading.age_ms / 1000
