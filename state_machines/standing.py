"""Standing rules: what was allowed must end when the car leaves the states that allow it."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from state_machines.driving_state import DrivingState
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


class StandingRules:
    """Remembers what is going on and says what must end in the present state."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._ongoing: dict[str, Call] = {}

    @property
    def ongoing(self) -> tuple[Call, ...]:
        return tuple(self._ongoing.values())

    def started(self, call: Call) -> None:
        """``call`` was carried out; a later one of the same function (and seat) replaces it."""
        if call.name in _ENDINGS:
            self._ongoing[self._key(call)] = call

    def finished(self, call: Call) -> None:
        """The activity ended by itself or by another command."""
        self._ongoing.pop(self._key(call), None)

    @staticmethod
    def _key(call: Call) -> str:
        return f"{call.name}:{call.arguments.get('seat', '')}{call.arguments.get('mirror', '')}"

    def must_end(self, state: DrivingState, signals: Signals) -> tuple[Ended, ...]:
        """What is no longer allowed without a question; it is forgotten here, the caller ends it."""
        ended = []
        for key, call in list(self._ongoing.items()):
            assessment = self._judge.assess(call, state, signals)
            # a motion that would need a yes in the new state was not said yes to in that state
            if assessment.decision is not Decision.ALLOW:
                ended.append(Ended(call=call, how=_ENDINGS[call.name], reason=assessment.reason))
                del self._ongoing[key]
        return tuple(ended)
