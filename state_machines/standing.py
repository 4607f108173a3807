"""Standing rules: what was allowed must end when the car leaves the states that allow it."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from state_machines import limits
from state_machines.driving_state import DrivingState, word_of
from state_machines.expansion import NOTHING_SPECIAL, Context
from state_machines.gate import Judge
from state_machines.rulebook import Decision
from vehicle_apis.call import Call
from vehicle_apis.signals import Signals


class Ending(Enum):
    """How an ongoing activity is ended."""

    PAUSE_AND_BLANK_VIDEO = "pause_and_blank_video"
    HOME_SCREEN = "home_screen"
    CLOSE_CAMERA = "close_camera"
    STOP_MOTION = "stop_motion"


_ENDINGS: Final = {
    "play_video": Ending.PAUSE_AND_BLANK_VIDEO,
    "open_app": Ending.HOME_SCREEN,
    "show_camera": Ending.CLOSE_CAMERA,
    "adjust_seat_position": Ending.STOP_MOTION,
    "recall_seat_memory": Ending.STOP_MOTION,
    "operate_trunk": Ending.STOP_MOTION,
    "adjust_mirror": Ending.STOP_MOTION,
    "fold_mirrors": Ending.STOP_MOTION,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """``call`` began the activity, ``how`` ends it, ``reason`` tells the driver why."""

    call: Call
    how: Ending
    reason: str


def _is_the_cars_own(call: Call, signals: Signals) -> bool:
    """The rear view in reverse gear belongs to the car: it stays."""
    if call.name != "show_camera" or call.arguments["view"] != "rear":
        return False
    return word_of(signals.gear, limits.GEAR_MAX_AGE_MS, ("R",)) is not None


class StandingRules:
    """Remembers what is going on and says what must end in the present state."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._ongoing: dict[tuple[str, object], tuple[Call, DrivingState]] = {}

    @property
    def ongoing(self) -> tuple[Call, ...]:
        return tuple(call for call, _ in self._ongoing.values())

    def started(
        self, call: Call, state: DrivingState, context: Context = NOTHING_SPECIAL, *, sending: object = None
    ) -> None:
        """``call`` was sent in ``state``. A new picture takes the place of the last one, a motion joins the others.

        What it stands for counts: "play" with a video loaded is a video that must end. ``sending`` tells two motions
        of the same call apart: the second is not over when the first is.
        """
        for inner in self._judge.expand(call, context):
            if inner.name in _ENDINGS:
                self._ongoing[self._key(inner, sending)] = (inner, state)

    def finished(self, call: Call, *, sending: object = None) -> None:
        """The activity ended by itself or by another command."""
        self._ongoing.pop(self._key(call, sending), None)

    def settled(self, call: Call, *, sending: object = None) -> None:
        """The command came to its end, well or not: a motion is over, a picture stays."""
        if _ENDINGS.get(call.name) is Ending.STOP_MOTION:
            self.finished(call, sending=sending)

    @staticmethod
    def _key(call: Call, sending: object) -> tuple[str, object]:
        # two motors of one seat may run at once, and the end of one says nothing of the other
        return (str(call), sending) if _ENDINGS.get(call.name) is Ending.STOP_MOTION else (call.name, None)

    def must_end(self, state: DrivingState, signals: Signals) -> tuple[Ended, ...]:
        """What is no longer allowed without a question; it is forgotten here, the caller ends it."""
        ended = []
        for key, (call, began_in) in list(self._ongoing.items()):
            if _is_the_cars_own(call, signals):
                continue
            assessment = self._judge.assess(call, state, signals)
            # a yes holds for the state it was given in; a motion that needs one in another state has none there
            agreed = assessment.decision is Decision.CONFIRM and state is began_in
            if assessment.decision is not Decision.ALLOW and not agreed:
                ended.append(Ended(call=call, how=_ENDINGS[call.name], reason=assessment.reason))
                del self._ongoing[key]
        return tuple(ended)
