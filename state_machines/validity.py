"""Which readings the gate may believe: by the checks of a message's last frames, and by what its value says."""

from typing import Final, final

from state_machines import limits
from state_machines.e2e_state import CheckStatus, E2EState, E2EStateConfig, E2EStateMachine
from vehicle_apis.signals import Reading, SignalSpec

# Three bad ones in the last ten, and nothing stricter: no number of good frames is asked for beyond the first one.
_MAY_BE_BAD: Final = limits.E2E_BAD_IN_WINDOW - 1
E2E_STATES: Final = E2EStateConfig(
    window_size=limits.E2E_WINDOW,
    min_ok_state_init=1,
    max_error_state_init=_MAY_BE_BAD,
    min_ok_state_valid=0,
    max_error_state_valid=_MAY_BE_BAD,
    min_ok_state_invalid=0,
    max_error_state_invalid=_MAY_BE_BAD,
)
# a crash is told by any one good frame, however disturbed the bus is by then
_TOLD_BY_ONE_FRAME: Final = "crash"
# members looked up once: every frame and every reading comes by
_NO_NEW_DATA: Final = CheckStatus.REPEATED
_VALID: Final = E2EState.VALID


@final
class Validity:
    """Whether what one message carries may be believed. Takes the check of each of its frames, in order."""

    def __init__(self, *, is_protected: bool) -> None:
        self._machine = E2EStateMachine(E2E_STATES)
        if not is_protected:
            self._machine.check(CheckStatus.NOT_AVAILABLE)  # no counter to start: the first good frame counts already

    def take(self, check: CheckStatus) -> None:
        """The next frame's check. What brings no new data (a frozen counter, as silence does) shows in the age of the
        values and is not counted: it would wash the bad frames out of the window.
        """
        if check is not _NO_NEW_DATA:
            self._machine.check(check)

    @property
    def is_valid(self) -> bool:
        return self._machine.state is _VALID

    @property
    def word(self) -> str:
        """Of the E2E state, for people to look at: nodata, init, valid, invalid."""
        return self._machine.state.value


def reading(spec: SignalSpec, value: float | str, age_ms: float, message: Validity) -> Reading:
    """``value`` as the message's last good frame said it, in the gate's words or unit.

    A word that is none of the signal's, and any word where a number is due ("invalid"), is no valid reading.
    """
    words = spec.words
    says_something = value in words if words else not isinstance(value, str)
    return Reading(value, age_ms, says_something and (message.is_valid or spec.key == _TOLD_BY_ONE_FRAME))
