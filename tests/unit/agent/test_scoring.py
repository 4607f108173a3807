"""The rules of `eval`, restated by hand."""

import math

import pytest
from support.calls import CATALOGUE
from support.fakes import call

from vehicle_agent.evaluation.dialogues import SpokenLine
from vehicle_agent.evaluation.report import evaluate
from vehicle_agent.evaluation.same_plan import comparable
from vehicle_agent.evaluation.scoring import Score, parse_line, quantile, score, wilson
from vehicle_agent.planning.planner import Planned
from vehicle_apis.call import Call, Plan
from vehicle_apis.codec import Incomplete, Refusal, Utterance
from vehicle_apis.ref import Ref


def _planned(got: Utterance) -> Planned:
    return Planned(heard="x", utterance=got)


FIND, ETA = call("find_nearby", category="atm"), call("get_eta")


def _score(want: tuple[Call, ...], got: Utterance, *tags: str, clarify: dict[str, str] | None = None) -> Score:
    calls = [{"name": c.name, "arguments": c.json_arguments()} for c in want]
    line = {"id": "1", "text": "x", "calls": calls, "tags": list(tags or ("single",)), "clarify": clarify}
    return score(parse_line(line, CATALOGUE), _planned(got))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("n p r", "npr"),
        ("The Beatles", "beatles"),
        ("my mom", "mom"),
        ("an apple", "apple"),
        ("twenty", "20"),
        ("blink one eight two", "blink 1 8 2"),
        ("98.7", 98.7),
        (21, 21.0),
        ("21", 21),
        ("what's  up,  doc?", "whats up doc"),
        ("Coldplay!", "coldplay"),
        ("nan", "nan"),
    ],
)
def test_what_counts_as_the_same(one: str | float, other: str | float) -> None:
    assert comparable(one) == comparable(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("07:00", "7:00"),
        ("$1", "1"),
        ("$1", "$2"),
        ("mom", "dad"),
        (21, 22),
        ("the", ""),
        ("infinity", "inf"),
        ("1_0", 10),
    ],
)
def test_what_does_not(one: str | float, other: str | float) -> None:
    assert comparable(one) != comparable(other)


def test_defaults_are_filled_in_before_comparing() -> None:
    want = parse_line({"id": "1", "text": "x", "calls": [{"name": "set_seat_heating"}], "tags": []}, CATALOGUE)
    assert score(want, _planned(Plan.of(call("set_seat_heating", level=2, seat="driver")))).exact


def test_order_and_ids_do_not_matter_but_references_do() -> None:
    go = call("navigate_to", destination=Ref(1))
    want = (FIND, go, ETA)
    assert _score(want, Plan.of(ETA, FIND, go.with_arguments(destination=Ref(2)))).exact
    cafe = call("find_nearby", category="coffee")
    both = (FIND, cafe, go.with_arguments(destination=Ref(1)))
    crossed = Plan.of(cafe, FIND, go.with_arguments(destination=Ref(1)))
    assert not _score(both, crossed).exact
    assert _score(both, Plan.of(cafe, FIND, go.with_arguments(destination=Ref(2)))).exact
    named = _score((FIND, go), Plan.of(FIND, go.with_arguments(destination="atm")))
    assert (named.exact, named.isomorphic, named.function) == (False, False, True)


def test_isomorphic_leaves_arguments_aside_and_function_the_references() -> None:
    s = _score((call("set_fan_speed", level=3),), Plan.of(call("set_fan_speed", level=4)))
    assert (s.exact, s.isomorphic, s.function, s.opposite) == (False, True, True, False)
    twice = _score((ETA,), Plan.of(ETA, ETA))
    assert (twice.exact, twice.function) == (False, False)


@pytest.mark.parametrize(
    ("want", "got", "opposite"),
    [
        (call("set_headlights", mode="off"), call("set_headlights", mode="low"), True),
        (call("set_door_locks", state="lock"), call("set_door_locks", state="unlock"), True),
        (call("set_seat_heating"), call("set_seat_heating", seat="passenger"), True),
        (call("set_fan_speed", level=3), call("set_fan_speed", level=5), False),
        (call("play_media", query="jazz"), call("play_media", query="rock"), False),
        (call("play_media", query="jazz"), call("play_video", title="jazz"), True),
        (call("get_eta"), call("get_time"), False),
        (call("get_eta"), call("operate_trunk", action="open"), True),
    ],
    ids=str,
)
def test_opposite(want: Call, got: Call, opposite: bool) -> None:
    assert _score((want,), Plan.of(got)).opposite is opposite


def test_a_refuse_line_wants_an_empty_plan_and_no_question() -> None:
    assert _score((), Refusal(), "refuse").exact
    asked = _score((), Incomplete(CATALOGUE["call_contact"], "name"), "refuse")
    assert (asked.exact, asked.empty) == (False, True)
    acted = _score((), Plan.of(ETA), "refuse")
    assert (acted.exact, acted.empty, acted.opposite) == (False, False, False)
    assert _score((), Plan.of(call("operate_trunk", action="open")), "refuse").opposite


@pytest.mark.parametrize(
    ("label", "got", "right"),
    [
        ({"name": "call_contact"}, Incomplete(CATALOGUE["call_contact"], "name"), True),
        ({"name": "call_contact"}, Incomplete(CATALOGUE["dial_number"], "number"), False),
        ({"name": "call_contact"}, Refusal(), False),
        ({"name": "call_contact"}, Plan.of(ETA), False),
        (None, Refusal(), True),
        (None, Incomplete(CATALOGUE["dial_number"], "number"), True),
        (None, Plan.of(ETA), False),
    ],
)
def test_an_incomplete_line(label: dict[str, str] | None, got: Utterance, right: bool) -> None:
    assert _score((), got, "incomplete", clarify=label).exact is right


def test_wilson() -> None:
    low, high = wilson(8, 10)
    assert (round(low, 4), round(high, 4)) == (0.4902, 0.9433)
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(0, 100)[0] == 0.0
    assert math.isclose(wilson(0, 100)[1], 0.0370, abs_tol=1e-4)
    assert math.isclose(wilson(100, 100)[1], 1.0)


def test_quantiles_are_nearest_ranks() -> None:
    assert (quantile(range(1, 101), 0.5), quantile(range(1, 101), 0.95)) == (50, 95)
    assert (quantile([3], 0.95), quantile([], 0.5)) == (3, 0.0)


@pytest.mark.parametrize(
    "line",
    [
        {},
        {"text": 3, "calls": []},
        {"text": "x", "calls": {}},
        {"text": "x", "calls": [{"name": "fly"}]},
        {"text": "x", "calls": [{"name": "set_fan_speed", "arguments": {"level": 99}}]},
        {"text": "x", "calls": [{"name": "navigate_to", "arguments": {"destination": "$1"}}]},
    ],
)
def test_a_malformed_label_is_told(line: dict[str, object]) -> None:
    with pytest.raises((ValueError, TypeError, KeyError)):
        parse_line(line, CATALOGUE)


def test_the_report() -> None:
    lines: list[dict[str, object]] = [
        {"id": "a", "text": "a", "calls": [{"name": "get_eta"}], "tags": ["single", "nav"]},
        {"id": "b", "text": "b", "calls": [{"name": "get_eta"}], "tags": ["single"]},
        {"id": "c", "text": "c", "calls": [], "tags": ["refuse"]},
        {"id": "d", "text": "d", "calls": [], "tags": ["refuse"]},
        {"id": "e", "text": "e", "calls": [], "tags": ["incomplete"], "clarify": {"name": "call_contact"}},
    ]
    answers: dict[str, Utterance] = {
        "a": Plan.of(ETA),
        "b": Refusal(),
        "c": Refusal(),
        "d": Plan.of(call("operate_trunk", action="open")),
        "e": Incomplete(CATALOGUE["call_contact"], "name"),
    }
    report = evaluate(
        [parse_line(line, CATALOGUE) for line in lines],
        lambda line: Planned(heard=line.text, utterance=answers[line.text], model_ms=10),
        threads=1,
    )
    assert (report["n"], report["exact"], report["opposite"]) == (5, 0.6, 0.2)
    assert report["refusal"] == {"correct": 0.5, "false_accept": 0.5, "wrong_refusal": 0.5}
    assert report["by_tag"] == {
        "incomplete": {"n": 1, "exact": 1.0},
        "nav": {"n": 1, "exact": 1.0},
        "refuse": {"n": 2, "exact": 0.5},
        "single": {"n": 2, "exact": 0.5},
    }
    errors = report["errors"]
    assert isinstance(errors, list)
    assert [e["id"] for e in errors] == ["b", "d"]
    assert report["latency_ms"] == {"p50": 10, "p95": 10, "threads": 1}


def test_a_doubtful_plan_counts_as_empty_and_is_reported_apart() -> None:
    lines: list[dict[str, object]] = [
        {
            "id": "a",
            "text": "right",
            "calls": [{"name": "set_fan_speed", "arguments": {"level": 3}}],
            "tags": ["single"],
        },
        {"id": "b", "text": "right asked", "calls": [{"name": "operate_trunk", "arguments": {"action": "open"}}]},
        {"id": "c", "text": "wrong asked", "calls": [{"name": "operate_trunk", "arguments": {"action": "close"}}]},
        {"id": "d", "text": "chat asked", "calls": [], "tags": ["refuse"]},
        {"id": "e", "text": "half asked", "calls": [], "tags": ["incomplete"], "clarify": {"name": "operate_trunk"}},
    ]
    trunk = Plan.of(ETA, call("operate_trunk", action="open"))

    def plan(line: SpokenLine) -> Planned:
        text = line.text
        if text == "right":
            return Planned(heard=text, utterance=Plan.of(call("set_fan_speed", level=3)), confidence=0.9)
        plan = trunk if text != "right asked" else Plan.of(call("operate_trunk", action="open"))
        return Planned(heard=text, utterance=plan, confidence=0.4, doubtful=True)

    report = evaluate([parse_line(line, CATALOGUE) for line in lines], plan, threads=1)
    # right: a, and e, whose question names its function; nothing is done that was not asked for
    assert (report["exact"], report["opposite"]) == (0.4, 0.0)
    assert report["refusal"] == {"correct": 1.0, "false_accept": 0.0, "wrong_refusal": 0.6667}
    assert report["asked"] == {"n": 4, "right": 1, "share_of_right_commands_asked": 0.5}
    assert report["exact_if_confirmed"] == 0.4
    errors = report["errors"]
    assert isinstance(errors, list)
    assert errors[0]["got"] == {"asked": [{"name": "operate_trunk", "arguments": {"action": "open"}}]}
