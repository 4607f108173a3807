"""Spoken names against written ones."""

import pytest

from vehicle_agent.backends.dbus.naming import cleaned, find, folded, words
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


def pick(spoken: str, *names: str) -> str:
    return find(spoken, names, str, kind="contact", where="here")


@pytest.mark.parametrize(
    ("spoken", "names", "meant"),
    [
        # the very name, then the same words, then some of the words, then what sounds like it
        ("mother", ("Mom", "Mother"), "Mother"),
        ("mom", ("Mother", "Mom", "Mama"), "Mom"),
        ("ann", ("Anna Weber", "Ann Ward"), "Ann Ward"),
        ("ann ward", ("Ann Ward", "Ann Ward Junior"), "Ann Ward"),
        ("ann", ("Anna Weber", "Dan Ward"), "Anna Weber"),
        ("dr patel", ("Doctor Patel", "Doctor Patel Senior"), "Doctor Patel"),
        # accents and case are no difference
        ("zoe", ("Zo\u00eb", "Joe"), "Zo\u00eb"),
        ("ZOE", ("zo\u0065\u0308",), "zo\u0065\u0308"),
        ("muller", ("M\u00fcller",), "M\u00fcller"),
        ("strasse", ("Stra\u00dfe",), "Stra\u00dfe"),
        ("jose", ("JOS\u00c9",), "JOS\u00c9"),
        ("\uff41nna", ("Anna",), "Anna"),
        ("anna  weber", ("Anna Weber",), "Anna Weber"),
    ],
)
def test_the_best_kind_of_match_decides(spoken: str, names: tuple[str, ...], meant: str) -> None:
    assert pick(spoken, *names) == meant
    assert pick(spoken, *reversed(names)) == meant
    assert pick(meant, *names) == meant  # what was found is found again


@pytest.mark.parametrize(
    ("spoken", "names", "sentence"),
    [
        ("mum", ("Mom", "Mother"), "Mom and Mother both match mum; say the whole name."),
        ("anna", ("Anna", "ANNA"), "There are 2 contacts called Anna here; give them different names."),
        ("anna", ("Anna Weber", "Anna Weber", "Anna Weber"), "There are 3 contacts called Anna Weber here;"),
        ("jo", ("Jo Ash", "Jo Bay", "Jo Cox", "Jo Day"), "Jo Ash, Jo Bay, Jo Cox and Jo Day all match jo;"),
        (
            "jo",
            ("Jo Ash", "Jo Bay", "Jo Cox", "Jo Day", "Jo Ely"),
            "Jo Ash, Jo Bay, Jo Cox, Jo Day and 1 more all match jo;",
        ),
        ("anna", ("Annan", "Annah"), "Annan and Annah both match anna;"),
        ("", ("Anna",), "There is no contact called"),
        ("\U0001f600", ("Anna", "\U0001f600 Bo"), "There is no contact called"),
    ],
)
def test_equal_matches_are_not_chosen_from(spoken: str, names: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(Impossible) as failure:
        pick(spoken, *names)
    assert str(failure.value).startswith(sentence)


def test_a_long_list_is_searched_soon() -> None:
    names = [
        f"{first}{n} {last}ington" for n, first in enumerate(("Al", "Bernadette", "Jo") * 1000) for last in ("Wor",)
    ]
    with pytest.raises(Impossible):
        pick("zebedee quux", *names)


@pytest.mark.parametrize(
    ("foreign", "clean"),
    [
        ("  Anna\n Weber\t", "Anna Weber"),
        ("Anna\u200b\u202e Weber\x00", "Anna Weber"),
        ("a" * 300, "a" * 100),
        ("", ""),
        (5, ""),
        (None, ""),
        (["Anna"], ""),
    ],
)
def test_foreign_names_are_one_line(foreign: object, clean: str) -> None:
    assert cleaned(foreign) == clean


def test_folding() -> None:
    assert folded("\u00c5NGSTR\u00d6M") == "angstrom"
