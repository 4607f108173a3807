"""Arguments at their limits; plans that cannot exist."""

import math
import random
from typing import Any

import pytest
from safety_spec.oracle import Oracle
from safety_spec.questions import _arguments
from support.calls import CATALOGUE, SPECS

from vehicle_apis.call import MAX_STEPS, Call, Plan, Step
from vehicle_apis.errors import InvalidCall, InvalidPlan
from vehicle_apis.ref import Ref, parse_ref
from vehicle_apis.spec import ApiSpec


@pytest.mark.parametrize("spec", SPECS, ids=lambda s: s.name)
def test_every_argument_class_is_taken_or_refused_as_specified(spec: ApiSpec) -> None:
    oracle = Oracle()
    for arguments in _arguments(oracle.functions[spec.name], random.Random(1)):
        expected = oracle.complete(spec.name, arguments)
        if expected is None:
            with pytest.raises(InvalidCall, match=f"^{spec.name}: ") as caught:
                CATALOGUE.call(spec.name, **arguments)
            assert caught.value.function == spec.name
        else:
            assert CATALOGUE.call(spec.name, **arguments).json_arguments() == expected


BOUNDARIES = [
    ("set_volume", "level", [0, 100, 50.0], [-1, 101, 0.5, True, "5", None, math.nan, math.inf, 10**400, [], "$1"]),
    ("adjust_seat_position", "amount", [5, 200], [4, 201, 4.999]),
    ("set_timer", "minutes", [0.1, 1440, 0.5], [0.099, 1440.1, 0, -1, math.nan]),
    ("set_climate_temperature", "temperature", [16, 30, 16.5], [15.99, 30.01, 61, 86, 20**300]),
    (
        "set_alarm",
        "time",
        ["00:00", "23:59", "19:05"],
        ["24:00", "7:00", "07:60", "now", "", "07:00\n", "\u0660\u0667:00", 7],
    ),
    ("dial_number", "number", ["0", "112", " 112 "], ["", "1 1 2", "+49", "\u0663", "12a", 112]),
    ("play_media", "query", ["x", "x" * 500, "  a   b "], ["", "   ", "x" * 501, "a\x00b", "\u200b", 5, "$1"]),
    ("create_reminder", "time", ["", "07:00"], ["now", "7"]),
    ("precondition_cabin", "time", ["now", "07:00"], ["", "later"]),
    ("read_messages", "sender", ["", "mom"], [None, 1]),
    ("navigate_to", "destination", ["home", "$1", "$12", Ref(1), "$0", "$100", "$"], ["", None]),
    ("set_fan_speed", "level", [0, 7], [8, -1]),
    ("set_headlights", "mode", ["off", "auto"], ["Off", "", "on", None, 0, False, ["off"]]),
]


@pytest.mark.parametrize(("name", "parameter", "good", "bad"), BOUNDARIES)
def test_boundaries(name: str, parameter: str, good: list[Any], bad: list[Any]) -> None:
    spec = CATALOGUE[name]
    others = {"text": "x"} if name == "create_reminder" else {}
    others |= {"direction": "up"} if name == "adjust_seat_position" else {}
    for value in good:
        assert parameter in CATALOGUE.call(name, **{parameter: value}, **others).arguments
    for value in bad:
        with pytest.raises(InvalidCall) as caught:
            Call(spec, {parameter: value, **others})
        assert (caught.value.function, caught.value.parameter) == (name, parameter)


def test_values_are_brought_to_one_form() -> None:
    call = CATALOGUE.call
    assert call("set_volume", level=50.0).arguments["level"] == 50
    assert isinstance(call("set_volume", level=50.0).arguments["level"], int)
    assert call("play_media", query="  a   b ").arguments["query"] == "a b"
    assert call("set_climate_temperature", temperature=70, unit="fahrenheit").arguments["temperature"] == 70
    for value in (60.9, 86.1, 21):
        with pytest.raises(InvalidCall):
            call("set_climate_temperature", temperature=value, unit="fahrenheit")
    assert call("navigate_to", destination="$3").refs == (3,)
    assert call("navigate_to", destination="$3").json_arguments()["destination"] == "$3"


def test_words_from_a_command_line() -> None:
    spec = CATALOGUE["set_volume"]
    assert spec.parse({"level": "30"})["level"] == 30
    assert spec.parse({"level": "30.0"})["level"] == 30
    for word in ("thirty", "nan", "inf", "1e999", "", "30.5"):
        with pytest.raises(InvalidCall):
            spec.parse({"level": word})
    with pytest.raises(InvalidCall):
        spec.parse({"nothing": "1"})
    assert CATALOGUE["play_media"].parse({"query": "5"})["query"] == "5"


def test_a_call_cannot_be_changed() -> None:
    given: dict[str, Any] = {"level": 10}
    call = Call(CATALOGUE["set_volume"], given)
    given["level"] = 99
    assert call.arguments["level"] == 10
    with pytest.raises(TypeError):
        call.arguments["level"] = 99  # type: ignore[index]
    with pytest.raises(AttributeError):
        call.arguments = {}  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "step"), [("$1", 1), ("$99", 99), ("$0", None), ("$01", None), ("$100", None), ("1", None), ("$1 ", None)]
)
def test_references(text: str, step: int | None) -> None:
    assert parse_ref(text) == (None if step is None else Ref(step))
    assert parse_ref(Ref(4)) == Ref(4)
    assert parse_ref(5) is None


TIME = CATALOGUE.call("get_time")
HOME = CATALOGUE.call("navigate_to", destination="home")


def use(step: int) -> Call:
    return CATALOGUE.call("navigate_to", destination=Ref(step))


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ([(1, use(1), ())], "not before it"),
        ([(1, use(2), ()), (2, TIME, ())], "not before it"),
        ([(1, TIME, (2,)), (2, TIME, (1,))], "not before it"),
        ([(1, TIME, (1,))], "not before it"),
        ([(1, TIME, ()), (2, TIME, (7,))], "not before it"),
        ([(1, TIME, ()), (2, use(9), ())], "not before it"),
        ([(1, HOME, ()), (2, use(1), ())], "gives no result"),
        ([(1, TIME, ()), (1, TIME, ())], "distinct"),
        ([(0, TIME, ())], "at least 1"),
        ([(-1, TIME, ())], "at least 1"),
        ([(i, TIME, ()) for i in range(1, 10)], "at most 8"),
    ],
)
def test_plans_that_cannot_exist(steps: list[tuple[int, Call, tuple[int, ...]]], says: str) -> None:
    with pytest.raises(InvalidPlan, match=says):
        Plan(tuple(Step(id=i, call=c, after=after) for i, c, after in steps))


def test_plans_that_can() -> None:
    assert MAX_STEPS == 8
    assert len(Plan.of(*[TIME] * 8)) == 8
    plan = Plan((Step(id=3, call=TIME), Step(id=1, call=use(3), after=(3,))))
    assert plan.steps[1].waits_for == {3}
    assert plan.to_json()[1] == {
        "id": 1,
        "name": "navigate_to",
        "arguments": {"destination": "$3", "route": "fastest"},
        "after": [3],
    }
    assert plan.calls == (TIME, use(3))
    assert [s.id for s in plan] == [3, 1]
