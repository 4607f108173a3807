"""Spoken names against written ones."""

import pytest

from vehicle_agent.backends.dbus.naming import find, words
from vehicle_agent.errors import Impossible

BOOK = ("Mom", "Dad", "Sarah Lind", "Dan Ward", "Ann Ward", "Doctor Patel", "Chris Baker", "Chris Young", "Ben's Phone")


def who(spoken: str) -> str:
    return find(spoken, BOOK, str, kind="contact", where="here")


@pytest.mark.parametrize(
    ("spoken", "meant"),
    [
        ("mum", "Mom"),
        ("my mother", "Mom"),
        ("DAD", "Dad"),
        ("sarah", "Sarah Lind"),
        ("sara", "Sarah Lind"),
        ("lind", "Sarah Lind"),
        ("dr. patel", "Doctor Patel"),
        ("dan", "Dan Ward"),
        ("ann", "Ann Ward"),
        ("chris young", "Chris Young"),
        ("bens phone", "Ben's Phone"),
        ("ben’s phone", "Ben's Phone"),  # noqa: RUF001 # the apostrophe phones write
    ],
)
def test_is_found(spoken: str, meant: str) -> None:
    assert who(spoken) == meant


@pytest.mark.parametrize("spoken", ["zoe", "the", "don't", "dad's boss"])
def test_is_not_guessed(spoken: str) -> None:
    with pytest.raises(Impossible, match="There is no contact called"):
        who(spoken)


def test_several_matches_are_reported() -> None:
    with pytest.raises(Impossible, match="Chris Baker and Chris Young both match chris; say the whole name"):
        who("chris")
    with pytest.raises(Impossible, match="Dan Ward and Ann Ward both match ward"):
        who("ward")


def test_three_matches_are_listed() -> None:
    with pytest.raises(Impossible, match="Jo Ash, Jo Birch and Jo Cole all match jo"):
        find("jo", ["Jo Ash", "Jo Birch", "Jo Cole"], str, kind="contact", where="here")


def test_an_exact_name_wins_over_a_longer_one() -> None:
    assert find("alex", ["Alex", "Alex Smith"], str, kind="profile", where="here") == "Alex"


def test_words_are_normal() -> None:
    assert words("The Dr. O'Hara") == ("doctor", "ohara")
    assert words("the") == ("the",)
