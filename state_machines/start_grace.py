"""By which state is judged, just after a start, what a former run left going on."""

from state_machines import limits
from state_machines.driving_state import DrivingState


class StartGrace:
    """At a start the live state is unknown, and for a second of evidence: by that a parked car's video would end.

    So until the live state is known each snapshot's own state counts, the worst one since the first that told
    anything. Silence counts as unknown once it has lasted for START_GRACE_S. ``opened_s``: when the bus was opened,
    in seconds of a monotonic clock.
    """

    def __init__(self, opened_s: float) -> None:
        self._until_s = opened_s + limits.START_GRACE_S
        self._worst: DrivingState | None = None
        self._over = False

    def state(self, raw: DrivingState, live: DrivingState, now_s: float) -> DrivingState | None:
        """The state to judge by at ``now_s``; None while nothing is known yet and nothing has to end for it."""
        if live is not DrivingState.UNKNOWN:
            self._over = True
        if self._over:
            return live
        # written so that a NaN time ends the grace
        if raw is DrivingState.UNKNOWN and self._worst is None and now_s < self._until_s:
            return None
        self._worst = raw if self._worst is None else max(self._worst, raw)
        return self._worst
