"""Misheard words sound alike and never turn one value into another."""

from random import Random

import pytest

pytest.importorskip("pronouncing")
pytest.importorskip("wordfreq")

from models.data.augment import mishear, swallow
from models.data.lines import parse_line
from models.data.meaning import FRAGILE, value_words
from models.data.phonetics import Confusions
from vehicle_apis.catalogue import load_catalogue


@pytest.fixture(scope="module")
def confusions() -> Confusions:
    return Confusions(value_words(load_catalogue(with_packs=False)), FRAGILE)


@pytest.mark.parametrize(
    ("word", "heard"), [("seat", "seed"), ("text", "tex"), ("lock", "lot"), ("reminder", "remind her")]
)
def test_finds_what_sounds_alike(confusions: Confusions, word: str, heard: str) -> None:
    assert heard in confusions.of(word)


def test_unknown_words_stay(confusions: Confusions) -> None:
    assert confusions.of("qzx") == ()
    assert confusions.pick("qzx", Random(1)) == "qzx"


@pytest.mark.parametrize("word", ["sixteen", "left", "ten", "on", "open", "three", "passenger", "off"])
def test_a_value_never_becomes_another_value(confusions: Confusions, word: str) -> None:
    values = value_words(load_catalogue(with_packs=False))
    harmless = {"a", "in", "on", "of", "up"}
    for heard in confusions.of(word):
        assert not (set(heard.split()) & values) - harmless, (word, heard)


def test_copied_words_are_left_alone(confusions: Confusions) -> None:
    line = parse_line(
        "send a text to mason saying the seat is ready => send_text_message recipient=mason | message=the seat is ready"
    )
    for seed in range(60):
        heard = mishear(line, Random(seed), confusions).text
        assert "mason" in heard
        assert heard.endswith("the seat is ready")


def test_swallows_only_small_words() -> None:
    line = parse_line("turn the fan to three => set_fan_speed level=3")
    texts = {swallow(line, Random(seed)).text for seed in range(20)}
    assert texts == {"turn fan to three", "turn the fan three"}
