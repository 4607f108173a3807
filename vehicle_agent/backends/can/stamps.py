"""How long a frame waited in the driver's queue, by the stamp the driver gave it.

A frame is never younger than its arrival. What its stamp says beyond that is believed only while the stamps run with
this computer's wall clock; a stamp that cannot be true makes the frame as good as not received.
"""

import math
from typing import Final

AHEAD_S: Final = 1.0  # a leap second, a clock being set right: so far in the future a stamp may be
FRESH_S: Final = 0.5  # the age at which the safety gate gives a speed up
ABSURD_S: Final = 60.0  # no queue holds a frame for so long
SETTLED_S: Final = 1.0  # stamps must agree so long before another clock than the present one is believed


class Stamps:
    """Stateful, without a clock of its own.

    The stamps' clock is taken for the wall clock as it was at the start. When that is stepped (NTP, a time zone set by
    hand), stamps that follow it are in the future or old at once: they are not believed for a second, and if the wall
    clock explains all of them by then, it is followed from there. A driver that counts from another beginning gives
    stamps that are in the future or absurdly old for ever: after the same second their arrival counts. Frames that
    really waited are old by the wall clock as well, and stay old however long that lasts.
    """

    def __init__(self) -> None:
        self._offset_s: float | None = None  # the stamps' clock minus the agent's
        self._odd_since_s: float | None = None
        self._follows_wall = True
        self._impossible = True
        self._newest_s = -math.inf  # of the odd ones: the largest stamp minus arrival

    def waited_s(self, stamp_s: float, arrived_s: float, wall_s: float) -> float | None:
        """Seconds from the stamp to the arrival, at least 0; None: it cannot be told, so the frame does not count.

        ``stamp_s`` 0: the driver gives none, and the arrival counts. ``arrived_s`` is the agent's clock, ``wall_s`` the
        wall clock at that moment.
        """
        if stamp_s == 0:
            return 0.0
        if not math.isfinite(stamp_s) or stamp_s < 0:
            return None
        if self._offset_s is None:
            self._offset_s = wall_s - arrived_s
        waited_s = arrived_s + self._offset_s - stamp_s
        if -AHEAD_S <= waited_s <= FRESH_S:
            self._odd_since_s = None
            return max(0.0, waited_s)
        return self._odd(waited_s, stamp_s, arrived_s, wall_s)

    def _odd(self, waited_s: float, stamp_s: float, arrived_s: float, wall_s: float) -> float | None:
        if self._odd_since_s is None:
            self._odd_since_s, self._newest_s = arrived_s, -math.inf
            self._follows_wall = self._impossible = True
        impossible = not -AHEAD_S <= waited_s <= ABSURD_S
        self._follows_wall &= -AHEAD_S <= wall_s - stamp_s <= FRESH_S
        self._impossible &= impossible
        self._newest_s = max(self._newest_s, stamp_s - arrived_s)
        if arrived_s - self._odd_since_s >= SETTLED_S and (self._follows_wall or self._impossible):
            self._offset_s = wall_s - arrived_s if self._follows_wall else self._newest_s
            self._odd_since_s = None
            return max(0.0, arrived_s + self._offset_s - stamp_s)
        return None if impossible else waited_s
