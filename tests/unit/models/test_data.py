"""Training data: spoken values, slots, labels, and the checks."""

from random import Random

import pytest

from models.data import words
from models.data.augment import can_lead, compound, speak
from models.data.example import to_example
from models.data.lines import BadLine, Line, RawCall, parse_line, read_lines
from models.data.slots import fill, load_lexicons
from models.data.verify import complaints
from models.paths import SENTENCES
from vehicle_apis.catalogue import load_catalogue

LEXICONS = {"contact": ["the office", "anna"], "message": ["the door is open"], "place": ["ikea"]}


@pytest.mark.parametrize(
    ("n", "spoken"),
    [
        (0, "zero"),
        (21, "twenty one"),
        (100, "one hundred"),
        (105, "one hundred and five"),
        (1008, "one thousand and eight"),
    ],
)
def test_cardinals(n: int, spoken: str) -> None:
    assert words.cardinal(n) == spoken


def test_spoken_values_stay_in_range_and_have_no_digits() -> None:
    rng = Random(3)
    for _ in range(500):
        number = words.number(16, 30, 0.5, rng)
        assert 16 <= float(number.value) <= 30
        duration = words.duration(2, 60, rng)
        assert 2 <= float(duration.value) <= 60
        clock = words.clock(rng)
        assert len(clock.value) == 5
        for spoken in (number, duration, clock, words.frequency_am(rng), words.frequency_fm(rng), words.phone(rng)):
            assert not any(c.isdigit() for c in spoken.words), spoken


def test_a_line_parses_into_calls_refusals_and_questions() -> None:
    line = parse_line("find coffee and go => find_nearby category=coffee ; navigate_to destination=$1")
    assert [c.name for c in line.calls] == ["find_nearby", "navigate_to"]
    assert parse_line("stop the car => -").calls == ()
    assert parse_line("call => ? call_contact name").clarify == ("call_contact", "name")
    with pytest.raises(BadLine):
        parse_line("no label here")


def test_slots_are_filled_alike_on_both_sides_and_articles_leave_names_only() -> None:
    line = parse_line("text {contact} that {message} => send_text_message recipient={contact} | message={message}")
    filled = fill(line, {**LEXICONS, "contact": ["the office"]}, Random(1), correct=False)
    assert filled.text == "text the office that the door is open"
    assert filled.calls[0].arguments == (("recipient", "office"), ("message", "the door is open"))


def test_the_output_is_what_the_codec_writes() -> None:
    catalogue = load_catalogue(with_packs=False)
    line = parse_line("twenty one for the passenger => set_climate_temperature temperature=21 | zone=passenger")
    example = to_example(line, catalogue)
    assert example.pieces == ("<fn_0>", "21", "<arg_1>", " passenger", "<end>")


def test_a_result_is_an_argument_of_the_call_after_it() -> None:
    line = parse_line("find a cafe and take me there => find_nearby category=coffee ; navigate_to destination=$1")
    example = to_example(line, load_catalogue(with_packs=False))
    assert example.pieces == ("<fn_56>", " coffee", "<fn_53>", "<ref_1>", "<end>")


def test_the_writers_labels_are_valid_calls() -> None:
    """A label that is none would be left out of the training without a word."""
    catalogue = load_catalogue(with_packs=False)
    rng = Random(1)
    for line in read_lines(SENTENCES):
        to_example(fill(line, load_lexicons(), rng, correct=False), catalogue)


def test_a_compound_shifts_references() -> None:
    first = parse_line("open the boot => operate_trunk action=open")
    second = parse_line("take me to a cafe => find_nearby category=coffee ; navigate_to destination=$1")
    joined = compound([first, second], Random(1))
    assert joined.calls[2].arguments == (("destination", "$2"),)


def test_open_wording_cannot_be_followed_by_another_wish() -> None:
    assert not can_lead(parse_line("remind me to buy milk => create_reminder text=buy milk"))


def test_speech_effects_keep_copied_values_whole() -> None:
    line = parse_line("call my brother john please => call_contact name=brother john")
    rng = Random(0)
    for _ in range(300):
        assert not list(complaints(speak(line, rng)))


@pytest.mark.parametrize(
    "line",
    [
        Line("turn it off", (RawCall("set_climate_sync", (("state", "on"),)),)),
        Line("call anna", (RawCall("call_contact", (("name", "peter"),)),)),
        Line("wake me", (RawCall("set_alarm", (("time", "07:00"),)),)),
        Line("make it warm", (RawCall("set_climate_temperature", (("temperature", "23"),)),)),
    ],
)
def test_labels_that_cannot_come_from_the_text_are_rejected(line: Line) -> None:
    assert list(complaints(line))
