"""Text as the model was trained to read it: lower case, no punctuation, numbers as words."""

import re
import unicodedata
from typing import Final

from vehicle_agent.planning.written_numbers import Unreadable, plain_signs, spoken

MAX_WORDS: Final = 80
MAX_CHARS: Final = 600

_NOT_SPOKEN = re.compile(r"[^a-z' ]+")
_SYMBOLS: Final = {
    "%": " percent ",
    "°c": " degrees ",
    "°f": " degrees fahrenheit ",
    "°": " degrees ",
    "&": " and ",
    "+": " plus ",
}


class Unhearable(ValueError):
    """The text is no utterance: empty, far too long, or without a word of English letters."""


def normalise(text: str) -> str:
    """``text`` (typed or recognised) in the recogniser's style. Raises Unhearable with a sentence for the user."""
    if len(text) > MAX_CHARS:
        raise Unhearable(f"that is {len(text)} characters long; say it in at most {MAX_CHARS}")
    try:
        plain = unicodedata.normalize("NFKD", plain_signs(text.replace("\u2019", "'")))
        plain = "".join(c for c in plain if not unicodedata.combining(c)).lower()
        for symbol, said in _SYMBOLS.items():
            plain = plain.replace(symbol, said)
        plain = spoken(plain)
    except Unreadable as e:
        raise Unhearable(str(e)) from e
    letters = sum(c.isalpha() for c in plain)
    english = sum("a" <= c <= "z" for c in plain)
    if english == 0 or english < letters / 2:
        raise Unhearable(
            "I understand English only, and found no English words" if letters else "there was nothing to understand"
        )
    words = [word for word in _NOT_SPOKEN.sub(" ", plain).split() if word.strip("'")]
    if not words:
        raise Unhearable("there was nothing to understand")
    if len(words) > MAX_WORDS:
        raise Unhearable(f"that is {len(words)} words long; say it in at most {MAX_WORDS}")
    return " ".join(words)
