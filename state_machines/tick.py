"""When the gate must look at the car again: ages grow without frames, so silence has to be looked at too."""

import math
from typing import final

from state_machines import limits


@final
class Tick:
    """Times are seconds of one monotonic clock. A look that took longer than a tick is followed by the next at once."""

    def __init__(self) -> None:
        self._due_s = -math.inf

    def looks(self, now_s: float) -> None:
        """A look begins."""
        self._due_s = now_s + limits.GATE_TICK_S

    def pause_s(self, now_s: float) -> float:
        """How long the next look may wait: 0 when it is due, never longer than a tick, whatever the clock does."""
        # written so that a NaN time is no pause
        return min(max(0.0, self._due_s - now_s), limits.GATE_TICK_S)
