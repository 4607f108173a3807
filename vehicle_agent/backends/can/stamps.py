"""How long a frame waited in the driver's queue, by the stamp the driver gave it.

A frame is never younger than its arrival. What its stamp says beyond that is believed only while the stamps run with
this computer's wall clock; a stamp that cannot be true makes the frame as good as not received.
"""

import math

from state_machines import limits


class Stamps:
    """Stateful, without a clock of its own.

    Stamps are taken to be by the wall clock of now. When that is stepped (NTP, a time set by hand), frames that were
    waiting are as old as the clock before the step says; where both clocks can explain one, the older age counts for a
    second. A driver that does not follow a step, or counts from a beginning of its own, gives stamps that the wall
    clock never explains: they do not count for a second, then they are read by the clock that explains all of them.
    Frames that really wait stay old for as long as they do.
    """

    def __init__(self) -> None:
        # all offsets: another clock minus the agent's
        self._own_s: float | None = None  # of a driver with a clock of its own
        self._wall_s: float | None = None  # at the last frame
        self._before_s: float | None = None  # before the last step
        self._stepped_s = -math.inf
        self._odd_since_s: float | None = None
        self._explained_by: set[float | None] = set()
        self._newest_s = -math.inf

    def waited_s(self, stamp_s: float, arrived_s: float, wall_s: float) -> float | None:
        """Seconds from the stamp to the arrival, at least 0; None: it cannot be told, so the frame does not count.

        ``stamp_s`` 0: the driver gives none, and the arrival counts. ``arrived_s`` is the agent's clock, ``wall_s`` the
        wall clock at that moment.
        """
        wall_offset_s = self._note_wall(wall_s - arrived_s, arrived_s)
        if stamp_s == 0:
            return 0.0
        if not math.isfinite(stamp_s) or stamp_s < 0:
            return None
        offset_s = wall_offset_s if self._own_s is None else self._own_s
        waited_s = arrived_s + offset_s - stamp_s
        if self._before_s is not None and self._own_s is None and arrived_s - self._stepped_s < limits.STAMPS_SETTLED_S:
            before_s = arrived_s + self._before_s - stamp_s
            waited_s = max(waited_s, before_s) if _possible(waited_s) and _possible(before_s) else waited_s
            waited_s = before_s if not _possible(waited_s) and _possible(before_s) else waited_s
            return max(0.0, waited_s) if _possible(waited_s) else None
        if _fresh(waited_s):
            self._odd_since_s = None
            return max(0.0, waited_s)
        return self._odd(waited_s, stamp_s, arrived_s, wall_offset_s)

    def _note_wall(self, offset_s: float, arrived_s: float) -> float:
        if self._wall_s is not None and abs(offset_s - self._wall_s) > limits.STAMP_AHEAD_S:
            self._before_s, self._stepped_s = self._wall_s, arrived_s
        self._wall_s = offset_s
        return offset_s

    def _odd(self, waited_s: float, stamp_s: float, arrived_s: float, wall_offset_s: float) -> float | None:
        """A stamp that the clock of the others does not explain as a fresh frame's."""
        others = {self._before_s, wall_offset_s if self._own_s is not None else None} - {None}
        explained: set[float | None] = {o for o in others if o is not None and _fresh(arrived_s + o - stamp_s)}
        if not _possible(waited_s):
            explained.add(None)  # by a clock that is not known
        if self._odd_since_s is None:
            self._odd_since_s, self._newest_s, self._explained_by = arrived_s, -math.inf, explained
        self._explained_by = {o for o in self._explained_by if any(_same(o, e) for e in explained)}
        self._newest_s = max(self._newest_s, stamp_s - arrived_s)
        if self._explained_by and arrived_s - self._odd_since_s >= limits.STAMPS_SETTLED_S:
            known = [o for o in self._explained_by if o is not None]
            self._own_s = known[0] if known else self._newest_s
            self._odd_since_s = None
            return max(0.0, arrived_s + self._own_s - stamp_s)
        return waited_s if _possible(waited_s) else None


def _possible(waited_s: float) -> bool:
    return -limits.STAMP_AHEAD_S <= waited_s <= limits.STAMP_ABSURD_S


def _fresh(waited_s: float) -> bool:
    return -limits.STAMP_AHEAD_S <= waited_s <= limits.STAMP_FRESH_S


def _same(one: float | None, other: float | None) -> bool:
    return one is other or (one is not None and other is not None and abs(one - other) <= limits.STAMP_AHEAD_S)
