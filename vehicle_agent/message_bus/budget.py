"""How much of the event loop one connection may have."""

from typing import Final

TURN_S: Final = 0.002
"""The longest that reading goes on before other callbacks of the loop have their turn."""

SHARE: Final = 0.3
"""Of one processor, for as long as a flood lasts."""

BURST_S: Final = 0.02
"""Work beyond the share that is done at once; the next pause makes up for it."""


class Budget:
    """A bucket of processor time that fills with ``share`` seconds a second up to ``burst_s``."""

    def __init__(self, *, share: float = SHARE, burst_s: float = BURST_S) -> None:
        self._share = share
        self._burst_s = burst_s
        self._left_s = burst_s
        self._at_s: float | None = None

    def spend(self, now_s: float, work_s: float) -> float:
        """Notes ``work_s`` seconds of work that ended at ``now_s``; returns how long to pause, 0 for not at all."""
        if self._at_s is not None:
            self._left_s = min(self._burst_s, self._left_s + (now_s - self._at_s) * self._share)
        self._at_s = now_s
        self._left_s -= work_s
        return 0.0 if self._left_s >= 0 else -self._left_s / self._share
