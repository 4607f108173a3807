"""Durations in words to exact minutes."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from num2words import num2words

from vehicle_agent.planning.durations import durations, quantity_at, share_at
from vehicle_agent.planning.normalise import normalise


def minutes(text: str) -> list[Fraction]:
    return [d.minutes for d in durations(text.split())]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ten seconds", Fraction(1, 6)),
        ("ninety seconds", Fraction(3, 2)),
        ("a minute and a half", Fraction(3, 2)),
        ("one and a half minutes", Fraction(3, 2)),
        ("two minutes and twenty seconds", Fraction(7, 3)),
        ("two minutes twenty", Fraction(7, 3)),
        ("an hour and a quarter", 75),
        ("an hour and three quarters", 105),
        ("an hour and a half", 90),
        ("hour and a half", 30 + 60),
        ("a quarter of an hour", 15),
        ("three quarters of an hour", 45),
        ("half an hour", 30),
        ("a half hour", 30),
        ("half a minute", Fraction(1, 2)),
        ("one hour twenty", 80),
        ("two hours and five minutes", 125),
        ("one hour two minutes three seconds", 62 + Fraction(1, 20)),
        ("a couple of minutes", 2),
        ("a dozen minutes", 12),
        ("a hundred seconds", Fraction(5, 3)),
        ("one thousand two hundred seconds", 20),
        ("zero point five hours", 30),
        ("one point two five hours", 75),
        ("point five minutes", Fraction(1, 2)),
        ("one point twenty five hours", 75),
        ("two and a quarter hours", 135),
        ("one and three quarter hours", 105),
        ("two days", 2880),
        ("an hour and half a minute", 60 + Fraction(1, 2)),
    ],
)
def test_a_duration(text: str, expected: Fraction | int) -> None:
    assert minutes(text) == [expected]
    (found,) = durations(f"please {text} now".split())
    assert (found.start, found.end) == (1, 1 + len(text.split()))


@pytest.mark.parametrize(
    "text",
    [
        "half past nine", "quarter to six", "a quarter", "fan to three", "two and a half degrees", "the minutes",
        "point",
        "hang on a minute", "just a second", "wait one second", "set a second timer", "one point minutes", "a", "",
    ],
)  # fmt: skip
def test_no_duration(text: str) -> None:
    assert minutes(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("five minutes and ten minutes", [5, 10]),
        ("ten minutes no fifteen minutes", [10, 15]),
        ("ten minutes at twenty percent", [10]),
        ("one hour twenty percent", [60]),
        ("one hour twenty degrees", [60]),
    ],
)
def test_several_and_neighbours(text: str, expected: list[int]) -> None:
    assert minutes(text) == expected


def test_a_list_shares_its_unit_and_says_so() -> None:
    assert [d.listed for d in durations(["five", "and", "ten", "minutes"])] == [True]
    assert [d.listed for d in durations(["timer", "ten", "minutes"])] == [False]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("twelve", 12), ("two and a half", Fraction(5, 2)), ("one point oh five", Fraction(21, 20)), ("half", None)],
)
def test_quantities(text: str, expected: Fraction | int | None) -> None:
    value, end = quantity_at(text.split(), 0)
    assert (value if end else None) == expected


def test_shares() -> None:
    assert share_at(["three", "quarters"], 0) == (Fraction(3, 4), 2)
    assert share_at(["three"], 0) == (Fraction(0), 0)


def words(n: int) -> str:
    return " ".join(num2words(n).replace("-", " ").replace(",", "").split())


@given(st.integers(0, 23), st.integers(0, 59), st.integers(0, 59), st.sampled_from((" ", " and ")))
def test_mixed_units_are_exact(hours: int, mins: int, seconds: int, link: str) -> None:
    parts = [(hours, "hour"), (mins, "minute"), (seconds, "second")]
    said = [f"{words(n)} {unit}{'' if n == 1 else 's'}" for n, unit in parts if n]
    expected = [hours * 60 + mins + Fraction(seconds, 60)] if said else []
    assert minutes(link.join(said)) == expected


@given(st.integers(1, 86_400), st.sampled_from((("seconds", Fraction(1, 60)), ("minutes", Fraction(1)))))
def test_round_trip_with_num2words(n: int, unit: tuple[str, Fraction]) -> None:
    assert minutes(f"{words(n)} {unit[0]}") == [n * unit[1]]


@given(
    st.integers(0, 99),
    st.integers(0, 99),
    st.sampled_from(("{h}:{m:02} h", "{h}h{m:02}min", "{h} h {m} min", "{h}hrs {m}mins", "{h} hours and {m} minutes")),
)
def test_written_hours_and_minutes_are_exact(hours: int, mins: int, form: str) -> None:
    mins %= 60
    text = "timer " + form.format(h=hours, m=mins)
    assert sum(minutes(normalise(text))) == hours * 60 + mins


@given(st.integers(0, 300), st.sampled_from((("½", 2), ("1/2", 2), (" 1/2", 2), ("¼", 4), (" 1/4", 4))))
def test_written_fractions_are_exact(n: int, part: tuple[str, int]) -> None:
    sign, share = part
    whole = str(n) if n or sign[0] == " " else ""
    if sign[0].isdigit() and whole:
        whole += " "
    assert minutes(normalise(f"timer {whole}{sign} hours")) == [60 * n + Fraction(60, share)]


@given(st.integers(0, 500), st.integers(0, 99), st.sampled_from((".", ",")))
def test_written_decimals_are_exact(whole: int, hundredths: int, point: str) -> None:
    text = f"timer for {whole}{point}{hundredths:02} minutes"
    assert minutes(normalise(text)) == [whole + Fraction(hundredths, 100)]
