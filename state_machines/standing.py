"""Standing rules: what was allowed must end when the car leaves the states that allow it."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace

from state_machines import limits
from state_machines.driving_state import DrivingState, word_of
from state_machines.expansion import NOTHING_SPECIAL, Context
from state_machines.gate import Judge
from state_machines.rulebook import Decision
from vehicle_apis.call import Call
from vehicle_apis.signals import Signals
from vehicle_apis.traits import Ending


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """``call`` began the activity, ``how`` ends it, ``reason`` tells the driver why.

    ``sending``: as for `StandingRules.started`, while the command has not come to its end; else None. ``was_seen``: it
    was seen to go on, whoever began it.
    """

    call: Call
    how: Ending
    reason: str
    sending: object = None
    was_seen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Activity:
    """``may_be``: the call that began it, or all that may have begun what is seen. ``began_in``: None = not known."""

    may_be: tuple[Call, ...]
    began_in: DrivingState | None
    sending: object = None


def _is_the_cars_own(call: Call, signals: Signals) -> bool:
    """The rear view in reverse gear belongs to the car: it stays."""
    own = {} if call.spec.activity is None else call.spec.activity.cars_own_in_reverse
    if not own or not own.items() <= call.arguments.items():
        return False
    return word_of(signals.gear, limits.GEAR_MAX_AGE_MS, ("R",)) is not None


class StandingRules:
    """Remembers what is going on and says what must end in the present state.

    ``on_started(how)`` hears of every activity that begins.
    """

    def __init__(self, judge: Judge, on_started: Callable[[Ending], None] = lambda _how: None) -> None:
        self._judge = judge
        self._on_started = on_started
        self._begun: dict[Hashable, _Activity] = {}
        self._seen: dict[Hashable, _Activity] = {}

    @property
    def ongoing(self) -> tuple[Call, ...]:
        """What was begun here, or is seen; of what is seen one of the calls that may have begun it."""
        return (*self.begun, *(activity.may_be[0] for activity in self._seen.values()))

    @property
    def begun(self) -> tuple[Call, ...]:
        """What was begun here."""
        return tuple(call for activity in self._begun.values() for call in activity.may_be)

    def started(
        self, call: Call, state: DrivingState, context: Context = NOTHING_SPECIAL, *, sending: object = None
    ) -> None:
        """``call`` was sent in ``state``. A new picture takes the place of the last one, a motion joins the others.

        What it stands for counts: "play" with a video loaded is a video that must end. ``sending`` tells two motions
        of the same call apart: the second is not over when the first is.
        """
        for inner in self._judge.expand(call, context):
            ending = inner.spec.ending
            if ending is not None:
                self._begun[self._key(inner, sending)] = _Activity(may_be=(inner,), began_in=state, sending=sending)
                self._on_started(ending)

    def seen(self, what: Hashable, may_be: tuple[Call, ...]) -> None:
        """``what`` shows itself, whoever began it: one of ``may_be``, or nothing when that is empty.

        It must end as soon as one of ``may_be`` must: which one it is, nobody knows.
        """
        if may_be:
            self._seen[what] = _Activity(may_be=may_be, began_in=None)
        else:
            self._seen.pop(what, None)

    def finished(self, call: Call, *, sending: object = None) -> None:
        """The activity ended by itself or by another command."""
        self._begun.pop(self._key(call, sending), None)

    def settled(self, call: Call, *, sending: object = None) -> None:
        """The command came to its end, well or not: a motion is over, a picture stays."""
        if call.spec.ending is Ending.STOP_MOTION:
            self.finished(call, sending=sending)
        self._begun = {
            key: replace(activity, sending=None) if activity.sending is sending else activity
            for key, activity in self._begun.items()
        }

    @staticmethod
    def _key(call: Call, sending: object) -> tuple[str, object]:
        # two motors of one seat may run at once, and the end of one says nothing of the other
        return (str(call), sending) if call.spec.ending is Ending.STOP_MOTION else (call.name, None)

    def forbidden(
        self, call: Call, state: DrivingState, signals: Signals, context: Context = NOTHING_SPECIAL
    ) -> str | None:
        """Why a picture that ``call`` shows may not be there; None when it may, or when it shows none."""
        for inner in self._judge.expand(call, context):
            ending = inner.spec.ending
            if ending is not None and ending.is_of_a_picture:
                reason = self._why_not(inner, None, state, signals)
                if reason is not None:
                    return reason
        return None

    def must_not(self, call: Call, state: DrivingState, signals: Signals) -> bool:
        """Whether what ``call`` began would have to end now, without a yes to it."""
        return self._why_not(call, None, state, signals) is not None

    def must_end(self, state: DrivingState, signals: Signals) -> tuple[Ended, ...]:
        """What is no longer allowed without a question; it is forgotten here, the caller ends it."""
        return (*self._ended(self._begun, state, signals), *self._ended(self._seen, state, signals))

    def _ended(self, known: dict[Hashable, _Activity], state: DrivingState, signals: Signals) -> list[Ended]:
        """Takes what must end out of ``known``."""
        ended = []
        for key, activity in list(known.items()):
            for call in activity.may_be:
                how = call.spec.ending
                reason = self._why_not(call, activity.began_in, state, signals)
                if how is not None and reason is not None:
                    seen = activity.began_in is None
                    ended.append(Ended(call=call, how=how, reason=reason, sending=activity.sending, was_seen=seen))
                    del known[key]
                    break
        return ended

    def _why_not(self, call: Call, began_in: DrivingState | None, state: DrivingState, signals: Signals) -> str | None:
        """Why the activity of ``call`` may not go on; None when it may."""
        if _is_the_cars_own(call, signals):
            return None
        assessment = self._judge.assess(call, state, signals)
        # a yes holds for the state it was given in; a motion that needs one in another state has none there
        agreed = assessment.decision is Decision.CONFIRM and state is began_in
        return None if assessment.decision is Decision.ALLOW or agreed else assessment.reason
