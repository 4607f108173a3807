"""Misheard words: proportions, determinism, and what may be written for what."""

from collections import Counter
from random import Random

import pytest

from models.compare.word_errors import Confuser, mishear

SOUNDS: dict[str, list[tuple[str, ...]]] = {
    "two": [("T", "UW")], "to": [("T", "UW")], "do": [("D", "UW")], "seat": [("S", "IY", "T")],
    "seed": [("S", "IY", "D")], "sit": [("S", "IH", "T")], "defroster": [("D", "AH", "F", "R", "AO", "S", "T", "ER")],
    "the": [("D", "AH")], "froster": [("F", "R", "AO", "S", "T", "ER")], "moon": [("M", "UW", "N")],
    "rare": [("T", "UW")], "seeds": [("S", "IY", "D", "Z")],
}  # fmt: skip
ZIPF = {"two": 6.0, "to": 7.0, "do": 6.5, "seat": 5.0, "seed": 4.5, "sit": 5.0, "the": 7.5, "froster": 4.6, "rare": 1.0,
        "moon": 5.0, "seeds": 4.0}  # fmt: skip
CONFUSER = Confuser(SOUNDS, ZIPF)


def weights(word: str) -> dict[str, float]:
    return {c.words: c.weight for c in CONFUSER.candidates(word)}


def test_what_sounds_alike_is_likelier_than_what_sounds_similar() -> None:
    found = weights("two")
    assert found["to"] > found["do"] > 0
    assert "two" not in found
    assert "rare" not in found, "a word nobody writes"
    assert "moon" not in found


def test_two_words_may_be_heard_for_one() -> None:
    assert "the froster" in weights("defroster")


def test_a_name_without_pronunciation_becomes_a_word_spelled_like_it() -> None:
    assert "seeds" in weights("seedz")
    assert CONFUSER.candidates("qqq") == ()


def test_the_same_seed_gives_the_same_errors_and_none_are_made_at_rate_zero() -> None:
    text = "two seat to the moon"
    assert mishear(text, 0.5, CONFUSER, Random(3)) == mishear(text, 0.5, CONFUSER, Random(3))
    clean = mishear(text, 0.0, CONFUSER, Random(3))
    assert (clean.text, clean.words, clean.errors) == (text, 5, 0)


def test_about_as_many_errors_as_asked_for_in_the_usual_proportions() -> None:
    text = " ".join(["seat", "two", "moon", "do"] * 10)
    kinds: Counter[str] = Counter()
    errors = 0
    for seed in range(200):
        heard = mishear(text, 0.1, CONFUSER, Random(seed))
        errors += heard.errors
        kinds["longer" if len(heard.text.split()) > heard.words else "not"] += 1
    assert 0.09 < errors / (200 * 40) < 0.11


@pytest.mark.parametrize("seed", range(20))
def test_a_sentence_never_becomes_empty(seed: int) -> None:
    assert mishear("seat", 1.0, CONFUSER, Random(seed)).text
    assert mishear("seat two", 1.0, CONFUSER, Random(seed)).text
