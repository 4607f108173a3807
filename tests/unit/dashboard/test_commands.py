"""What a page may send, and what it is told when it sends something else."""

import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.dashboard.commands import MAX_COMMAND_BYTES, BadCommand, Speed, command_id, known, parse_command

GOOD: list[dict[str, object]] = [
    {"do": "set", "name": "gear", "value": "D"},
    {"do": "set", "name": "rain", "value": True, "id": 4},
    {"do": "speed", "kmh": 50},
    {"do": "say", "text": "open my window halfway"},
    {"do": "call", "name": "set_fan_speed", "arguments": {"level": 3}},
    {"do": "answer", "question": 1, "yes": False},
    {"do": "cancel"},
    {"do": "undo"},
    {"do": "inject", "fault": "silence Gear"},
    {"do": "clear"},
    {"do": "watch", "bus": True},
]
BAD = [
    "",
    "nonsense",
    "[]",
    "null",
    "3",
    '"speed"',
    "{}",
    "[" * 100_000,
    '{"do": "drive"}',
    '{"do": 3}',
    '{"do": "speed"}',
    '{"do": "speed", "kmh": -1}',
    '{"do": "speed", "kmh": 1e9}',
    '{"do": "speed", "kmh": "50"}',
    '{"do": "speed", "kmh": NaN}',
    '{"do": "speed", "kmh": Infinity}',
    '{"do": "say", "text": ""}',
    json.dumps({"do": "say", "text": "a" * 501}),
    '{"do": "answer", "question": 1, "yes": "no"}',
    '{"do": "answer", "question": "1", "yes": true}',
    '{"do": "set", "name": "gear", "value": {"a": 1}}',
    '{"do": "set", "name": "gear", "value": "D", "extra": 1}',
    '{"do": "call", "name": "set_fan_speed", "arguments": [1]}',
    json.dumps({"do": "inject", "fault": "x" * (MAX_COMMAND_BYTES + 1)}),
]


@pytest.mark.parametrize("document", GOOD, ids=[str(d["do"]) for d in GOOD])
def test_every_command_is_understood(document: dict[str, object]) -> None:
    assert parse_command(json.dumps(document)).model_dump(exclude_unset=True) == document


def test_every_word_has_an_example_here() -> None:
    assert {str(d["do"]) for d in GOOD} == set(known())


@pytest.mark.parametrize("text", BAD, ids=[t[:40] for t in BAD])
def test_anything_else_is_answered_with_one_sentence(text: str) -> None:
    with pytest.raises(BadCommand) as caught:
        parse_command(text)
    assert 10 < len(str(caught.value)) < 300
    assert "\n" not in str(caught.value)


def test_the_sentence_names_command_field_and_limit() -> None:
    with pytest.raises(BadCommand, match=r"^speed: kmh: input should be less than or equal to 250$"):
        parse_command('{"do": "speed", "kmh": 251}')
    assert parse_command('{"do": "speed", "kmh": 250}') == Speed(do="speed", kmh=250)


@settings(max_examples=60)
@given(st.text() | st.binary())
def test_no_input_raises_anything_else(text: str | bytes) -> None:
    with pytest.raises(BadCommand):
        parse_command(text)
    assert command_id(text) == 0


_leaves = st.none() | st.booleans() | st.integers() | st.text(max_size=9)


@settings(max_examples=50)
@given(_leaves | st.lists(_leaves, max_size=3) | st.dictionaries(st.text(max_size=9), _leaves, max_size=3))
def test_no_json_raises_anything_else(value: object) -> None:
    for document in (value, {"do": "set", "name": value}, {"do": value}, {"id": value, "do": "cancel"}):
        with suppress(BadCommand):  # a hundredth of them are commands
            parse_command(json.dumps(document))


def test_a_wrong_command_still_has_its_number() -> None:
    assert command_id('{"do": "drive", "id": 7}') == 7
    assert command_id('{"do": "drive", "id": true}') == 0
