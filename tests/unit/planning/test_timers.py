"""A timer's minutes are the words', whatever the model wrote."""

import pytest
from support.calls import CATALOGUE
from support.fakes import call

from vehicle_agent.planning.timers import is_plain_timer, simpler, timed
from vehicle_apis.call import Call, Plan
from vehicle_apis.codec import Refusal
from vehicle_apis.errors import InvalidCall


def timer(minutes: float, label: str = "") -> Call:
    return call("set_timer", minutes=minutes, label=label)


@pytest.mark.parametrize(
    ("written", "text", "expected"),
    [
        ([timer(10)], "timer ten seconds", [timer(0.1667)]),
        ([timer(2)], "two minutes and twenty seconds please", [timer(2.3333)]),
        ([timer(100)], "a timer for an hour and a half", [timer(90)]),
        ([timer(10)], "timer ten minutes no make that fifteen minutes", [timer(15)]),
        ([timer(5), timer(5)], "timers of five minutes and ten minutes", [timer(5), timer(10)]),
        (
            [timer(7, "five minute walk")],
            "timer for the five minute walk of seven minutes",
            [timer(7, "five minute walk")],
        ),
        ([call("create_reminder", text="call bob")], "remind me in an hour to call bob", [timer(60, "call bob")]),
        ([call("set_alarm", time="15:45")], "wake me in a quarter of an hour", [timer(15)]),
    ],
)
def test_the_minutes_said(written: list[Call], text: str, expected: list[Call]) -> None:
    found = timed(Plan.of(*written), text.split(), CATALOGUE)
    assert (found.plan.calls, found.sure) == (tuple(expected), True)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ([timer(5)], "timers of five minutes and ten minutes"),
        ([timer(5), timer(10)], "five minutes then ten minutes then one minute"),
        ([timer(10)], "timer for five and ten minutes"),
    ],
)
def test_what_cannot_be_told_apart_is_not_sure(written: list[Call], text: str) -> None:
    assert not timed(Plan.of(*written), text.split(), CATALOGUE).sure


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (timer(10), "timer ten"),
        (call("set_alarm", time="07:00"), "wake me in the morning at seven in ten minutes"),
        (call("create_reminder", text="leave", time="18:00"), "remind me at six p m to leave in ten minutes"),
        (call("create_reminder", text="leave in ten minutes"), "remind me to leave in ten minutes"),
        (call("set_fan_speed", level=3), "fan to three for ten minutes"),
    ],
)
def test_what_is_left_as_it_is(written: Call, text: str) -> None:
    found = timed(Plan.of(written), text.split(), CATALOGUE)
    assert (found.plan.calls, found.sure) == ((written,), True)


@pytest.mark.parametrize(("text", "minutes"), [("timer three seconds", 0.05), ("timer twenty five hours", 1500)])
def test_out_of_range_is_refused_with_the_range(text: str, minutes: float) -> None:
    with pytest.raises(InvalidCall, match=f"from 0.1 to 1440 min, not {minutes:g}"):
        timed(Plan.of(timer(3)), text.split(), CATALOGUE)


def test_the_shortest_and_the_longest() -> None:
    assert timed(Plan.of(timer(1)), ["timer", "six", "seconds"], CATALOGUE).plan.calls == (timer(0.1),)
    assert timed(Plan.of(timer(1)), ["timer", "twenty", "four", "hours"], CATALOGUE).plan.calls == (timer(1440),)


def test_easier_words_for_the_model() -> None:
    assert simpler(["set", "a", "timer", "for", "an", "hour", "and", "ten", "minutes"]) == [
        "set",
        "a",
        "timer",
        "for",
        "ten",
        "minutes",
    ]
    assert simpler(["a", "one", "and", "a", "half", "minute", "timer"]) == ["a", "ten", "minute", "timer"]
    assert simpler(["text", "bob", "i", "am", "ten", "seconds", "away"]) is None
    assert simpler(["timers", "of", "five", "minutes", "and", "ten", "minutes"]) is None


def test_a_plain_timer() -> None:
    assert is_plain_timer(Plan.of(timer(5)))
    for other in (Plan.of(timer(5, "tea")), Plan.of(timer(5), timer(6)), Plan.of(call("get_eta")), Refusal()):
        assert not is_plain_timer(other)
