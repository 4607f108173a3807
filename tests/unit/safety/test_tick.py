"""When the gate must look again; the limit restated by hand."""

import math

import pytest

from state_machines import limits
from state_machines.tick import Tick

LOOKED_S = 1000.0


@pytest.fixture
def tick() -> Tick:
    found = Tick()
    found.looks(LOOKED_S)
    return found


def test_the_limit() -> None:
    assert limits.GATE_TICK_S == 0.1


@pytest.mark.parametrize("now_s", [-5.0, 0.0, 1e9])
def test_the_first_look_waits_for_nothing(now_s: float) -> None:
    assert Tick().pause_s(now_s) == 0


@pytest.mark.parametrize(
    ("after_s", "pause_s"),
    [(0.0, 0.1), (0.03, 0.07), (0.0999, 0.0001), (0.1, 0.0), (0.1001, 0.0), (3.0, 0.0), (-0.01, 0.1), (-50.0, 0.1)],
)
def test_a_tenth_of_a_second_from_the_beginning_of_the_last_look(tick: Tick, after_s: float, pause_s: float) -> None:
    assert tick.pause_s(LOOKED_S + after_s) == pytest.approx(pause_s, abs=1e-9)


def test_a_clock_that_says_nothing_is_no_reason_to_wait(tick: Tick) -> None:
    assert tick.pause_s(math.nan) == 0


def test_each_look_counts_anew(tick: Tick) -> None:
    tick.looks(LOOKED_S + 0.05)
    assert tick.pause_s(LOOKED_S + 0.1) == pytest.approx(0.05)
    tick.looks(LOOKED_S)  # the clock stepped back
    assert tick.pause_s(LOOKED_S + 0.1) == 0
