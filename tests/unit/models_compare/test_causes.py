"""Every wrong line has one cause, and it is the one a person would name."""

from collections.abc import Mapping

import pytest
from support.compare_rows import CATALOGUE, FAN, HORN, LOCK, labelled, plan

from models.compare.answers import Answer, Row
from models.compare.causes import Cause, cause, wrong_lines
from vehicle_agent.evaluation.scoring import Labelled
from vehicle_apis.call import Plan
from vehicle_apis.codec import Incomplete, Refusal

ASKS = Incomplete(CATALOGUE["set_fan_speed"], "confirmation")
NOTHING = Answer(utterance=Refusal())


def one_call(name: str, arguments: Mapping[str, object], **line: object) -> Labelled:
    return labelled(text="x", calls=[{"id": 1, "name": name, "arguments": dict(arguments)}], **line)


def does(name: str, **arguments: object) -> Answer:
    return Answer(utterance=plan(name, **arguments))


WINDOW = one_call("control_window", {"position": 50})
THEME = one_call("set_display_theme", {"theme": "night"})
TEXT = one_call("send_text_message", {"recipient": "bo", "message": "on my way"})
FOLLOWING = one_call("control_window", {"position": 75}, dialogue="a", turn=2, tags=["relative"])
RESULT = labelled(
    text="x",
    calls=[
        {"id": 1, "name": "find_nearby", "arguments": {"category": "atm"}},
        {"id": 2, "name": "navigate_to", "arguments": {"destination": "$1"}},
    ],
)
MANUAL = labelled(text="x", route={"to": "manual", "query": "x"})
NOBODY = labelled(text="x", route=False)
NO = labelled(text="x", dialogue="a", turn=2, asked="shall i", answer="no")
INCOMPLETE = labelled(text="x", clarify={"name": "set_fan_speed", "missing": "level"}, tags=["incomplete"])
FIND = CATALOGUE.call("find_nearby", category="atm")


@pytest.mark.parametrize(
    ("label", "answer", "expected"),
    [
        (FAN, does("set_fan_speed", level=3), None),
        (FAN, NOTHING, Cause.REFUSED),
        (FAN, Answer(utterance=ASKS), Cause.ASKED),
        (FAN, Answer(utterance=FAN.plan, asks=ASKS), Cause.ASKED),
        (FAN, does("set_volume", level=3), Cause.WRONG_FUNCTION),
        (FAN, does("set_fan_speed", level=4), Cause.WRONG_NUMBER),
        (LOCK, does("set_door_locks", state="unlock"), Cause.WRONG_PLACE),
        (WINDOW, does("control_window", position=50, window="passenger"), Cause.WRONG_PLACE),
        (WINDOW, does("control_window", position=20, window="passenger"), Cause.WRONG_PLACE),
        (THEME, does("set_display_theme", theme="day"), Cause.WRONG_VALUE),
        (TEXT, does("send_text_message", recipient="bo", message="on the way"), Cause.WRONG_TEXT),
        (HORN, does("set_mute", state="on"), Cause.ACTED_UNASKED),
        (HORN, Answer(utterance=ASKS), Cause.ASKED_NOBODY),
        (NOBODY, Answer(utterance=Refusal(), route=("talk", "x")), Cause.WRONG_ROUTE),
        (MANUAL, Answer(utterance=Refusal(), route=("talk", "x")), Cause.WRONG_ROUTE),
        (MANUAL, NOTHING, Cause.WRONG_ROUTE),
        (MANUAL, does("set_mute", state="on"), Cause.ACTED_UNASKED),
        (MANUAL, Answer(utterance=ASKS), Cause.ASKED_NOBODY),
        (FOLLOWING, NOTHING, Cause.CONTEXT),
        (FOLLOWING, does("set_volume", level=75), Cause.CONTEXT),
        (FOLLOWING, does("control_window", position=100), Cause.WRONG_NUMBER),
        (NO, NOTHING, Cause.WRONG_ANSWER),
        (NO, Answer(utterance=Refusal(), reply="yes"), Cause.WRONG_ANSWER),
        (NO, does("set_mute", state="on"), Cause.ACTED_UNASKED),
        (FAN, Answer(utterance=Refusal(), reply="yes"), Cause.REFUSED),
        (INCOMPLETE, does("set_fan_speed", level=1), Cause.ACTED_INCOMPLETE),
        (INCOMPLETE, Answer(utterance=Incomplete(CATALOGUE["set_timer"], "minutes")), Cause.REFUSED),
        (RESULT, Answer(utterance=Plan.of(FIND)), Cause.TOO_LITTLE),
        (FAN, Answer(utterance=Plan.of(*FAN.plan.calls, FIND)), Cause.TOO_MUCH),
        (
            RESULT,
            Answer(utterance=Plan.of(FIND, CATALOGUE.call("navigate_to", destination="atm"))),
            Cause.WRONG_RESULT,
        ),
    ],
)
def test_causes(label: Labelled, answer: Answer, expected: Cause | None) -> None:
    assert cause(Row.of(label, answer)) is expected


def test_two_calls_of_one_function_are_paired_by_what_they_share() -> None:
    both = labelled(
        text="x",
        calls=[
            {"id": 1, "name": "control_window", "arguments": {"position": 50}},
            {"id": 2, "name": "control_window", "arguments": {"position": 100, "window": "passenger"}},
        ],
    )
    got = Plan.of(
        CATALOGUE.call("control_window", position=90, window="passenger"), CATALOGUE.call("control_window", position=50)
    )
    assert cause(Row.of(both, Answer(utterance=got))) is Cause.WRONG_NUMBER


def test_wrong_lines_say_in_short_what_was_wanted_and_got() -> None:
    long = does("send_text_message", recipient="bo", message="one two three four five six seven eight nine")
    rows = [
        Row.of(TEXT, long),
        Row.of(FAN, Answer(utterance=FAN.plan, asks=ASKS, confidence=0.2)),
        Row.of(NO, Answer(utterance=Refusal(), reply="yes")),
        Row.of(MANUAL, NOTHING),
        Row.of(INCOMPLETE, does("set_fan_speed", level=1)),
        Row.of(FAN, Answer(utterance=FAN.plan)),
    ]
    assert [(w.wanted, w.got, w.unwanted) for w in wrong_lines("dev", rows)] == [
        (
            "send_text_message(recipient=bo, message=on my way)",
            "send_text_message(recipient=bo, message=one two three four five ...)",
            False,
        ),
        ("set_fan_speed(level=3)", "ask first: set_fan_speed(level=3)", False),
        ("answer no", "answer yes", False),
        ("to manual", "nothing", False),
        ("ask: set_fan_speed", "set_fan_speed(level=1)", True),
    ]
