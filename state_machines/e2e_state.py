"""AUTOSAR's E2E state machine (SWS E2E Library, E2E_SMCheck): what many single checks say about a connection.

A check judges one frame. The state machine keeps a window of the last checks and tells whether the data may be used.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from vehicle_apis.e2e import E2EError, E2EStatus


class CheckStatus(Enum):
    """One check as the state machine sees it. Only OK and ERROR are counted; the others just take their place."""

    OK = "ok"
    ERROR = "error"
    REPEATED = "repeated"
    NOT_AVAILABLE = "not_available"
    NO_NEW_DATA = "no_new_data"


class E2EState(Enum):
    """``DEINIT``: not started. ``NODATA``: nothing received. ``INIT``: received, not enough yet. ``VALID``: use it."""

    DEINIT = "deinit"
    NODATA = "nodata"
    INIT = "init"
    VALID = "valid"
    INVALID = "invalid"


# AUTOSAR's own mapping does not count a wrong sequence as an error. Here it is one: a frame that fails any part of its
# check is bad.
CHECK_OF: Final[Mapping[E2EStatus, CheckStatus]] = {
    E2EStatus.OK: CheckStatus.OK,
    E2EStatus.SOME_LOST: CheckStatus.OK,
    E2EStatus.WRONG_CRC: CheckStatus.ERROR,
    E2EStatus.WRONG_SEQUENCE: CheckStatus.ERROR,
    E2EStatus.REPEATED: CheckStatus.REPEATED,
    E2EStatus.INITIAL: CheckStatus.NOT_AVAILABLE,
    E2EStatus.NO_NEW_DATA: CheckStatus.NO_NEW_DATA,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class E2EStateConfig:
    """How many OK and ERROR checks of the last ``window_size`` each state asks for, named as AUTOSAR names them.

    ``min_ok_state_*`` checks must be OK and at most ``max_error_state_*`` may be ERROR to go from INIT or INVALID to
    VALID, and to stay VALID.
    """

    window_size: int
    min_ok_state_init: int
    max_error_state_init: int
    min_ok_state_valid: int
    max_error_state_valid: int
    min_ok_state_invalid: int
    max_error_state_invalid: int

    def __post_init__(self) -> None:
        if not 1 <= self.window_size <= 255:
            raise E2EError(f"window_size is 1 to 255 checks, not {self.window_size}")
        for state in ("init", "valid", "invalid"):
            for name in (f"min_ok_state_{state}", f"max_error_state_{state}"):
                if not 0 <= getattr(self, name) <= self.window_size:
                    raise E2EError(f"{name} is 0 to window_size ({self.window_size}), not {getattr(self, name)}")


class E2EStateMachine:
    """The state of one connection. Pure: feed every check in order with `check`. Not thread-safe."""

    __slots__ = ("_next", "_window", "config", "error_count", "ok_count", "state")

    def __init__(self, config: E2EStateConfig, *, start: bool = True) -> None:
        self.config = config
        self.init()
        if not start:
            self.deinit()

    def init(self) -> None:
        """Forgets everything: NODATA, an empty window."""
        self.state = E2EState.NODATA
        self.ok_count = self.error_count = self._next = 0
        self._window = [CheckStatus.NOT_AVAILABLE] * self.config.window_size

    def deinit(self) -> None:
        """Takes no checks until `init`."""
        self.state = E2EState.DEINIT

    @property
    def is_valid(self) -> bool:
        return self.state is _VALID

    def check(self, status: CheckStatus) -> E2EState:
        """Takes the next check; the state that it leads to. Raises E2EError in DEINIT."""
        state, config = self.state, self.config
        if state is _DEINIT:
            raise E2EError("the E2E state machine is not started; call init() first")
        self._add(status)
        ok, errors = self.ok_count, self.error_count
        if state is _VALID:
            if errors > config.max_error_state_valid or ok < config.min_ok_state_valid:
                self.state = _INVALID
        elif state is _INVALID:
            if errors <= config.max_error_state_invalid and ok >= config.min_ok_state_invalid:
                self.state = _VALID
        elif state is _INIT:
            if errors > config.max_error_state_init:
                self.state = _INVALID
            elif ok >= config.min_ok_state_init:
                self.state = _VALID
        elif status is not _ERROR and status is not _NO_NEW_DATA:
            self.state = _INIT
        return self.state

    def _add(self, status: CheckStatus) -> None:
        place = self._next
        out, self._window[place] = self._window[place], status
        self._next = place + 1 if place + 1 < self.config.window_size else 0
        self.ok_count += (status is _OK) - (out is _OK)
        self.error_count += (status is _ERROR) - (out is _ERROR)


# members looked up once: every frame of a bus comes by
_OK, _ERROR, _NO_NEW_DATA = CheckStatus.OK, CheckStatus.ERROR, CheckStatus.NO_NEW_DATA
_DEINIT, _INIT, _VALID, _INVALID = E2EState.DEINIT, E2EState.INIT, E2EState.VALID, E2EState.INVALID
