"""The raw state across its limits, the live state over time."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.car import BY_STATE, signals

from state_machines.driving_state import DRIVABLE, DrivingState, LiveState, crash_seen, raw_state
from vehicle_apis.signals import Reading, Signals

S = DrivingState
ORDER = ["parked", "standstill", "creeping", "driving", "fast", "unknown", "crashed"]


def test_states_are_ordered_by_restriction() -> None:
    assert [s.word for s in sorted(DrivingState)] == ORDER


@pytest.mark.parametrize(
    ("gear", "first", "second", "state"),
    [
        ("P", 0, 0, S.PARKED),
        ("P", 0.49, 0, S.PARKED),
        ("P", 0, 0.5, S.CREEPING),
        ("P", 3, 3, S.CREEPING),
        ("P", 0, 3.01, S.UNKNOWN),
        ("R", 0.49, 0.499, S.STANDSTILL),
        ("N", 0, 0, S.STANDSTILL),
        ("D", 0.5, 0, S.CREEPING),
        ("D", 7.99, 7.99, S.CREEPING),
        ("D", 7.99, 8, S.DRIVING),
        ("D", 8.01, 8, S.DRIVING),
        ("D", 129.99, 129, S.DRIVING),
        ("D", 130, 129, S.FAST),
        ("D", 300, 300, S.FAST),
        ("D", 300.01, 300, S.UNKNOWN),
        ("D", -0.01, 0, S.UNKNOWN),
        ("D", 0, 5, S.CREEPING),
        ("D", 0, 5.01, S.UNKNOWN),
        ("D", 5.01, 0, S.UNKNOWN),
        ("D", 90, 100, S.DRIVING),
        ("D", 89.9, 100, S.UNKNOWN),
        ("D", math.nan, 50, S.UNKNOWN),
        ("D", 50, math.inf, S.UNKNOWN),
        ("D", 10**400, 50, S.UNKNOWN),
        ("D", "50", 50, S.UNKNOWN),
        ("D", True, 1, S.UNKNOWN),
        ("D", None, 50, S.UNKNOWN),
        ("D", 50, None, S.UNKNOWN),
        ("X", 0, 0, S.UNKNOWN),
        (None, 0, 0, S.UNKNOWN),
    ],
)
def test_raw_state(gear: str, first: float, second: float, state: DrivingState) -> None:
    assert raw_state(signals(gear, first, second)) is state


@pytest.mark.parametrize(
    ("age_ms", "valid", "good"),
    [
        (0, True, True),
        (500, True, True),
        (500.1, True, False),
        (-0.1, True, False),
        (math.nan, True, False),
        (0, False, False),
    ],
)
def test_age_and_validity(age_ms: float, valid: bool, good: bool) -> None:
    want = S.PARKED if good else S.UNKNOWN
    seen = Reading(0.0, age_ms=age_ms, valid=valid)
    assert raw_state(signals("P", seen, 0.0)) is want
    assert raw_state(signals("P", 0.0, seen)) is want
    gear = Reading("P", age_ms=age_ms, valid=valid)
    assert raw_state(Signals(speed_kmh=(Reading(0.0), Reading(0.0)), gear=gear)) is want


@pytest.mark.parametrize("age_ms", [0, 501, 1e12, -1])
def test_a_crash_is_seen_at_any_age(age_ms: float) -> None:
    crash = Reading("detected", age_ms=age_ms)
    assert crash_seen(signals(crash=crash))
    assert raw_state(signals("D", 50, crash=crash)) is S.CRASHED
    assert raw_state(Signals(crash=crash)) is S.CRASHED


def test_a_crash_is_not_seen_in_an_invalid_frame_or_another_word() -> None:
    assert not crash_seen(signals(crash=Reading("detected", valid=False)))
    assert not crash_seen(signals(crash="none"))
    assert not crash_seen(signals(crash=1.0))
    assert not crash_seen(signals())


def test_the_latch_decides_where_there_is_one() -> None:
    assert raw_state(signals(), crash_latched=True) is S.CRASHED
    assert raw_state(signals(crash="detected"), crash_latched=False) is S.PARKED


@given(st.sampled_from([*BY_STATE.values()]), st.booleans())
def test_every_example_is_what_it_says(car: Signals, latched: bool) -> None:
    word = next(w for w, s in BY_STATE.items() if s is car)
    assert raw_state(car).word == word
    assert raw_state(car, crash_latched=True).word == "crashed"
    if word != "crashed":
        assert raw_state(car, crash_latched=latched).word == ("crashed" if latched else word)


# --- over time


def test_the_numbers_follow_the_order() -> None:
    assert [int(DrivingState[word.upper()]) for word in ORDER] == [*range(7)]


def test_in_which_states_any_holds() -> None:
    assert [state.word for state in DRIVABLE] == ORDER[:5]


def test_a_state_is_reached_by_what_is_observed_alone() -> None:
    live = LiveState()
    assert not hasattr(live, "to_PARKED")
    assert live.observe(S.UNKNOWN, 0.0) is S.UNKNOWN


def test_at_start_nothing_is_known_for_a_second() -> None:
    live = LiveState()
    assert live.current is S.UNKNOWN
    assert live.observe(S.PARKED, 50.0) is S.UNKNOWN
    assert live.observe(S.PARKED, 50.99) is S.UNKNOWN
    assert live.observe(S.PARKED, 51.0) is S.PARKED


def _settled(state: DrivingState, at_s: float = 0.0) -> LiveState:
    live = LiveState()
    live.observe(state, at_s - 1.0)
    assert live.observe(state, at_s) is state
    return live


def test_worse_takes_effect_at_once() -> None:
    live = _settled(S.PARKED)
    for state in (S.STANDSTILL, S.CREEPING, S.DRIVING, S.FAST, S.UNKNOWN, S.CRASHED):
        assert live.observe(state, 0.0) is state


def test_better_needs_one_unbroken_second() -> None:
    live = _settled(S.DRIVING)
    assert live.observe(S.CREEPING, 0.1) is S.DRIVING  # driving was seen up to here
    assert live.observe(S.CREEPING, 1.09) is S.DRIVING
    assert live.observe(S.CREEPING, 1.1) is S.CREEPING


def test_a_relapse_starts_the_second_again() -> None:
    live = _settled(S.DRIVING)
    live.observe(S.PARKED, 0.1)
    assert live.observe(S.DRIVING, 0.9) is S.DRIVING
    assert live.observe(S.PARKED, 1.0) is S.DRIVING
    assert live.observe(S.PARKED, 1.99) is S.DRIVING
    assert live.observe(S.PARKED, 2.0) is S.PARKED


def test_the_way_down_goes_through_what_was_seen_in_between() -> None:
    live = _settled(S.FAST)
    live.observe(S.DRIVING, 0.1)
    live.observe(S.PARKED, 0.6)
    assert live.observe(S.PARKED, 1.0) is S.FAST
    assert live.observe(S.PARKED, 1.1) is S.DRIVING
    assert live.observe(S.PARKED, 1.6) is S.PARKED


def test_a_clock_that_goes_back_does_not_shorten_the_second() -> None:
    live = _settled(S.DRIVING, 10.0)
    live.observe(S.PARKED, 10.0)
    assert live.observe(S.PARKED, 5.0) is S.DRIVING
    assert live.observe(S.PARKED, 10.99) is S.DRIVING
    assert live.observe(S.PARKED, 3.0) is S.DRIVING
    assert live.observe(S.PARKED, 11.0) is S.PARKED


def test_changes_are_told_once_each() -> None:
    told: list[tuple[DrivingState, DrivingState]] = []
    live = LiveState(lambda old, new: told.append((old, new)))
    for now_s, raw in [(0, S.PARKED), (1, S.PARKED), (2, S.PARKED), (2, S.DRIVING), (2.5, S.PARKED), (3.5, S.PARKED)]:
        live.observe(raw, now_s)
    assert told == [(S.UNKNOWN, S.PARKED), (S.PARKED, S.DRIVING), (S.DRIVING, S.PARKED)]


@given(st.lists(st.tuples(st.integers(0, 700), st.sampled_from(DrivingState)), min_size=1, max_size=40))
@settings(max_examples=400)
def test_the_live_state_is_the_worst_of_the_last_second(steps: list[tuple[int, DrivingState]]) -> None:
    """Against a plain reading: a raw state holds from its observation until the next one. Times in ms."""
    live = LiveState()
    now_ms = 0
    seen: list[tuple[int, DrivingState]] = []  # (until, state)
    for wait_ms, raw in steps:
        previous = seen[-1][1] if seen else DrivingState.UNKNOWN
        now_ms += wait_ms
        seen += [(now_ms, previous), (now_ms, raw)]
        got = live.observe(raw, now_ms / 1000)
        # the boundary itself (exactly one second) may fall either way by rounding: it must be one of the two
        strict = max(s for until, s in seen if now_ms - until < 1000)
        at_boundary = max(s for until, s in seen if now_ms - until <= 1000)
        assert got in {strict, at_boundary}
        assert got >= raw
        assert got is live.current
