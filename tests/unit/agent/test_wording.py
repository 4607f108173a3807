"""Every function has its words and its questions."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from support.calls import CATALOGUE, SPECS, calls
from support.fakes import call

from vehicle_agent.conversation.feedback import clarifying_question
from vehicle_agent.conversation.questions import joined
from vehicle_agent.conversation.wording import doubt_question, in_words
from vehicle_apis.call import Call
from vehicle_apis.codec import Incomplete
from vehicle_apis.ref import Ref
from vehicle_apis.spec import ApiSpec

QUESTIONS = {(spec.name, name): question for spec in SPECS for name, question in spec.questions.items()}
REQUIRED = [(spec.name, name) for spec in SPECS for name in spec.required]
SENTENCES = Path(__file__).parents[2] / "integration" / "sentences.jsonl"


def test_there_is_a_question_for_each_required_parameter_and_no_other() -> None:
    assert sorted(QUESTIONS) == sorted(REQUIRED)


def test_questions_differ() -> None:
    texts = [asked.text for asked in QUESTIONS.values()]
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(("name", "missing"), REQUIRED)
def test_a_question_is_one_short_sentence(name: str, missing: str) -> None:
    text = clarifying_question(Incomplete(CATALOGUE[name], missing))
    assert text == QUESTIONS[name, missing].text
    assert text[0].isupper()
    assert text.endswith("?")
    assert text.count("?") == 1
    assert not set(text) & set("_{}$")
    assert len(text.split()) <= 16


@pytest.mark.parametrize("spec", [s for s in SPECS if s.required], ids=lambda s: s.name)
def test_a_command_that_does_not_say_what_it_lacks_is_asked_for_the_first(spec: ApiSpec) -> None:
    assert clarifying_question(Incomplete(spec)) == QUESTIONS[spec.name, spec.required[0]].text


def test_what_is_not_required_can_be_asked_for_all_the_same() -> None:
    assert clarifying_question(Incomplete(CATALOGUE["set_defroster"], "window")) == (
        "Which window for set defroster: front or rear?"
    )
    assert clarifying_question(Incomplete(CATALOGUE["set_timer"], "label")) == "Which label for set timer?"
    assert clarifying_question(Incomplete(CATALOGUE["get_time"])) == "What exactly do you mean by get time?"


@pytest.mark.parametrize(
    ("command", "name", "missing", "answer", "sentences"),
    [
        ("call", "call_contact", "name", "anna", ("call anna",)),
        ("remind me", "create_reminder", "text", "buy milk", ("remind me to buy milk", "remind me buy milk")),
        ("remind me", "create_reminder", "text", "to buy milk", ("remind me to buy milk",)),
        ("take me to", "navigate_to", "destination", "work", ("take me to work",)),
    ],
)
def test_how_an_answer_is_joined(
    command: str, name: str, missing: str, answer: str, sentences: tuple[str, ...]
) -> None:
    assert joined(command, Incomplete(CATALOGUE[name], missing), answer) == sentences


def test_every_function_has_words() -> None:
    assert not [spec.name for spec in SPECS if not spec.phrase]


@given(calls())
def test_any_valid_call_has_words(wanted: Call) -> None:
    text = in_words(wanted)
    assert text
    assert text == text.strip()
    assert "{" not in text


def _sentences() -> list[dict[str, Any]]:
    return [json.loads(line) for line in SENTENCES.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("row", _sentences(), ids=lambda r: r["name"])
def test_words_are_plain(row: dict[str, Any]) -> None:
    text = in_words(CATALOGUE.call(row["name"], **row["arguments"]))
    assert not set(text) & set("_{}$()=")
    assert 2 <= len(text.split()) <= 14 or row["name"] == "dial_number"


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (call("control_window", position=0, window="all"), "close all windows"),
        (call("control_window", position=50), "open the driver's window to 50 percent"),
        (
            call("set_climate_temperature", temperature=21.5),
            "set the temperature for the driver to 21.5 degrees celsius",
        ),
        (call("set_door_locks", state="unlock", door="rear_left"), "unlock the rear left door"),
        (call("send_text_message", recipient="mum", message="on my way"), "text mum: on my way"),
        (call("send_text_message", recipient="mum", message=Ref(1)), "text mum: what I find out"),
        (call("navigate_to", destination=Ref(1)), "drive to the place I find"),
        (call("adjust_seat_position", direction="recline"), "recline the driver's seat"),
        (call("operate_sunroof", action="open", intensity=40), "open the sunroof by 40 percent"),
        (call("set_child_lock", state="on", side="left"), "switch the child lock on the left on"),
        (call("set_speed_warning", speed=0), "turn the speed warning off"),
    ],
    ids=str,
)
def test_words(wanted: Call, words: str) -> None:
    assert in_words(wanted) == words


def test_a_plan_is_asked_about_as_a_whole() -> None:
    fan, light, window = call("set_fan_speed", level=5), call("set_fog_lights", state="on"), call("wash_windshield")
    assert doubt_question([fan]) == "Did you mean: set the fan to 5?"
    assert doubt_question([fan, light]) == "Did you mean: set the fan to 5 and turn the front fog lights on?"
    assert doubt_question([fan, light, window]) == (
        "Did you mean: set the fan to 5, turn the front fog lights on and wash the windshield?"
    )
