"""Typed text as a recogniser would have written it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vehicle_agent.planning.listen import MAX_CHARS, MAX_WORDS, Unhearable, utterance
from vehicle_agent.planning.spoken_digits import spoken_numbers


@pytest.mark.parametrize(
    ("typed", "heard"),
    [
        ("Open my window, please!", "open my window please"),
        ("Fan to 3", "fan to three"),
        ("set it to 21.5°C", "set it to twenty one point five degrees"),
        ("50%", "fifty percent"),
        ("alarm at 7:05 pm", "alarm at seven oh five pm"),
        ("alarm at 7:00", "alarm at seven"),
        ("wake me at 18:30", "wake me at eighteen thirty"),
        ("call 5550142", "call five five five oh one four two"),
        ("call 007", "call oh oh seven"),
        ("tune to 98.7", "tune to ninety eight point seven"),
        ("rock & roll", "rock and roll"),
        ("don\u2019t stop", "don't stop"),
        ("caf\u00e9 na\u00efve", "cafe naive"),
        ("'hello' -- world...", "'hello' world"),
        ("  many \t\n spaces ", "many spaces"),
        ("open it \U0001f600\U0001f697", "open it"),
        ("<fn_3> now", "fn three now"),
        ("a\x00b", "a b"),
    ],
)
def test_how_text_is_heard(typed: str, heard: str) -> None:
    assert utterance(typed) == heard


@pytest.mark.parametrize("nothing", ["", "   ", "!?", "\U0001f600", "'", "\x00", "..."])
def test_nothing_is_nothing(nothing: str) -> None:
    with pytest.raises(Unhearable, match="nothing to understand"):
        utterance(nothing)


@pytest.mark.parametrize("foreign", ["открой окно", "窓を開けて", "open 窓を開けてください窓を開けて", "افتح النافذة"])
def test_another_script_is_no_english(foreign: str) -> None:
    with pytest.raises(Unhearable, match="English"):
        utterance(foreign)


def test_too_long_is_told_with_the_limit() -> None:
    for text in ("x" * 10_000, "go " * (MAX_WORDS + 1)):
        with pytest.raises(Unhearable, match="at most"):
            utterance(text)
    assert len(utterance("go " * MAX_WORDS).split()) == MAX_WORDS
    assert utterance("x" * MAX_CHARS)


@given(st.text(max_size=60) | st.text("0123456789.:% abc", max_size=MAX_CHARS))
def test_any_text_is_heard_or_unhearable(text: str) -> None:
    try:
        heard = utterance(text)
    except Unhearable:
        return
    assert set(heard) <= set("abcdefghijklmnopqrstuvwxyz' ")
    assert utterance(heard) == heard


@pytest.mark.parametrize(
    ("spoken", "number"),
    [
        ("dial five five five oh one four two", "5550142"),
        ("dial double five triple oh", "55000"),
        ("ring oh seven seven double oh nine hundred", "07700900"),
        ("dial nine one one", "911"),
        ("call eight hundred five five five twelve thirty four", "8005551234"),
        ("dial forty two", "42"),
        ("dial one two too for", "1224"),
        ("dial 555 0142", "5550142"),
    ],
)
def test_a_spoken_number(spoken: str, number: str) -> None:
    assert spoken_numbers(spoken)[0] == number


@pytest.mark.parametrize("text", ["call mum", "take me to the shop for tea", "", "double trouble"])
def test_words_alone_are_no_number(text: str) -> None:
    assert spoken_numbers(text) == ()


def test_a_homophone_may_or_may_not_be_a_digit() -> None:
    assert set(spoken_numbers("dial for one five")) >= {"415", "15"}


@given(st.lists(st.sampled_from(("zero", "one", "double", "ten", "forty", "hundred", "to", "mum", "9")), max_size=12))
def test_numbers_are_digits_longest_first(words: list[str]) -> None:
    found = spoken_numbers(" ".join(words))
    assert all(n.isdigit() for n in found)
    assert [len(n) for n in found] == sorted((len(n) for n in found), reverse=True)
