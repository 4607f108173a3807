"""When the sound of a live source was heard, from where it stands in the source and when it arrived."""

from collections import deque
from typing import Final

WINDOW_S: Final = 30.0


class Moments:
    """Pure. A frame arrives late when a pipe or a busy computer held it up, but never early: the least delay of the
    last ``WINDOW_S`` seconds is taken for none, and every frame was heard where that puts it.

    Sound that a recorder lost makes what follows look older than it is, for as long; a drifting sample clock is
    followed.
    """

    def __init__(self) -> None:
        # (arrival, arrival minus position): only those that no later one undercuts, so the first is the least
        self._delays: deque[tuple[float, float]] = deque()

    def heard_s(self, start_s: float, end_s: float, arrived_s: float) -> float:
        """When the frame from ``start_s`` to ``end_s`` of the source began, which arrived at ``arrived_s``."""
        delay_s = arrived_s - end_s
        while self._delays and self._delays[-1][1] >= delay_s:
            self._delays.pop()
        self._delays.append((arrived_s, delay_s))
        while self._delays[0][0] < arrived_s - WINDOW_S:
            self._delays.popleft()
        return self._delays[0][1] + start_s
