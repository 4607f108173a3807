"""What was before an utterance: the calls, values and results that its words may refer to."""

import pytest
from support.calls import CATALOGUE

from vehicle_apis.call import Plan
from vehicle_apis.earlier import NOTHING_BEFORE, Earlier, PastTurn, WantedPiece, stepped
from vehicle_apis.errors import InvalidCall
from vehicle_apis.ref import AnyRef, EarlierRef, Ref, parse_any_ref, parse_ref

CALL = CATALOGUE.call
FIND, ETA = CALL("find_nearby", category="atm"), CALL("get_eta")
HALF, FRONT = CALL("control_window", position=50), CALL("control_window", position=10, window="passenger")


def test_the_newest_call_comes_first_and_what_is_asked_about_before_it() -> None:
    earlier = Earlier(turns=(PastTurn(1, Plan.of(HALF, ETA)), PastTurn(3, Plan.of(FRONT))))
    assert [(turn.number, step.id) for turn, step in earlier.steps()] == [(3, 1), (1, 2), (1, 1)]
    assert earlier.calls_of("control_window") == [FRONT, HALF]
    asked = CALL("control_window", position=100)
    assert Earlier(turns=earlier.turns, asked=Plan.of(asked)).calls_of("control_window") == [asked, FRONT, HALF]
    assert earlier.calls_of("set_volume") == []


def test_a_declined_turn_has_neither_calls_nor_results() -> None:
    earlier = Earlier(turns=(PastTurn(1, Plan.of(HALF)), PastTurn(2, Plan.of(FRONT, FIND), declined=True)))
    assert earlier.calls_of("control_window") == [HALF]
    assert earlier.result_for("destination") is None


def test_a_place_is_driven_to_and_any_result_is_told() -> None:
    earlier = Earlier(turns=(PastTurn(4, Plan.of(FIND)), PastTurn(6, Plan.of(HALF, ETA))))
    assert earlier.result_for("destination") == earlier.result_for("place") == EarlierRef(4, 1)
    assert earlier.result_for("message") == EarlierRef(6, 2)
    assert Earlier(turns=earlier.turns[1:]).result_for("destination") is None
    # of two results the newest
    assert Earlier(turns=(PastTurn(1, Plan.of(FIND, FIND)),)).result_for("place") == EarlierRef(1, 2)
    # what is only asked about has brought nothing yet
    assert Earlier(asked=Plan.of(FIND)).result_for("place") is None


def test_whether_anything_was_before() -> None:
    assert not NOTHING_BEFORE
    assert not Earlier(asked=Plan())
    assert Earlier(turns=(PastTurn(1, Plan.of(ETA)),))
    assert Earlier(asked=Plan.of(ETA))
    assert Earlier(wanted=WantedPiece("call", "call_contact"))


# function, parameter, step, what comes below the least and above the greatest: shared/spec/conversation.md, by hand
STEPS = [
    ("control_window", "position", 25, {}, 0, 100),
    ("operate_sunroof", "intensity", 25, {"action": "open"}, 0, 100),
    ("set_display_brightness", "level", 10, {}, 0, 100),
    ("set_ambient_light", "brightness", 10, {}, 0, 100),
    ("set_charge_limit", "percent", 10, {}, 50, 100),
    ("set_speed_warning", "speed", 10, {}, 0, 200),
    ("set_seat_heating", "level", 1, {}, 0, 3),
    ("set_seat_ventilation", "level", 1, {}, 0, 3),
]


@pytest.mark.parametrize(("name", "parameter", "step", "others", "least", "greatest"), STEPS)
def test_a_step_is_added_and_clipped_to_the_range(
    name: str, parameter: str, step: int, others: dict[str, object], least: int, greatest: int
) -> None:
    def moved(value: int, by: int) -> object:
        return stepped(CALL(name, **others, **{parameter: value}), parameter, by)

    assert CATALOGUE[name].steps == {parameter: step}
    assert (moved(least, 1), moved(greatest, -1)) == (least + step, greatest - step)
    assert (moved(least, -1), moved(greatest, 1)) == (least, greatest)
    assert (moved(least + 1, -1), moved(greatest - 1, 1)) == (least, greatest)
    assert isinstance(moved(least, 1), int)


def test_a_step_of_words_is_the_next_of_them() -> None:
    def moved(value: str, by: int) -> object:
        return stepped(CALL("set_seat_massage", intensity=value), "intensity", by)

    assert [moved(v, 1) for v in ("off", "low", "medium", "high")] == ["low", "medium", "high", "high"]
    assert [moved(v, -1) for v in ("off", "low", "medium", "high")] == ["off", "off", "low", "medium"]


def test_nothing_else_has_steps() -> None:
    assert {(s.name, p) for s in CATALOGUE for p in s.steps} == {
        *((name, parameter) for name, parameter, *_ in STEPS),
        ("set_seat_massage", "intensity"),
    }
    with pytest.raises(KeyError):
        stepped(CALL("set_volume", level=10), "level", 1)


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        ("$1", Ref(1)),
        ("$1.2", EarlierRef(1, 2)),
        ("$120.10", EarlierRef(120, 10)),
        *((wrong, None) for wrong in ("$0", "$0.1", "$1.0", "$1.", "$.1", "1.2", "$1.2.3", " $1.2", "$a.1", "$01.1")),
    ],
)
def test_a_reference_is_read_as_it_is_written(text: str, ref: AnyRef | None) -> None:
    assert parse_any_ref(text) == ref
    assert parse_ref(text) == (ref if isinstance(ref, Ref) else None)
    assert ref is None or str(ref) == text
    assert parse_any_ref(ref) == ref


def test_an_earlier_result_stands_where_a_result_may() -> None:
    go = CALL("navigate_to", destination="$3.1")
    assert go.arguments["destination"] == EarlierRef(3, 1)
    assert (go.uses_results, go.refs, go.json_arguments()["destination"]) == (True, (), "$3.1")
    assert Plan.of(go).calls == (go,)  # alone in its plan, as `$1` could not be
    with pytest.raises(InvalidCall, match="cannot take a result"):
        CALL("call_contact", name="$3.1")
    with pytest.raises(InvalidCall, match="single call"):
        CATALOGUE["navigate_to"].parse({"destination": "$3.1"})
