"""Stamps that cannot be true, clocks that are stepped: never fresher than the arrival, never blind for ever."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vehicle_agent.backends.can.stamps import Stamps

WALL_S = 1_700_000_000.0


@pytest.mark.parametrize("stamp_s", [math.nan, math.inf, -math.inf, -1.0, -WALL_S])
def test_what_is_no_time_never_counts(stamp_s: float) -> None:
    stamps = Stamps()
    for n in range(500):
        assert stamps.waited_s(stamp_s, 10 + n / 100, WALL_S + n / 100) is None


def test_no_stamp_at_all_is_the_arrival() -> None:
    assert Stamps().waited_s(0.0, 10.0, WALL_S) == 0.0


@pytest.mark.parametrize(
    ("ahead_s", "waited_s"),
    [
        (0.0, 0.0), (1.0, 0.0), (1.001, None), (3600.0, None), (-0.5, 0.5), (-0.501, 0.501), (-60.0, 60.0),
        (-60.001, None), (-WALL_S + 5, None),
    ],
)  # fmt: skip
def test_the_limits(ahead_s: float, waited_s: float | None) -> None:
    found = Stamps().waited_s(WALL_S + ahead_s, 10.0, WALL_S)
    assert found == (None if waited_s is None else pytest.approx(waited_s, abs=1e-5))


def drive(stamps: Stamps, from_s: float, to_s: float, ahead_s: float, wall_ahead_s: float) -> list[float | None]:
    """A frame every 10 ms whose stamp is ``ahead_s`` of the wall clock at the start."""
    return [
        stamps.waited_s(WALL_S + ahead_s + at_s, at_s, WALL_S + wall_ahead_s + at_s)
        for at_s in (from_s + n / 100 for n in range(round((to_s - from_s) * 100)))
    ]


@pytest.mark.parametrize("step_s", [-3600.0, -10.0, -2.0, 2.0, 10.0, 3600.0, 1e9])
def test_a_wall_clock_that_is_stepped_blinds_for_a_second_at_most(step_s: float) -> None:
    stamps = Stamps()
    assert set(drive(stamps, 0, 2, 0.0, 0.0)) == {0.0}
    after = drive(stamps, 2, 5, step_s, step_s)
    assert all(waited is not None and waited <= 0.01 for waited in after[110:])


@pytest.mark.parametrize("step_s", [-3600.0, -10.0, -2.0, 2.0, 10.0, 3600.0, 1e9])
def test_what_waited_while_the_clock_was_stepped_is_not_fresh(step_s: float) -> None:
    stamps = Stamps()
    drive(stamps, 0, 2, 0.0, 0.0)
    found = drive(stamps, 2, 2.5, -2.0, step_s)  # two seconds old, stamped before the step
    assert all(waited is None or waited >= 1.99 for waited in found)


@pytest.mark.parametrize("step_s", [-3600.0, -10.0, 10.0, 3600.0])
def test_a_driver_that_does_not_follow_the_step_is_believed_again(step_s: float) -> None:
    stamps = Stamps()
    drive(stamps, 0, 2, 0.0, 0.0)
    found = drive(stamps, 2, 9, 0.0, step_s)
    assert all(waited is not None and waited <= 0.01 for waited in found[230:])
    # from now on its own clock counts: what waits is old
    assert drive(stamps, 9, 9.5, -2.0, step_s)[0] == pytest.approx(2.0, abs=1e-5)


def test_an_agents_clock_that_is_moved_a_little_disturbs_nothing() -> None:
    stamps, ahead_s = Stamps(), 0.0
    for n in range(100):
        ahead_s += 0.3
        assert stamps.waited_s(WALL_S + n, n + ahead_s, WALL_S + n) == 0.0


@pytest.mark.parametrize("ahead_s", [-WALL_S + 1000, -86400.0, 5.0, 86400.0])
def test_a_driver_with_a_clock_of_its_own_is_believed_by_the_arrival(ahead_s: float) -> None:
    found = drive(Stamps(), 0, 3, ahead_s, 0.0)
    assert set(found[:99]) == {None}
    assert all(waited is not None and waited <= 0.02 for waited in found[110:])


def test_frames_that_really_wait_stay_old_for_as_long_as_they_do() -> None:
    stamps = Stamps()
    drive(stamps, 0, 1, 0.0, 0.0)
    found = drive(stamps, 1, 60, -2.0, 0.0)
    assert all(waited == pytest.approx(2.0, abs=1e-5) for waited in found)
    # and those that were in the queue when the clock was stepped are as old as they are
    assert drive(stamps, 60, 60.5, -2.0, 3600.0)[0] == pytest.approx(2.0, abs=1e-5)


def test_single_frames_from_the_future_never_add_up() -> None:
    stamps = Stamps()
    for n in range(300):
        at_s = n / 10
        assert stamps.waited_s(WALL_S + at_s, at_s, WALL_S + at_s) == pytest.approx(0.0, abs=1e-5)
        assert stamps.waited_s(WALL_S + at_s + 99, at_s, WALL_S + at_s) is None


@given(
    st.lists(
        st.tuples(st.floats(0, 3), st.floats() | st.floats(WALL_S - 100, WALL_S + 100), st.floats(-9, 9)), max_size=50
    )
)
def test_never_fresher_than_the_arrival(frames: list[tuple[float, float, float]]) -> None:
    stamps, now_s = Stamps(), 0.0
    for later_s, stamp_s, step_s in frames:
        now_s += later_s
        waited_s = stamps.waited_s(stamp_s, now_s, WALL_S + now_s + step_s)
        assert waited_s is None or (waited_s >= 0 and math.isfinite(waited_s))
