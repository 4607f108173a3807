"""When a value is written as a step from the one before, and when as itself."""

import pytest
from support.calls import CATALOGUE
from support.fakes import call

from models.data.example import steps_of
from vehicle_apis.call import Call, Plan
from vehicle_apis.codec import decode, encode_call
from vehicle_apis.earlier import Earlier, PastTurn
from vehicle_apis.tokens import END

WINDOW = call("control_window", position=50)


def after(*calls: Call) -> Earlier:
    return Earlier(tuple(PastTurn(n, Plan.of(before)) for n, before in enumerate(calls, 1)))


@pytest.mark.parametrize(
    ("position", "text", "steps"),
    [
        (75, "a bit more", {"position": 1}),
        (25, "close it a bit", {"position": -1}),
        (25, "not that far", {"position": -1}),
        (75, "still not enough", {"position": 1}),
        (76, "a bit more", {}),  # no whole step
        (50, "again", {}),  # stayed as it was
        (75, "three quarters", {}),
        (75, "make it seventy five", {}),
        (75, "a lot more", {}),
        (25, "a quarter", {}),
    ],
)
def test_a_step_is_a_moved_value_that_the_words_call_one(position: int, text: str, steps: dict[str, int]) -> None:
    assert steps_of(call("control_window", position=position), text, after(WINDOW)) == steps


@pytest.mark.parametrize("position", [0, 100])
def test_the_same_value_elsewhere_is_no_step_past_the_end_of_the_range(position: int) -> None:
    there = call("control_window", position=position, window="passenger")
    assert steps_of(there, "and the passenger's", after(call("control_window", position=position))) == {}


def test_a_step_is_from_the_same_place_if_it_was_spoken_of() -> None:
    earlier = after(call("set_seat_heating", level=1, seat="passenger"), call("set_seat_heating", level=3))
    passenger = call("set_seat_heating", level=2, seat="passenger")
    assert steps_of(passenger, "the passenger one up", earlier) == {"level": 1}
    assert steps_of(call("set_seat_heating", level=2), "mine one down", earlier) == {"level": -1}


def test_without_anything_before_there_is_no_step() -> None:
    assert steps_of(WINDOW, "a bit more", Earlier()) == {}


@pytest.mark.parametrize(
    ("before", "now", "text"),
    [
        (WINDOW, call("control_window", position=75), "a bit more"),
        (call("set_seat_massage", intensity="low"), call("set_seat_massage", intensity="medium"), "stronger"),
        (call("set_speed_warning", speed=100), call("set_speed_warning", speed=90), "ten less"),
        (
            call("operate_sunroof", action="open", intensity=90),
            call("operate_sunroof", action="open", intensity=100),
            "further",
        ),
    ],
)
def test_what_is_written_as_a_step_is_read_as_the_value(before: Call, now: Call, text: str) -> None:
    earlier = after(before)
    steps = steps_of(now, text, earlier)
    assert steps
    written = [*encode_call(now, CATALOGUE, steps), END]
    assert decode(written, CATALOGUE, earlier) == Plan.of(now)
