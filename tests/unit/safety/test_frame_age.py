"""How old a frame is: stamps that cannot be true, clocks that are stepped.

Never fresher than the arrival, never blind for ever. The limits are restated by hand and stepped across; the times of
those tests are exact in binary.
"""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state_machines import limits
from state_machines.frame_age import FrameAge

WALL_S = 1_700_000_000.0
BIT_S = 1 / 64  # just beyond a limit


def test_the_limits_by_hand() -> None:
    assert (limits.STAMP_FRESH_S, limits.STAMP_AHEAD_S) == (0.5, 1.0)
    assert (limits.STAMP_ABSURD_S, limits.STAMPS_SETTLED_S) == (60.0, 1.0)


@pytest.mark.parametrize("stamp_s", [math.nan, math.inf, -math.inf, -1.0, -WALL_S])
def test_what_is_no_time_never_counts(stamp_s: float) -> None:
    frames = FrameAge()
    for n in range(500):
        assert frames.age_s(stamp_s, 10 + n / 100, WALL_S + n / 100) is None


def test_no_stamp_at_all_is_the_arrival() -> None:
    assert FrameAge().age_s(0.0, 10.0, WALL_S) == 0.0


@pytest.mark.parametrize(
    ("ahead_s", "age_s"),
    [
        (0.0, 0.0), (1.0, 0.0), (1.001, None), (3600.0, None), (-0.5, 0.5), (-0.501, 0.501), (-60.0, 60.0),
        (-60.001, None), (-WALL_S + 5, None),
    ],
)  # fmt: skip
def test_the_limits(ahead_s: float, age_s: float | None) -> None:
    found = FrameAge().age_s(WALL_S + ahead_s, 10.0, WALL_S)
    assert found == (None if age_s is None else pytest.approx(age_s, abs=1e-5))


def drive(frames: FrameAge, from_s: float, to_s: float, ahead_s: float, wall_ahead_s: float) -> list[float | None]:
    """A frame every 10 ms whose stamp is ``ahead_s`` of the wall clock at the start."""
    return [
        frames.age_s(WALL_S + ahead_s + at_s, at_s, WALL_S + wall_ahead_s + at_s)
        for at_s in (from_s + n / 100 for n in range(round((to_s - from_s) * 100)))
    ]


@pytest.mark.parametrize("step_s", [-3600.0, -10.0, -2.0, 2.0, 10.0, 3600.0, 1e9])
def test_a_wall_clock_that_is_stepped_blinds_for_a_second_at_most(step_s: float) -> None:
    frames = FrameAge()
    assert set(drive(frames, 0, 2, 0.0, 0.0)) == {0.0}
    after = drive(frames, 2, 5, step_s, step_s)
    assert all(waited is not None and waited <= 0.01 for waited in after[110:])


@pytest.mark.parametrize("step_s", [-3600.0, -10.0, -2.0, 2.0, 10.0, 3600.0, 1e9])
def test_what_waited_while_the_clock_was_stepped_is_not_fresh(step_s: float) -> None:
    frames = FrameAge()
    drive(frames, 0, 2, 0.0, 0.0)
    found = drive(frames, 2, 2.5, -2.0, step_s)  # two seconds old, stamped before the step
    assert all(waited is None or waited >= 1.99 for waited in found)


@pytest.mark.parametrize("step_s", [-3600.0, -10.0, 10.0, 3600.0])
def test_a_driver_that_does_not_follow_the_step_is_believed_again(step_s: float) -> None:
    frames = FrameAge()
    drive(frames, 0, 2, 0.0, 0.0)
    found = drive(frames, 2, 9, 0.0, step_s)
    assert all(waited is not None and waited <= 0.01 for waited in found[230:])
    # from now on its own clock counts: what waits is old
    assert drive(frames, 9, 9.5, -2.0, step_s)[0] == pytest.approx(2.0, abs=1e-5)


def test_an_agents_clock_that_is_moved_a_little_disturbs_nothing() -> None:
    frames, ahead_s = FrameAge(), 0.0
    for n in range(100):
        ahead_s += 0.3
        assert frames.age_s(WALL_S + n, n + ahead_s, WALL_S + n) == 0.0


@pytest.mark.parametrize("ahead_s", [-WALL_S + 1000, -86400.0, 5.0, 86400.0])
def test_a_driver_with_a_clock_of_its_own_is_believed_by_the_arrival(ahead_s: float) -> None:
    found = drive(FrameAge(), 0, 3, ahead_s, 0.0)
    assert set(found[:99]) == {None}
    assert all(waited is not None and waited <= 0.02 for waited in found[110:])


def test_frames_that_really_wait_stay_old_for_as_long_as_they_do() -> None:
    frames = FrameAge()
    drive(frames, 0, 1, 0.0, 0.0)
    found = drive(frames, 1, 60, -2.0, 0.0)
    assert all(waited == pytest.approx(2.0, abs=1e-5) for waited in found)
    # and those that were in the queue when the clock was stepped are as old as they are
    assert drive(frames, 60, 60.5, -2.0, 3600.0)[0] == pytest.approx(2.0, abs=1e-5)


def test_single_frames_from_the_future_never_add_up() -> None:
    frames = FrameAge()
    for n in range(300):
        at_s = n / 10
        assert frames.age_s(WALL_S + at_s, at_s, WALL_S + at_s) == pytest.approx(0.0, abs=1e-5)
        assert frames.age_s(WALL_S + at_s + 99, at_s, WALL_S + at_s) is None


@given(
    st.lists(
        st.tuples(st.floats(0, 3), st.floats() | st.floats(WALL_S - 100, WALL_S + 100), st.floats(-9, 9)), max_size=50
    )
)
def test_never_fresher_than_the_arrival(sent: list[tuple[float, float, float]]) -> None:
    frames, now_s = FrameAge(), 0.0
    for later_s, stamp_s, step_s in sent:
        now_s += later_s
        age_s = frames.age_s(stamp_s, now_s, WALL_S + now_s + step_s)
        assert age_s is None or (age_s >= 0 and math.isfinite(age_s))


class Bus:
    """A driver and two clocks. The driver's and the wall clock are so far from where they were at the start."""

    def __init__(self, driver_s: float = 0.0, wall_s: float = 0.0) -> None:
        self.driver_s, self.wall_s = driver_s, wall_s
        self._frames = FrameAge()

    def frame(self, at_s: float, late_s: float = 0.0) -> float | None:
        """Arrives at ``at_s`` and has waited so long."""
        return self._frames.age_s(WALL_S + self.driver_s + at_s - late_s, at_s, WALL_S + self.wall_s + at_s)


@pytest.fixture
def bus() -> Bus:
    """A fresh frame has come at 0."""
    found = Bus()
    assert found.frame(0) == 0.0
    return found


@pytest.fixture
def own() -> Bus:
    """A driver that counts from a beginning of its own; this is known after a second, at 1."""
    found = Bus(driver_s=-86400.0)
    assert [found.frame(n / 4) for n in range(5)] == [None] * 4 + [0.0]
    return found


@pytest.mark.parametrize(
    ("late_s", "age_s"),
    [
        (0.0, 0.0), (BIT_S, BIT_S), (-BIT_S, 0.0), (-1.0, 0.0), (-1 - BIT_S, None), (0.5, 0.5),
        (0.5 + BIT_S, 0.5 + BIT_S), (60.0, 60.0), (60 + BIT_S, None),
    ],
)  # fmt: skip
def test_a_frame_by_the_wall_clock(bus: Bus, late_s: float, age_s: float | None) -> None:
    assert bus.frame(0.5, late_s) == age_s
    assert Bus().frame(0.5, late_s) == age_s


# --- a step of the wall clock ---------------------------------------------------------------------------------------


def test_the_wall_clock_may_be_a_second_off_without_a_step(bus: Bus) -> None:
    bus.wall_s = bus.driver_s = -1.0
    assert bus.frame(0.5) == 0.0
    bus.wall_s = bus.driver_s = -2 - BIT_S
    assert bus.frame(0.75) == 1 + BIT_S  # by the clock before, it might be


def test_a_step_forwards_is_one_beyond_a_second(bus: Bus) -> None:
    bus.wall_s = 1.0
    assert bus.frame(0.5, 60.0) is None  # 61 s by the only clock there is
    bus.wall_s = 2 + BIT_S
    assert bus.frame(0.75, 59.0) == 60.0  # by the clock before


def test_a_clock_that_is_set_little_by_little_is_never_stepped(bus: Bus) -> None:
    for n in range(1, 9):
        bus.wall_s = bus.driver_s = -0.75 * n
        assert bus.frame(n / 4) == 0.0


@pytest.mark.parametrize(("after_s", "age_s"), [(0.0, 30.0), (0.5, 30.0), (1 - BIT_S, 30.0), (1.0, 0.0), (3.0, 0.0)])
def test_after_a_step_the_older_age_counts_for_a_second(bus: Bus, after_s: float, age_s: float) -> None:
    bus.wall_s = bus.driver_s = -30.0
    assert bus.frame(2) == 30.0
    assert bus.frame(2 + after_s) == age_s


@pytest.mark.parametrize(
    ("step_s", "driver_s", "late_s", "age_s"),
    [
        (10.0, 10.0, 0.25, 0.25),  # by the new clock; by the old one it is of the future
        (10.0, 0.0, 0.25, 10.25),  # by the old clock; by the new one it may have waited longer
        (-10.0, -10.0, 0.25, 10.25),
        (-10.0, 0.0, 0.25, 0.25),
        (100.0, 0.0, 0.25, 0.25),
        (100.0, 0.0, 60.0, 60.0),
        (100.0, 0.0, 60 + BIT_S, None),  # 160 s by the new clock
        (100.0, 50.0, 0.0, 50.0),
        (100.0, 101.0, 0.0, 0.0),
        (100.0, 101 + BIT_S, 0.0, None),
        (1.5, 2.0, 0.0, 0.0),
        (-1.5, 0.25, 0.0, 0.0),  # younger than its arrival by either clock
        (-1.5, 1.0, 0.0, 0.0),
    ],
)
def test_the_two_clocks_of_a_step(bus: Bus, step_s: float, driver_s: float, late_s: float, age_s: float | None) -> None:
    bus.wall_s, bus.driver_s = step_s, driver_s
    assert bus.frame(2, late_s) == age_s


def test_the_clock_before_is_that_of_the_last_frame_before(bus: Bus) -> None:
    bus.wall_s = 20.0
    bus.frame(2)
    bus.wall_s = 50.0
    assert bus.frame(2.5) == 50.0
    assert bus.frame(3.25, -20.0) == 30.0  # the second step has its own second
    assert bus.frame(3.25, -50.0) == 0.0


# --- a clock that explains what the wall clock does not --------------------------------------------------------------


@pytest.mark.parametrize(("step_s", "waiting"), [(30.0, 30.25), (100.0, None)])
def test_a_driver_that_keeps_the_clock_before_the_step(bus: Bus, step_s: float, waiting: float | None) -> None:
    bus.wall_s = step_s
    assert bus.frame(2) == (0.0 if waiting is None else 30.0)
    assert bus.frame(3, 0.25) == waiting
    assert bus.frame(4 - BIT_S, 0.25) == waiting
    assert bus.frame(4, 0.25) == 0.25  # by the clock that is known, not from the newest frame on
    assert bus.frame(5, 0.5) == 0.5
    bus.wall_s -= 60.0
    assert bus.frame(5.5, 0.25) == 0.25  # it has followed no step; neither does its clock
    assert bus.frame(6, 60.0) == 60.0


def test_a_frame_of_the_future_by_the_clock_found_is_as_old_as_its_arrival(bus: Bus) -> None:
    bus.wall_s = 30.0
    assert [bus.frame(at_s, -0.5) for at_s in (2, 3, 4)] == [29.5, 29.5, 0.0]


def test_a_clock_must_explain_every_frame_as_fresh(bus: Bus) -> None:
    bus.wall_s = 30.0
    assert [bus.frame(at_s, late_s) for at_s, late_s in ((2, 0.0), (3, 0.0), (3.5, 0.5 + BIT_S))] == [
        30,
        30,
        30.5 + BIT_S,
    ]
    assert bus.frame(4) == 30.0
    assert bus.frame(9) == 30.0
    bus.driver_s = 30.0
    assert bus.frame(10) == 0.0  # until one is fresh


def test_each_frame_that_is_fresh_by_the_present_clock_ends_the_search() -> None:
    bus = Bus()
    found = []
    for at_s, driver_s in ((0, 99), (0.75, 99), (0.875, 0), (1, 99), (2 - BIT_S, 99), (2, 99)):
        bus.driver_s = driver_s
        found.append(bus.frame(at_s))
    assert found == [None, None, 0.0, None, None, 0.0]


@pytest.mark.parametrize(("late_s", "settles"), [(0.5, True), (0.5 + BIT_S, False)])
def test_fresh_means_half_a_second(late_s: float, settles: bool) -> None:
    bus = Bus(driver_s=99.0)
    assert bus.frame(0) is None
    bus.driver_s = 0.0
    assert bus.frame(0.5, late_s) == late_s
    bus.driver_s = 99.0
    assert [bus.frame(at_s) for at_s in (1, 1.5, 2)] == [None, None, 0.0 if settles else None]


@pytest.mark.parametrize("order", [(99.0, -2.0, 99.0), (-2.0, 99.0, 99.0), (99.0, 99.0, -2.0)])
def test_an_unknown_clock_must_be_that_of_every_frame(order: tuple[float, float, float]) -> None:
    bus = Bus()
    for n, bus.driver_s in enumerate(order):
        assert bus.frame(n / 2) == (2.0 if bus.driver_s == -2 else None)
    bus.driver_s = 99.0
    assert [bus.frame(at_s) for at_s in (2, 3)] == [None, None]


@pytest.mark.parametrize(
    ("late_s", "ages_s"),
    [
        ((0.25, 0.0, 0.5), (0.5, 0.25)),  # the newest in the middle
        ((0.0, 0.25, 0.5), (0.5, 0.25)),  # at first
        ((0.5, 0.25, 0.0), (0.0, 0.25)),  # at last
        ((-3.0, 0.0, 0.0), (3.0, 3.25)),  # one alone may tell that the others wait
    ],
)
def test_an_unknown_clock_is_read_from_the_newest_frame_on(
    late_s: tuple[float, float, float], ages_s: tuple[float, float]
) -> None:
    bus = Bus(driver_s=-86400.0)
    assert [bus.frame(0, late_s[0]), bus.frame(0.5, late_s[1])] == [None, None]
    assert (bus.frame(1, late_s[2]), bus.frame(1.5, 0.25)) == ages_s


def test_an_unknown_clock_needs_a_whole_second() -> None:
    bus = Bus(driver_s=-86400.0)
    assert [bus.frame(at_s) for at_s in (5, 6 - BIT_S, 6, 6.5)] == [None, None, 0.0, 0.0]


def test_a_driver_with_its_own_clock_needs_no_wall_clock(own: Bus) -> None:
    for n in range(1, 9):
        own.wall_s = (-1) ** n * 40.0 * n
        assert own.frame(1 + n / 8, n / 16) == n / 16


def test_another_clock_of_its_own_needs_a_second_again(own: Bus) -> None:
    own.driver_s = -3600.0
    assert [own.frame(at_s) for at_s in (1.25, 2, 2.25, 2.5)] == [None, None, 0.0, 0.0]


def test_a_driver_that_comes_back_to_the_wall_clock(own: Bus) -> None:
    own.driver_s = 0.0
    assert [own.frame(at_s, 0.25) for at_s in (2, 3 - BIT_S, 3)] == [None, None, 0.25]
    assert own.frame(3.5, 0.5) == 0.5


@pytest.mark.parametrize(("step_s", "driver_s"), [(1.25, 0.75), (-1.25, -0.5)])
def test_of_two_clocks_that_explain_it_the_one_by_which_it_is_older(own: Bus, step_s: float, driver_s: float) -> None:
    own.wall_s = step_s
    assert own.frame(2) == 0.0
    own.driver_s = driver_s
    assert [own.frame(at_s) for at_s in (3, 3.5, 4)] == [None, None, 0.5]


@pytest.mark.parametrize(
    ("drift_s", "found"), [((-0.5, -1.0), 1.0), ((-0.5, -1 - BIT_S), 0.75 + BIT_S), ((0.75, 1.5), 0.0)]
)
def test_a_clock_that_moves_by_more_than_a_second_explains_nothing(
    own: Bus, drift_s: tuple[float, float], found: float
) -> None:
    """The wall clock, and the driver with it: at first it explains the frames; what is left is the newest of them."""
    own.driver_s = 0.0
    assert own.frame(2, 0.25) is None
    own.driver_s = own.wall_s = drift_s[0]
    assert own.frame(2.5, 0.25) is None
    own.driver_s = own.wall_s = drift_s[1]
    assert own.frame(3) == found
    assert own.frame(3.5, 0.25) == found + 0.25
