"""Just after a start: by which state what a former run left is judged."""

import math

import pytest

from state_machines import limits
from state_machines.driving_state import DrivingState
from state_machines.start_grace import StartGrace

S = DrivingState
OPENED_S = 100.0


@pytest.fixture
def grace() -> StartGrace:
    return StartGrace(OPENED_S)


def test_the_limits() -> None:
    assert (limits.START_GRACE_S, limits.SHOWS_LATE_S) == (0.5, 15.0)


@pytest.mark.parametrize(
    ("after_s", "state"), [(0.0, None), (0.499, None), (0.5, S.UNKNOWN), (0.501, S.UNKNOWN), (math.nan, S.UNKNOWN)]
)
def test_silence_counts_as_unknown_after_half_a_second(
    grace: StartGrace, after_s: float, state: DrivingState | None
) -> None:
    assert grace.state(S.UNKNOWN, S.UNKNOWN, OPENED_S + after_s) is state


@pytest.mark.parametrize("raw", [S.PARKED, S.STANDSTILL, S.CREEPING, S.DRIVING, S.FAST, S.CRASHED])
def test_the_first_snapshot_that_tells_anything_counts_at_once(grace: StartGrace, raw: DrivingState) -> None:
    assert grace.state(S.UNKNOWN, S.UNKNOWN, OPENED_S) is None
    assert grace.state(raw, S.UNKNOWN, OPENED_S + 0.1) is raw


def test_the_worst_one_stays_until_the_live_state_is_known(grace: StartGrace) -> None:
    seen = [
        (S.PARKED, S.PARKED),
        (S.DRIVING, S.DRIVING),
        (S.PARKED, S.DRIVING),
        (S.UNKNOWN, S.UNKNOWN),  # lost again: no second silence is let pass
        (S.PARKED, S.UNKNOWN),
    ]
    for n, (raw, state) in enumerate(seen):
        assert grace.state(raw, S.UNKNOWN, OPENED_S + n / 100) is state


def test_it_ends_with_the_first_live_state_and_never_begins_again(grace: StartGrace) -> None:
    assert grace.state(S.FAST, S.UNKNOWN, OPENED_S) is S.FAST
    assert grace.state(S.PARKED, S.PARKED, OPENED_S + 0.1) is S.PARKED
    assert grace.state(S.PARKED, S.STANDSTILL, OPENED_S + 0.2) is S.STANDSTILL
    assert grace.state(S.PARKED, S.UNKNOWN, OPENED_S + 0.3) is S.UNKNOWN


def test_a_crash_kept_over_the_restart_counts_at_once(grace: StartGrace) -> None:
    assert grace.state(S.UNKNOWN, S.CRASHED, OPENED_S) is S.CRASHED
