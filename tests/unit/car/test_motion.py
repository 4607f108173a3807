"""A motor: speed, end stops, replacement of a motion, a jam."""

import pytest

from simulators.car.motion import STALL_S, Axis


def window(position: float = 0.0) -> Axis:
    return Axis(low=0, high=100, speed_per_s=25, position=position)


@pytest.mark.parametrize(("dt_s", "position"), [(0.0, 0.0), (1.0, 25.0), (3.99, 99.75), (4.0, 100.0), (9.0, 100.0)])
def test_travel_takes_its_time(dt_s: float, position: float) -> None:
    axis = window()
    axis.move_to(100)
    axis.step(dt_s)
    assert axis.position == pytest.approx(position)
    assert axis.moving is (dt_s < 4.0)


@pytest.mark.parametrize(("target", "end"), [(-5, 0), (105, 100)])
def test_it_stops_at_the_end(target: float, end: float) -> None:
    axis = window(50)
    axis.move_to(target)
    axis.step(10)
    assert axis.position == end


def test_a_new_motion_replaces_the_one_under_way() -> None:
    axis = window()
    axis.move_to(100)
    axis.step(2)
    axis.move_to(10)
    axis.step(1)
    assert axis.position == 25
    axis.step(1)
    assert axis.position == 10


def test_halt_keeps_the_place() -> None:
    axis = window()
    axis.move_to(100)
    axis.step(1)
    axis.halt()
    axis.step(1)
    assert axis.position == 25
    assert not axis.moving


def test_a_jammed_motor_gives_up() -> None:
    axis = window()
    axis.jammed = True
    axis.move_to(100)
    axis.step(STALL_S - 0.01)
    assert axis.moving
    axis.step(0.01)
    assert axis.blocked
    assert not axis.moving
    assert axis.position == 0
