"""Text as the model was trained to read it: lower case, no punctuation, numbers as words."""

import re
import unicodedata
from typing import Final

from num2words import num2words

MAX_WORDS: Final = 80
MAX_CHARS: Final = 600

_TIME = re.compile(r"\b(\d{1,2})[:.h](\d{2})(?=\s*(?:am|pm|a\.m\.|p\.m\.|o'clock)?\b)(?!\.\d)")
_NUMBER = re.compile(r"\d{1,15}(?:\.\d{1,15})?")  # longer ones are no numbers anybody says
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


def _clock(match: re.Match[str]) -> str:
    hours, minutes = int(match.group(1)), int(match.group(2))
    if hours > 23 or minutes > 59:
        return match.group()
    if minutes == 0:
        return f" {num2words(hours)} "
    return f" {num2words(hours)} {'oh ' if minutes < 10 else ''}{num2words(minutes)} "


def _words_of(match: re.Match[str]) -> str:
    digits = match.group()
    if "." not in digits and (len(digits) > 4 or (digits.startswith("0") and len(digits) > 1)):
        return " " + " ".join("oh" if d == "0" else num2words(int(d)) for d in digits) + " "
    return f" {num2words(float(digits) if '.' in digits else int(digits))} "


def utterance(text: str) -> str:
    """``text`` (typed or recognised) in the recogniser's style. Raises Unhearable with a sentence for the user."""
    if len(text) > MAX_CHARS:
        raise Unhearable(f"that is {len(text)} characters long; say it in at most {MAX_CHARS}")
    plain = unicodedata.normalize("NFKD", text.replace("\u2019", "'"))
    plain = "".join(c for c in plain if not unicodedata.combining(c)).lower()
    for symbol, spoken in _SYMBOLS.items():
        plain = plain.replace(symbol, spoken)
    plain = _NUMBER.sub(_words_of, _TIME.sub(_clock, plain))
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
