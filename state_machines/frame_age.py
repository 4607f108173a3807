"""How old a frame is when it is read: how long it waited in the driver's queue, by the time stamp the driver gave it.

A frame is never younger than its arrival. What its stamp says beyond that is believed only while the stamps run with
this computer's wall clock; a stamp that cannot be true makes the frame as good as not received.
"""

import math
from dataclasses import dataclass
from typing import final

from state_machines import limits


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """The wall clock was set: ``before_s`` is its offset until then, ``at_s`` the arrival of the first frame after."""

    before_s: float
    at_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Odd:
    """Frames in a row that the present clock does not explain as fresh; the first arrived at ``since_s``.

    ``offsets_s``: of known clocks by which all of them are fresh. ``is_unknown``: by the present clock none of them can
    be true; ``newest_s`` is the offset of a clock by which the newest of them has just been sent.
    """

    since_s: float
    offsets_s: tuple[float, ...]
    is_unknown: bool
    newest_s: float

    @property
    def offset_s(self) -> float | None:
        """Of the clock that explains all of them; where two do, the one by which they are older."""
        if self.offsets_s:
            return max(self.offsets_s)
        return self.newest_s if self.is_unknown else None

    def followed_by(self, later: "_Odd") -> "_Odd":
        return _Odd(
            since_s=self.since_s,
            offsets_s=tuple(o for o in self.offsets_s if any(_are_same(o, other) for other in later.offsets_s)),
            is_unknown=self.is_unknown and later.is_unknown,
            newest_s=max(self.newest_s, later.newest_s),
        )


@final
class FrameAge:
    """Takes the frames of one driver in order. All offsets are another clock minus the agent's, in seconds.

    Stamps are taken to be by the wall clock of now. When that is stepped (NTP, a time set by hand), frames that were
    waiting are as old as the clock before the step says; where both clocks can explain one, the older age counts for a
    second. A driver that does not follow a step, or counts from a beginning of its own, gives stamps that the wall
    clock never explains: they do not count for a second, then they are read by the clock that explains all of them.
    Frames that really wait stay old for as long as they do.
    """

    def __init__(self) -> None:
        self._wall_s: float | None = None  # offset at the last frame
        self._step: _Step | None = None  # the last one
        self._own_s: float | None = None  # offset of a driver with a clock of its own
        self._odd: _Odd | None = None

    def age_s(self, stamp_s: float, arrived_s: float, wall_s: float) -> float | None:
        """Seconds from the stamp to the arrival, at least 0; None: it cannot be told, so the frame does not count.

        ``stamp_s`` 0: the driver gives none, and the arrival counts. ``arrived_s`` is the agent's clock, ``wall_s`` the
        wall clock at that moment.
        """
        wall_offset_s = wall_s - arrived_s
        self._note_wall(wall_offset_s, arrived_s)
        if not 0 <= stamp_s < math.inf:
            return None
        if stamp_s == 0:
            return 0.0
        sent_s = stamp_s - arrived_s  # the offset of a clock by which it has just been sent
        step = self._step
        if step is not None and self._own_s is None and arrived_s - step.at_s < limits.STAMPS_SETTLED_S:
            possible = [age_s for age_s in (wall_offset_s - sent_s, step.before_s - sent_s) if _is_possible(age_s)]
            return max(0.0, *possible) if possible else None
        age_s = (wall_offset_s if self._own_s is None else self._own_s) - sent_s
        if _is_fresh(age_s):
            self._odd = None
            return max(0.0, age_s)
        known_s = (wall_offset_s,) if step is None else (wall_offset_s, step.before_s)
        return self._take_odd(age_s, sent_s, arrived_s, known_s)

    def _note_wall(self, offset_s: float, arrived_s: float) -> None:
        if self._wall_s is not None and not _are_same(offset_s, self._wall_s):
            self._step = _Step(before_s=self._wall_s, at_s=arrived_s)
        self._wall_s = offset_s

    def _take_odd(self, age_s: float, sent_s: float, arrived_s: float, known_s: tuple[float, ...]) -> float | None:
        possible = _is_possible(age_s)
        odd = _Odd(
            since_s=arrived_s,
            offsets_s=tuple(offset_s for offset_s in known_s if _is_fresh(offset_s - sent_s)),
            is_unknown=not possible,
            newest_s=sent_s,
        )
        self._odd = odd if self._odd is None else self._odd.followed_by(odd)
        own_s = self._odd.offset_s
        if own_s is not None and arrived_s - self._odd.since_s >= limits.STAMPS_SETTLED_S:
            self._own_s, self._odd = own_s, None
            return max(0.0, own_s - sent_s)
        return age_s if possible else None


def _is_possible(age_s: float) -> bool:
    return -limits.STAMP_AHEAD_S <= age_s <= limits.STAMP_ABSURD_S


def _is_fresh(age_s: float) -> bool:
    return -limits.STAMP_AHEAD_S <= age_s <= limits.STAMP_FRESH_S


def _are_same(one_s: float, other_s: float) -> bool:
    return abs(one_s - other_s) <= limits.STAMP_AHEAD_S
