"""Typed text as a recogniser would have written it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vehicle_agent.planning.normalise import MAX_CHARS, MAX_WORDS, Unhearable, normalise
from vehicle_agent.planning.said_numbers import said_numbers
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
        # numbers as people write them
        ("set it to 20.50", "set it to twenty point five"),
        ("heat to 24.0", "heat to twenty four"),
        ("temperature 19 1/2", "temperature nineteen and a half"),
        ("temperature 19\u00bd", "temperature nineteen and a half"),
        ("temperature 21,5", "temperature twenty one point five"),
        ("1,000 metres", "one thousand metres"),
        ("1,234.5 metres", "one thousand two hundred and thirty four point five metres"),
        ("5'000 metres", "five thousand metres"),
        ("open it \u00bd", "open it half"),
        ("window 3/4 down", "window three quarters down"),
        ("2/3 open", "two thirds open"),
        ("timer 2\u00bd min", "timer two and a half minutes"),
        ("timer 1/2 an hour", "timer half an hour"),
        ("timer 3/4 hour", "timer three quarters of an hour"),
        ("a 1/4 of an hour", "a a quarter of an hour"),
        ("timer 1:15 h", "timer one hour and fifteen minutes"),
        ("timer 0:45 h", "timer forty five minutes"),
        ("timer 3:20 min", "timer three minutes and twenty seconds"),
        ("timer 1h30", "timer one hour and thirty minutes"),
        ("timer 2 h 5 m", "timer two hours and five minutes"),
        ("timer 10:00", "timer ten minutes"),
        ("timer 0:00 h", "timer zero hours"),
        ("timer 90s", "timer ninety seconds"),
        ("timer 1 hr 5 mins", "timer one hour five minutes"),
        ("timer 11 h", "timer eleven hours"),
        ("timer .5 h", "timer zero point five hours"),
        ("timer until 7:30", "timer until seven thirty"),
        ("alarm at 18h30", "alarm at eighteen thirty"),
        ("alarm at 18h", "alarm at eighteen"),
        ("alarm at 7.30 pm", "alarm at seven thirty pm"),
        ("wake me at 6.45", "wake me at six forty five"),
        ("heating at 20.50", "heating at twenty point five"),
        ("temp 72F", "temp seventy two degrees fahrenheit"),
        ("temp 72 \u00b0F", "temp seventy two degrees fahrenheit"),
        ("temp 23 \u00b0C", "temp twenty three degrees"),
        ("temp 21C", "temp twenty one degrees"),
        ("22\u00ba", "twenty two degrees"),
        ("navigate to gate 12c", "navigate to gate twelve c"),
        ("bass -3", "bass minus three"),
        ("bass \u22123", "bass minus three"),
        ("bass +2", "bass plus two"),
        ("50 %", "fifty percent"),
        ("130 km/h and 70mph", "one hundred and thirty kilometres an hour and seventy miles an hour"),
        ("20mm", "twenty millimetres"),
        ("the 1st and 22nd", "the first and twenty second"),
        ("play 80s music", "play eighties music"),
        ("call 555-0142", "call five five five oh one four two"),
        ("call 911", "call nine one one"),
        ("call (020) 7946 0958", "call oh two oh seven nine four six oh nine five eight"),
        ("call bob at 7 30", "call bob at seven thirty"),
        ("level #2", "level two"),
    ],
)
def test_how_text_is_heard(typed: str, heard: str) -> None:
    assert normalise(typed) == heard


@pytest.mark.parametrize("nothing", ["", "   ", "!?", "\U0001f600", "'", "\x00", "..."])
def test_nothing_is_nothing(nothing: str) -> None:
    with pytest.raises(Unhearable, match="nothing to understand"):
        normalise(nothing)


@pytest.mark.parametrize("foreign", ["открой окно", "窓を開けて", "open 窓を開けてください窓を開けて", "افتح النافذة"])
def test_another_script_is_no_english(foreign: str) -> None:
    with pytest.raises(Unhearable, match="English"):
        normalise(foreign)


@pytest.mark.parametrize(
    "text",
    [
        "set it to 20-22", "for 10 - 15 minutes", "20\u201322 degrees", "between 7:00-8:00", "on 12/05",
        "on 12.05.2024",
        "on 2024-05-12", "open 1/8", "volume 1_0", "volume 1e1", "volume 0x10", "timer 1:75", "timer 1:75 h",
        "volume \uff15\uff10", "volume \u096b\u0966", "volume \u0665", "m\u00b2", "slot \u2161",
    ],
)  # fmt: skip
def test_digits_that_mean_nothing_certain_are_told_and_not_guessed(text: str) -> None:
    with pytest.raises(Unhearable, match=r"say|digits 0 to 9"):
        normalise(text)


def test_too_long_is_told_with_the_limit() -> None:
    for text in ("x" * 10_000, "go " * (MAX_WORDS + 1)):
        with pytest.raises(Unhearable, match="at most"):
            normalise(text)
    assert len(normalise("go " * MAX_WORDS).split()) == MAX_WORDS
    assert normalise("x" * MAX_CHARS)


@given(st.text(max_size=60) | st.text("0123456789.:% abc", max_size=MAX_CHARS))
def test_any_text_is_heard_or_unhearable(text: str) -> None:
    try:
        heard = normalise(text)
    except Unhearable:
        return
    assert set(heard) <= set("abcdefghijklmnopqrstuvwxyz' ")
    assert normalise(heard) == heard


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


NUMERIC = st.text("0123456789.,:/-+'%½¼ _hmsCFap°", max_size=24)


@given(NUMERIC, st.sampled_from(("timer {} please", "set it to {}", "wake me at {}", "call {}", "{} x")))
def test_any_digits_are_heard_or_unhearable(digits: str, sentence: str) -> None:
    try:
        heard = normalise(sentence.format(digits))
    except Unhearable:
        return
    assert set(heard) <= set("abcdefghijklmnopqrstuvwxyz' ")
    assert normalise(heard) == heard


@given(st.integers(0, 9999))
def test_a_whole_number_is_heard_as_itself(n: int) -> None:
    assert said_numbers(normalise(f"set it to {n} please")) == (n,)
